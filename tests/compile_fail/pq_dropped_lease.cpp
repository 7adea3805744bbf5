// error: nodiscard
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::ConnectionPool& pool) {
#ifdef WRONG
  pool.acquire();
#else
  auto const kept = pool.acquire();
  static_cast<void>(kept);
#endif
}
