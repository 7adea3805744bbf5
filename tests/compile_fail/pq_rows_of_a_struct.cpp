// error: a value is read as bool, a number, std::string, std::string_view, or std::optional of one of these
// error: specialise lakebase::pq::TypeText for other types
// errors: 1
#include <lakebase/pq/pq.hpp>

struct Point {
  double x, y;
};
void use(lakebase::pq::Result const& result) {
#ifdef WRONG
  for (auto const& row : result.rows<int, Point>()) static_cast<void>(row);
#else
  for (auto const& row : result.rows<int, double>()) static_cast<void>(row);
#endif
}
