// error: keep the Result in a variable: a row refers to it
// errors: 1
#include <lakebase/pq/pq.hpp>

int first(lakebase::pq::Connection& connection) {
#ifdef WRONG
  lakebase::pq::Row const row = connection.exec("SELECT 1")[0];
#else
  auto const result = connection.exec("SELECT 1");
  auto const row = result[0];
#endif
  return row[0].as<int>();
}
