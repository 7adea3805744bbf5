// error: a value is written as bool, a number, text, bytes, nullptr, or std::optional of one of these
// error: specialise lakebase::pq::TypeText for other types
// errors: 1
#include <lakebase/pq/pq.hpp>

struct Point {
  double x, y;
};
void use(lakebase::pq::CopyIn& copy, Point const& point) {
#ifdef WRONG
  copy.row(1, point);
#else
  copy.row(1, point.x, point.y);
#endif
}
