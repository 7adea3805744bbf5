// error: keep the RowStream in a variable: a row refers to it
// errors: 1
#include <optional>

#include <lakebase/pq/pq.hpp>

int first(lakebase::pq::Connection& connection) {
#ifdef WRONG
  std::optional<lakebase::pq::Row> const row = connection.stream("SELECT 1").next();
#else
  auto stream = connection.stream("SELECT 1");
  auto const row = stream.next();
#endif
  return row ? (*row)[0].as<int>() : 0;
}
