// error: nodiscard
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Connection& connection) {
#ifdef WRONG
  connection.query<int>("SELECT 1");
#else
  connection.exec("SELECT 1");
#endif
}
