// error: a Param is made of bool, a number, text, Bytes, nullptr or std::optional
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Connection& connection, char letter) {
#ifdef WRONG
  connection.exec("SELECT $1", {letter});
#else
  connection.exec("SELECT $1", {std::string{letter}});
#endif
}
