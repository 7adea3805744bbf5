// error: nodiscard
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Connection& connection) {
#ifdef WRONG
  connection.pipeline();
#else
  auto const kept = connection.pipeline();
  static_cast<void>(kept);
#endif
}
