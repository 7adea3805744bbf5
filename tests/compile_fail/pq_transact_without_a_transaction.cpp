// error: transact calls its function with a Transaction&: [](lakebase::pq::Transaction& tx) { ... }
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Connection& connection) {
#ifdef WRONG
  connection.transact([] {});
#else
  connection.transact([](lakebase::pq::Transaction& tx) { tx.exec("SELECT 1"); });
#endif
}
