// error: would dangle: keep the Router in a variable first
#include <lakebase/pq/pq.hpp>

void use(lakebase::WorkspaceClient const& w) {
#ifdef WRONG
  auto& pool = lakebase::pq::make_router(w, "projects/p").writer();
#else
  auto router = lakebase::pq::make_router(w, "projects/p");
  auto& pool = router.writer();
#endif
  pool.close_expired();
}
