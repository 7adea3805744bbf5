// error: a function of run or transact returns a value, not a reference: leave out the & of its return type
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::ConnectionPool& pool, std::string& text) {
#ifdef WRONG
  pool.run([&](lakebase::pq::Transaction&) -> std::string& { return text; });
#else
  pool.run([&](lakebase::pq::Transaction&) { return text; });
#endif
}
