// error: would dangle: keep the client in a variable first
#include <lakebase/lakebase.hpp>

std::string host() {
#ifdef WRONG
  auto const& config = lakebase::WorkspaceClient{}.config();
#else
  lakebase::WorkspaceClient const w;
  auto const& config = w.config();
#endif
  return config.host.value_or("");
}
