// error: pool.run calls its function with a Transaction&: [](lakebase::pq::Transaction& tx) { ... }
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::ConnectionPool& pool) {
#ifdef WRONG
  pool.run([] {});
#else
  pool.run([](lakebase::pq::Transaction& tx) { tx.exec("SELECT 1"); });
#endif
}
