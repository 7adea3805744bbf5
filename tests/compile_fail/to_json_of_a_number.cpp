// error: constraint
// error: HasJson
// error: std::is_same_v<T, Timestamp>
#include <lakebase/lakebase.hpp>

std::string text() {
#ifdef WRONG
  return lakebase::to_json(42);
#else
  return lakebase::to_json(lakebase::Timestamp{});
#endif
}
