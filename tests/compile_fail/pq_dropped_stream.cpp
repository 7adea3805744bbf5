// error: nodiscard
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Connection& connection) {
#ifdef WRONG
  connection.stream("SELECT 1");
#else
  auto const kept = connection.stream("SELECT 1");
  static_cast<void>(kept);
#endif
}
