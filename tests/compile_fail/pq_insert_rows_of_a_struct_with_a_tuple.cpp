// error: a std::tuple does not tell the name of its composite type: use copy_in, which needs none
// errors: 1
#include <string>
#include <tuple>
#include <vector>

#include <lakebase/pq/pq.hpp>

struct Place {
  int id = 0;
  std::tuple<int, std::string> what{};
  template <class Field>
  static constexpr void describe(Field&& field) {
    field("id", &Place::id);
    field("what", &Place::what);
  }
};

void use(lakebase::pq::Connection& connection, std::vector<Place> const& places) {
#ifdef WRONG
  connection.insert_rows("places", places);
#else
  connection.copy_in("places", places);
#endif
}
