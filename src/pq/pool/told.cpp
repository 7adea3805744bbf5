#include "pq/pool/told.hpp"

#include <string_view>

#include "base/events/watch.hpp"
#include "pq/pool/state.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

std::string_view word_of(CloseReason reason) noexcept {
  switch (reason) {
    case CloseReason::idle_timeout:
      return "idle_timeout";
    case CloseReason::max_lifetime:
      return "max_lifetime";
    case CloseReason::server_gone:
      return "server_gone";
    case CloseReason::check_interrupted:
      return "check_interrupted";
    case CloseReason::broken:
      return "broken";
    case CloseReason::discarded:
      return "discarded";
    case CloseReason::pool_closed:
      break;
  }
  return "pool_closed";
}

}  // namespace

CloseReason reason_of_age(PooledConnection const& connection, Moment now) noexcept {
  return now >= connection.expires ? CloseReason::max_lifetime : CloseReason::idle_timeout;
}

Event event_of_pool(PoolState const& pool, EventKind kind) noexcept {
  auto const& where = pool.source.parameters;
  return {.kind = kind,
          .server_address = where.host,
          .server_port = where.port,
          .database = where.dbname,
          .pool = pool.options.name};
}

void tell_released(PoolState const& pool, std::chrono::nanoseconds lent) noexcept {
  if (!pool.source.events) return;
  auto event = event_of_pool(pool, EventKind::release);
  event.duration = lent;
  lakebase::detail::tell_of(*pool.source.events, event);
}

void tell_closed(PoolState const& pool, CloseReason reason) noexcept {
  if (!pool.source.events) return;
  auto event = event_of_pool(pool, EventKind::close);
  event.reason = word_of(reason);
  lakebase::detail::tell_of(*pool.source.events, event);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
