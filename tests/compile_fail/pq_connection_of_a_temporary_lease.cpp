// error: keep the Lease in a variable: its connection goes back with it
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::ConnectionPool& pool) {
#ifdef WRONG
  auto& connection = *pool.acquire();
#else
  auto const lease = pool.acquire();
  auto& connection = *lease;
#endif
  connection.exec("SELECT 1");
}
