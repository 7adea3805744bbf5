// error: nodiscard
#include <lakebase/lakebase.hpp>

void read(lakebase::PostgresClient const& client) {
#ifdef WRONG
  client.get_project("projects/p");
#else
  static_cast<void>(client.get_project("projects/p"));
#endif
}
