// error: router.run calls its function with a Transaction&: [](lakebase::pq::Transaction& tx) { ... }
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Router& router) {
#ifdef WRONG
  router.run(lakebase::pq::Intent::read_only, [] {});
#else
  router.run(lakebase::pq::Intent::read_only, [](lakebase::pq::Transaction& tx) { tx.exec("SELECT 1"); });
#endif
}
