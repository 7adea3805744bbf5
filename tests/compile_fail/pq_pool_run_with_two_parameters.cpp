// error: pool.run calls its function with a Transaction&: [](lakebase::pq::Transaction& tx) { ... }
// errors: 1
#include <lakebase/pq/pq.hpp>

int use(lakebase::pq::ConnectionPool& pool) {
#ifdef WRONG
  int const one = pool.run([](lakebase::pq::Transaction&, int number) { return number; });
  return one;
#else
  int const one = pool.run([](lakebase::pq::Transaction&) { return 1; });
  return one;
#endif
}
