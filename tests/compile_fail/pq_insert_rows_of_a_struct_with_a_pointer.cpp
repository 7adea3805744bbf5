// error: a value is written as bool, a number, text, bytes, nullptr, or std::optional of one of these
// error: specialise lakebase::pq::TypeText for other types
// errors: 1
#include <optional>
#include <vector>

#include <lakebase/pq/pq.hpp>

struct Place {
  int id = 0;
#ifdef WRONG
  int* what{};
#else
  std::optional<int> what{};
#endif
  template <class Field>
  static constexpr void describe(Field&& field) {
    field("id", &Place::id);
    field("what", &Place::what);
  }
};
void use(lakebase::pq::Connection& connection, std::vector<Place> const& places) {
  connection.insert_rows("places", places);
}
