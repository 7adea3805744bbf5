// error: would dangle: keep the Connection in a variable first
#include <lakebase/pq/pq.hpp>

pg_conn* open(lakebase::pq::ConnectionSource const& source) {
#ifdef WRONG
  return lakebase::pq::connect(source).native();
#else
  auto connection = lakebase::pq::connect(source);
  static_cast<void>(connection.native());
  return lakebase::pq::connect(source).release();
#endif
}
