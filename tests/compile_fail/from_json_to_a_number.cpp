// error: constraint
// error: HasJson
#include <lakebase/lakebase.hpp>

auto value() {
#ifdef WRONG
  return lakebase::from_json<int>("42");
#else
  return lakebase::from_json<lakebase::Duration>("\"42s\"");
#endif
}
