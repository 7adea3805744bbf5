// error: a value is written as bool, a number, text, bytes, nullptr, or std::optional of one of these
// error: specialise lakebase::pq::TypeText for other types
// errors: 1
#include <vector>

#include <lakebase/pq/pq.hpp>

struct Point {
  double x, y;
};
void use(lakebase::pq::CopyIn& copy, std::vector<Point> const& points) {
#ifdef WRONG
  copy.row(1, points);
#else
  copy.row(1, points.front().x);
#endif
}
