// error: nodiscard
// errors: 1
#include <lakebase/lakebase.hpp>

void use() {
#ifdef WRONG
  lakebase::WorkspaceClient();
#else
  lakebase::WorkspaceClient const client;
#endif
}
