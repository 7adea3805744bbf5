// error: nodiscard
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Connection& connection) {
#ifdef WRONG
  connection.copy_in("COPY t FROM STDIN");
#else
  auto const kept = connection.copy_in("COPY t FROM STDIN");
  static_cast<void>(kept);
#endif
}
