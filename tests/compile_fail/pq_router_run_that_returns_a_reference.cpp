// error: a function of run or transact returns a value, not a reference: leave out the & of its return type
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Router& router, std::string& text) {
#ifdef WRONG
  router.run(lakebase::pq::Intent::read_only, [&](lakebase::pq::Transaction&) -> std::string& { return text; });
#else
  router.run(lakebase::pq::Intent::read_only, [&](lakebase::pq::Transaction&) { return text; });
#endif
}
