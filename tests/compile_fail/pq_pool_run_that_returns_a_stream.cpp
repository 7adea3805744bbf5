// error: use it inside of the function, and return what was read
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::ConnectionPool& pool) {
#ifdef WRONG
  pool.run([](lakebase::pq::Transaction& tx) { return tx.stream("SELECT 1"); });
#else
  pool.run([](lakebase::pq::Transaction& tx) { return tx.exec("SELECT 1"); });
#endif
}
