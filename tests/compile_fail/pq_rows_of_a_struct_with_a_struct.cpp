// error: a value is read as bool, a number, std::string, std::string_view, or std::optional of one of these
// error: specialise lakebase::pq::TypeText for other types
// errors: 1
#include <lakebase/pq/pq.hpp>

struct Point {
  double x, y;
};
struct Place {
  int id = 0;
#ifdef WRONG
  Point what{};
#else
  double what{};
#endif
  template <class Field>
  static constexpr void describe(Field&& field) {
    field("id", &Place::id);
    field("what", &Place::what);
  }
};
void use(lakebase::pq::Result const& result) {
  for (auto const& row : result.rows<Place>()) static_cast<void>(row);
}
