// error: pool.run calls its function with a Transaction&: [](lakebase::pq::Transaction& tx) { ... }
// errors: 1
#include <lakebase/pq/pq.hpp>

int use(lakebase::pq::ConnectionPool& pool) {
#ifdef WRONG
  return pool.run([](int number) { return number; });
#else
  return pool.run([](lakebase::pq::Transaction&) { return 1; });
#endif
}
