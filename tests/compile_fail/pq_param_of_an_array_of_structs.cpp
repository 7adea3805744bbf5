// error: a Param is made of bool, a number, text, Bytes, nullptr or std::optional; see TypeText
// errors: 1
#include <vector>

#include <lakebase/pq/pq.hpp>

struct Point {
  double x, y;
};
void use(lakebase::pq::Connection& connection, std::vector<Point> const& points) {
#ifdef WRONG
  connection.exec("SELECT $1", {1, points});
#else
  connection.exec("SELECT $1", {1, points.front().x});
#endif
}
