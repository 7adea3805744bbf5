#include "pq/pool/health.hpp"

#include <algorithm>

#include "base/after.hpp"
#include "pq/session/connection_access.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

Check check_before_lending(PooledConnection const& connection, Moment now,
                           std::optional<std::chrono::nanoseconds> ask_after_idle) noexcept {
  if (ask_after_idle && now - connection.idle_since >= *ask_after_idle) return Check::ask;
  // Since it was seen to be open, not since it was returned: a long lease may have run no statement.
  return now - connection.seen_open < trusted_after_look ? Check::none : Check::look;
}

bool passes(PooledConnection& connection, Check check, Moment now, Moment deadline, std::stop_token const& stop) {
  if (check == Check::none) return true;
  if (!connection.connection.alive()) return false;
  connection.seen_open = now;
  if (check == Check::look) return true;
  auto const longest = std::chrono::nanoseconds{std::chrono::seconds{5}};
  auto const time = std::min(lakebase::detail::time_left(now, deadline), longest);
  return ConnectionAccess::session(connection.connection)->responds(time, stop);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
