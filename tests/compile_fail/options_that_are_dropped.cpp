// error: nodiscard
#include <lakebase/lakebase.hpp>

lakebase::postgres::Project read(lakebase::PostgresClient client) {
  using namespace std::chrono_literals;
#ifdef WRONG
  client.with({.timeout = 5s});
#else
  client = client.with({.timeout = 5s});
#endif
  return client.get_project("projects/p");
}
