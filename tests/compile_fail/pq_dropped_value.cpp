// error: nodiscard
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Row const& row) {
#ifdef WRONG
  row[0].as<int>();
#else
  auto const kept = row[0].as<int>();
  static_cast<void>(kept);
#endif
}
