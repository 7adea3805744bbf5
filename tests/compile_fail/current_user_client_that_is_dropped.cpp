// error: nodiscard
// errors: 1
#include <lakebase/lakebase.hpp>

void use() {
#ifdef WRONG
  lakebase::CurrentUserClient();
#else
  lakebase::CurrentUserClient const client;
#endif
}
