#include "pq/pool/health.hpp"

#include <algorithm>

#include "base/after.hpp"
#include "pq/session/connection_access.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

constexpr std::chrono::nanoseconds longest_check = std::chrono::seconds{5};

}  // namespace

Check check_before_lending(PooledConnection const& connection, Moment now,
                           std::optional<std::chrono::nanoseconds> ask_after_idle) noexcept {
  if (ask_after_idle && now - connection.idle_since >= *ask_after_idle) return Check::ask;
  // Since it was seen to be open, not since it was returned: a long lease may have run no statement.
  return now - connection.seen_open < trusted_after_look ? Check::none : Check::look;
}

Health health_of(PooledConnection& connection, Check check, Moment now, Moment deadline, std::stop_token const& stop) {
  if (check == Check::none) return Health::good;
  if (!connection.connection.alive()) return Health::lost;
  connection.seen_open = now;
  if (check == Check::look) return Health::good;
  auto const left = lakebase::detail::time_left(now, deadline);
  if (left == std::chrono::nanoseconds::zero() || stop.stop_requested()) return Health::unchecked;
  switch (ConnectionAccess::session(connection.connection)->responds(std::min(left, longest_check), stop)) {
    case Response::good:
      return Health::good;
    case Response::lost:
      break;
    case Response::pending:
      if (left < longest_check || stop.stop_requested()) return Health::undecided;
      break;
  }
  return Health::lost;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
