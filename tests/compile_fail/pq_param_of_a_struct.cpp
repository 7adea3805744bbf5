// error: a Param is made of bool, a number, text, Bytes, nullptr or std::optional
// errors: 1
#include <lakebase/pq/pq.hpp>

struct Point {
  double x, y;
};
void use(lakebase::pq::Connection& connection, Point const& point) {
#ifdef WRONG
  connection.exec("SELECT $1", {point});
#else
  connection.exec("SELECT $1", {point.x});
#endif
}
