// error: a row or field refers to its Result: return the Result
// errors: 1
#include <lakebase/pq/pq.hpp>

lakebase::pq::Row first(lakebase::pq::Result const& result) {
  return result[0];
}

void use(lakebase::pq::Connection& connection) {
#ifdef WRONG
  connection.transact([](lakebase::pq::Transaction& tx) { return first(tx.exec("SELECT 1")); });
#else
  connection.transact([](lakebase::pq::Transaction& tx) { return first(tx.exec("SELECT 1"))[0].as<int>(); });
#endif
}
