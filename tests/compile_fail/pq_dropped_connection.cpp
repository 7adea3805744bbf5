// error: nodiscard
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::ConnectionSource const& source) {
#ifdef WRONG
  connect(source);
#else
  auto const kept = connect(source);
  static_cast<void>(kept);
#endif
}
