// error: would dangle: keep the Params in a variable first
#include <lakebase/pq/pq.hpp>

bool use() {
#ifdef WRONG
  auto const first = lakebase::pq::Params{1}.begin();
#else
  lakebase::pq::Params const params{1};
  auto const first = params.begin();
#endif
  return first->is_null();
}
