// error: keep the Result in a variable: an iterator refers to it
// errors: 1
#include <lakebase/pq/pq.hpp>

int first(lakebase::pq::Connection& connection) {
#ifdef WRONG
  lakebase::pq::Result::iterator const it = connection.exec("SELECT 1").begin();
#else
  auto const result = connection.exec("SELECT 1");
  auto const it = result.begin();
#endif
  return (*it)[0].as<int>();
}
