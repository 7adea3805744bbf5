#pragma once

#include <chrono>

#include <libpq-fe.h>

#include "pq/socket_waiter_posix.hpp"

namespace lakebase::inline v0::pq::detail {

/// Asks the server to stop the statement that runs on `connection`, over a connection of its own. From libpq 17 on this
/// goes over TLS and ends at the deadline; before that it goes in plain text, as PostgreSQL's own tools do, and
/// `tcp_user_timeout` is what ends it where the network has gone silent.
void send_cancel(PGconn* connection, SocketWaiter& waiter, std::chrono::steady_clock::time_point deadline) noexcept;

}  // namespace lakebase::inline v0::pq::detail
