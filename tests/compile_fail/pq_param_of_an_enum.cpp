// error: a Param is made of bool, a number, text, Bytes, nullptr or std::optional
// errors: 1
#include <lakebase/pq/pq.hpp>

enum Colour { red, green };
void use(lakebase::pq::Connection& connection, Colour colour) {
#ifdef WRONG
  connection.exec("SELECT $1", {colour});
#else
  connection.exec("SELECT $1", {static_cast<int>(colour)});
#endif
}
