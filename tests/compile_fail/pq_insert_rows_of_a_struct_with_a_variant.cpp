// error: which of its types a std::variant holds is not guessed: write that, by std::visit, or specialise
// errors: 1
#include <optional>
#include <variant>
#include <vector>

#include <lakebase/pq/pq.hpp>

struct Place {
  int id = 0;
#ifdef WRONG
  std::variant<int, bool> what{};
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
