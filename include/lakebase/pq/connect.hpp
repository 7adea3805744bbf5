#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <lakebase/clock.hpp>
#include <lakebase/pq/connection.hpp>
#include <lakebase/pq/connection_source.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/recovery.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// Resolves a host name instead of the system: returns its addresses, or none. Called from the connecting thread for
/// every attempt.
using Resolver = std::function<std::vector<std::string>(std::string const& host)>;

/// Pauses between attempts: the first, doubled each time up to the longest, and of that a random part, from a quarter
/// to all of it.
struct Backoff {
  /// Before the second attempt.
  std::chrono::nanoseconds first{};
  /// The pauses double up to this.
  std::chrono::nanoseconds longest{};
};

/// One attempt that failed and what follows it. Holds no secret.
struct ConnectAttempt {
  /// From 1.
  int number = 0;
  /// What follows from it.
  ConnectRecovery recovery{};
  /// Five characters; empty if no server responded.
  std::string sqlstate{};
  /// The server's or libpq's words, without any token.
  std::string message{};
  /// Before the next attempt.
  std::chrono::nanoseconds pause{};
};

/// How to connect.
struct ConnectOptions {
  /// For everything: credentials, name resolution, attempts, pauses. Long enough to wake a suspended endpoint.
  std::chrono::nanoseconds timeout = std::chrono::seconds{60};
  /// For one attempt, TLS and login included. At least 2 s is sensible.
  std::chrono::nanoseconds attempt_timeout = std::chrono::seconds{15};
  /// Ends everything at once with Cancelled, except a name resolution by the system.
  std::stop_token stop{};
  /// Maximum number of attempts; unset: as many as the time allows.
  std::optional<int> max_attempts{};
  /// While a server starts or restarts.
  Backoff wake{std::chrono::milliseconds{100}, std::chrono::seconds{2}};
  /// While there are too many connections; never shorter than the first.
  Backoff crowded{std::chrono::seconds{1}, std::chrono::seconds{10}};
  /// How long an unknown host name is retried before `resolver` is used, or the attempt fails.
  std::chrono::nanoseconds name_patience = std::chrono::seconds{5};
  /// For systems whose own resolver fails on long names. The addresses it gives are passed with the host name, so
  /// that TLS works as before.
  Resolver resolver{};
  /// Use `resolver` first instead of last. No call blocks in name resolution then, but in the resolver.
  bool resolver_first = false;
  /// Called after each failed attempt, in the connecting thread. What it throws ends `connect`, which throws it on.
  std::function<void(ConnectAttempt const&)> on_attempt{};
  /// For notices of the session: warnings, and what `RAISE` says. Default: they are dropped. What it throws is dropped.
  std::function<void(std::string const&)> on_notice{};
  /// Instead of the source's.
  std::shared_ptr<Clock> clock{};
};

/// Connects: gets a password, logs in, and retries while the endpoint wakes, restarts, fails over or is out of
/// connections. A refused token is replaced once. If no server responds, the service is asked once whether the endpoint
/// still exists. The calling thread waits; a deadline or a stop request ends the wait at once.
///
/// A token is sent as a cleartext password over verified TLS only: a server that asks for another method is refused,
/// and not retried. A native password is sent by the method that the server asks for (SCRAM, MD5, cleartext). libpq
/// computes SCRAM without interruption, with the iterations that the server names (4,096 as a rule): a server with an
/// accepted certificate that names many millions blocks the thread beyond deadline and stop.
/// @throws EndpointGone, TooManyConnections, or else ConnectionError, with the last failure, its SQLSTATE and the
/// number
///         of attempts; ConfigError if the parameters cannot work; Cancelled; and what the credentials throw
[[nodiscard]] LAKEBASE_PQ_EXPORT Connection connect(ConnectionSource const& source, ConnectOptions const& options = {});

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
