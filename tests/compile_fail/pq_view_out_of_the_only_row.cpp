// error: a std::string_view would refer to the rows: take std::string
// errors: 1
#include <string>
#include <string_view>

#include <lakebase/pq/pq.hpp>

bool is_on(lakebase::pq::Connection& connection) {
#ifdef WRONG
  auto const [setting] = connection.query_one<std::string_view>("SHOW jit");
#else
  auto const [setting] = connection.query_one<std::string>("SHOW jit");
#endif
  return setting == "on";
}
