#pragma once

#include <chrono>
#include <optional>

#include <libpq-fe.h>

#include "pq/session/cancel_key_posix.hpp"
#include "pq/session/cancel_request_posix.hpp"
#include "pq/session/socket_waiter_posix.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Asks the server to stop the statement that runs on `connection`, over a connection of its own, which is as safe as
/// the session's. Returns by `until`, whatever the server does. libpq 17 and later do it themselves; before that it
/// takes `key`, and without one nothing is sent. `PQcancel` is never used: it goes in plain text, and waits without end
/// for a server that does not hang up. See docs/adr/0006-cancel.md.
CancelOutcome send_cancel(PGconn* connection, std::optional<CancelKey> const& key, SocketWaiter& waiter,
                          std::chrono::steady_clock::time_point until) noexcept;

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
