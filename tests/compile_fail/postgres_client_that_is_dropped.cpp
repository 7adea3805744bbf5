// error: nodiscard
// errors: 1
#include <lakebase/lakebase.hpp>

void use() {
#ifdef WRONG
  lakebase::PostgresClient();
#else
  lakebase::PostgresClient const client;
#endif
}
