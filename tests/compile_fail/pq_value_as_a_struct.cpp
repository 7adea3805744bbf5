// error: a value is read as bool, a number, std::string, std::string_view, or std::optional of one of these
// errors: 1
#include <optional>

#include <lakebase/pq/pq.hpp>

struct Point {
  double x, y;
};

void read(lakebase::pq::Row const& row) {
#ifdef WRONG
  static_cast<void>(row[0].as<std::optional<Point>>());
#else
  static_cast<void>(row[0].as<std::optional<double>>());
#endif
}
