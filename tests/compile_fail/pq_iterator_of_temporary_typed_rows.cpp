// error: keep the rows in a variable: an iterator refers to them
// errors: 1
#include <lakebase/pq/pq.hpp>

int first(lakebase::pq::Connection& connection) {
#ifdef WRONG
  auto const it = connection.query<int>("SELECT 1").begin();
#else
  auto const rows = connection.query<int>("SELECT 1");
  auto const it = rows.begin();
#endif
  return std::get<0>(*it);
}
