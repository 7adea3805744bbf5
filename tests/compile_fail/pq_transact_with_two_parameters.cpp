// error: transact calls its function with a Transaction&: [](lakebase::pq::Transaction& tx) { ... }
// errors: 1
#include <lakebase/pq/pq.hpp>

int use(lakebase::pq::Connection& connection) {
#ifdef WRONG
  return connection.transact([](lakebase::pq::Transaction&, int number) { return number; });
#else
  return connection.transact([](lakebase::pq::Transaction&) { return 1; });
#endif
}
