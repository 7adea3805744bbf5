// error: would dangle: keep the Router in a variable first
#include <lakebase/pq/pq.hpp>

bool has_replica(lakebase::WorkspaceClient const& w) {
#ifdef WRONG
  return lakebase::pq::make_router(w, "projects/p").reader() != nullptr;
#else
  auto router = lakebase::pq::make_router(w, "projects/p");
  return router.reader() != nullptr;
#endif
}
