// error: a value is read as bool, a number, std::string, std::string_view, or std::optional of one of these
// error: specialise lakebase::pq::TypeText for other types
// errors: 1
#include <lakebase/pq/pq.hpp>

struct Point {
  double x, y;
};
void use(lakebase::pq::Connection& connection) {
#ifdef WRONG
  static_cast<void>(connection.query_value<Point>("SELECT 1"));
#else
  static_cast<void>(connection.query_value<double>("SELECT 1"));
#endif
}
