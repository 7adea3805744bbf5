// error: a Param is made of bool, a number, text, Bytes, nullptr or std::optional
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Connection& connection, int const* number) {
#ifdef WRONG
  connection.exec("SELECT $1", {number});
#else
  connection.exec("SELECT $1", {*number});
#endif
}
