// error: nodiscard
#include <lakebase/lakebase.hpp>

void read(lakebase::PostgresClient const& client) {
#ifdef WRONG
  client.list_projects();
#else
  for (auto const& project : client.list_projects()) static_cast<void>(project);
#endif
}
