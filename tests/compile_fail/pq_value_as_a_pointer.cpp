// error: a value is read as bool, a number, std::string, std::string_view, or std::optional of one of these
// error: specialise lakebase::pq::TypeText for other types
// errors: 1
#include <optional>

#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Row const& row) {
#ifdef WRONG
  static_cast<void>(row[0].as<int*>());
#else
  static_cast<void>(row[0].as<std::optional<int> >());
#endif
}
