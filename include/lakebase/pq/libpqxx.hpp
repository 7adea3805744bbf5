#pragma once

// libpqxx over lakebase::pq: connections of libpqxx that this library opens, with its tokens, retries and TLS.
// Header-only; needs libpqxx and libpq besides lakebase::pq. What it offers depends on the version of libpqxx:
//
//   6.x          PqxxConnection, which can be used like pqxx::connection; pqxx_connect, which gives a
//                pqxx::connection; and with_pqxx, which calls a function with one. CI compiles and tests them with the
//                6.4.5 of Debian 12.
//   7.7.1 to 8   pqxx_connect and with_pqxx, too, and PqxxLease, which lends a pool's connection. Compiled and tested
//                with 7.10.7, but not in CI, whose distribution has no such version. 8 needs GCC 13 or Clang 16, which
//                CI lacks too: it is untested.
//
// With other versions, pass the string of `conninfo_with_password` or `url_with_token` to libpqxx.

#include <concepts>
#include <optional>
#include <string>
#include <utility>

#include <pqxx/pqxx>
#include <pqxx/version>

#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/connection_source.hpp>
#include <lakebase/pq/pool.hpp>

#if PQXX_VERSION_MAJOR == 6

namespace lakebase {
inline namespace v0 {
namespace pq {

/// How a connection of libpqxx 6 gets its handle: by `connect`.
///
/// Thread safety: for one thread at a time, as its connection.
/// Exceptions: `do_startconnect` throws what `connect` throws.
/// Lifetime: has to outlive its connection.
class PqxxPolicy final : public pqxx::connectionpolicy {
 public:
  /// Connects to that source.
  PqxxPolicy(ConnectionSource source, ConnectOptions options)
      : pqxx::connectionpolicy(std::string{}), source_(std::move(source)), options_(std::move(options)) {}

  /// Called for the first connection, and after a failure with the handle that failed: that one cannot be used any
  /// more.
  handle do_startconnect(handle failed) override {
    if (failed != nullptr) do_disconnect(failed);
    return connect(source_, options_).release();
  }
  /// Nothing is left to do: `do_startconnect` has logged in.
  handle do_completeconnect(handle open) override { return open; }

 private:
  ConnectionSource source_;
  ConnectOptions options_;
};

/// A connection of libpqxx 6: `pqxx::work tx{connection};`. Connects at once. libpqxx reconnects it by itself after a
/// failure, here with a fresh token; its session's state is lost then, so take a new one after pqxx::broken_connection.
///
/// Thread safety: for one thread at a time.
/// Exceptions: the constructor throws what `connect` throws; the rest throws what libpqxx throws.
/// Lifetime: closes the session when it is destroyed.
class [[nodiscard]] PqxxConnection final : public pqxx::connection_base {
 public:
  /// @throws what `connect` does
  explicit PqxxConnection(ConnectionSource source, ConnectOptions options = {})
      : pqxx::connection_base(policy_), policy_(std::move(source), std::move(options)) {
    init();
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // there is no other way to connect now
#endif
    activate();
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
  }
  ~PqxxConnection() noexcept {
    close();
  }

 private:
  PqxxPolicy policy_;
};

/// A connection for interfaces that ask for a `pqxx::connection&`, which a PqxxConnection is not in libpqxx 6. Waits as
/// `connect` does for an endpoint to wake; libpqxx then connects by itself, and does so again, with the same token,
/// after a failure: within the hour that the token is valid for. PqxxConnection has no such bound.
/// @throws what `connect` does, and pqxx::broken_connection
[[nodiscard]] inline pqxx::connection pqxx_connect(ConnectionSource const& source, ConnectOptions const& options = {}) {
  static_cast<void>(connect(source, options));
  return pqxx::connection{conninfo_with_password(source)};
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase

#elif PQXX_VERSION_MAJOR >= 8 || (PQXX_VERSION_MAJOR == 7 && PQXX_VERSION_MINOR >= 7)

namespace lakebase {
inline namespace v0 {
namespace pq {

/// A connection of libpqxx, opened by `connect`.
/// @throws what `connect` does
[[nodiscard]] inline pqxx::connection pqxx_connect(ConnectionSource const& source, ConnectOptions const& options = {}) {
  return pqxx::connection::seize_raw_connection(connect(source, options).release());
}

/// A pool's connection as one of libpqxx, without reconnecting: `pqxx::work tx{*lease};`. End your transactions before
/// it is destroyed.
///
/// Thread safety: for one thread at a time.
/// Exceptions: the constructor throws what `Lease::lend` throws; the destructor throws nothing.
/// Lifetime: returns the connection to the pool when it is destroyed.
class [[nodiscard]] PqxxLease {
 public:
  /// Takes the pool's connection over as long as it exists.
  explicit PqxxLease(Lease lease)
      : lease_(std::move(lease)), connection_(pqxx::connection::seize_raw_connection(lease_.lend())) {}
  PqxxLease(PqxxLease&&) = delete;
  PqxxLease& operator=(PqxxLease&&) = delete;
  ~PqxxLease() { lease_.take_back(std::move(connection_).release_raw_connection()); }

  /// The connection, for `pqxx::work`.
  pqxx::connection& operator*() noexcept { return connection_; }
  /// The connection.
  pqxx::connection* operator->() noexcept { return &connection_; }

 private:
  Lease lease_;
  pqxx::connection connection_;
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase

#else
#error "lakebase/pq/libpqxx.hpp supports libpqxx 6, and 7.7.1 or later"
#endif

namespace lakebase {
inline namespace v0 {
namespace pq {

/// Calls `function(pqxx::connection&)` on a connection of `pqxx_connect`, closes that, and returns the function's
/// value: for code that was written for libpqxx and takes its connections by reference.
/// @throws what `connect` does, and what the function throws
template <class Function>
auto with_pqxx(ConnectionSource const& source, Function&& function, ConnectOptions const& options = {}) {
  static_assert(std::invocable<Function, pqxx::connection&>,
                "with_pqxx calls its function with a pqxx::connection&: [](pqxx::connection& c) { ... }");
  if constexpr (std::invocable<Function, pqxx::connection&>) {
    auto connection = pqxx_connect(source, options);
    return std::forward<Function>(function)(connection);
  }
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
