// error: specialise lakebase::pq::TypeText for other types
// errors: 1
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/pq/pq.hpp>

void read(lakebase::pq::Row const& row) {
#ifdef WRONG
  static_cast<void>(row[0].as<std::vector<std::string_view>>());
#else
  static_cast<void>(row[0].as<std::vector<std::string>>());
#endif
}
