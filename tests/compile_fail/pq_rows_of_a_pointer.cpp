// error: a value is read as bool, a number, std::string, std::string_view, or std::optional of one of these
// error: specialise lakebase::pq::TypeText for other types
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Result const& result) {
#ifdef WRONG
  for (auto const& row : result.rows<int const*>()) static_cast<void>(row);
#else
  for (auto const& row : result.rows<int>()) static_cast<void>(row);
#endif
}
