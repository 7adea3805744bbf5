// error: nodiscard
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Connection& connection) {
#ifdef WRONG
  connection.begin();
#else
  auto const kept = connection.begin();
  static_cast<void>(kept);
#endif
}
