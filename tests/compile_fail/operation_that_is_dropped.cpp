// error: declared with attribute
// error: nodiscard
#include <lakebase/lakebase.hpp>

void remove(lakebase::PostgresClient const& client) {
#ifdef WRONG
  client.delete_branch("projects/p/branches/b");
#else
  client.delete_branch("projects/p/branches/b").wait();
#endif
}
