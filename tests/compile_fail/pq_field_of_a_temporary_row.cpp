// error: keep the row in a variable: a field refers to it
// errors: 1
#include <lakebase/pq/pq.hpp>

int first(lakebase::pq::Connection& connection) {
#ifdef WRONG
  lakebase::pq::Field const field = connection.exec("SELECT 1")[0][0];
#else
  auto const row = connection.exec("SELECT 1")[0];
  lakebase::pq::Field const field = row[0];
#endif
  return field.as<int>();
}
