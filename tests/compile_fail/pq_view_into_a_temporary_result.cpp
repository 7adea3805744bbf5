// error: keep the Result in a variable, a std::string_view refers to it
// errors: 1
#include <string_view>

#include <lakebase/pq/pq.hpp>

bool is_on(lakebase::pq::Connection& connection) {
#ifdef WRONG
  auto const setting = connection.exec("SHOW jit").value<std::string_view>();
#else
  auto const setting = connection.exec("SHOW jit").value<std::string>();
#endif
  return setting == "on";
}
