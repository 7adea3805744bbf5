#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

#include <lakebase/clock.hpp>
#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/connection.hpp>
#include <lakebase/pq/connection_source.hpp>
#include <lakebase/pq/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// What is done to a returned connection, besides the ROLLBACK of an open transaction.
enum class OnReturn {
  keep,         ///< Nothing: settings and prepared statements stay.
  discard_all,  ///< `DISCARD ALL`: about the cost of one query.
};

/// How a pool behaves.
struct PoolOptions {
  /// Maximum number of connections, at least 1.
  int max_size = 10;
  /// Idle connections that are kept beyond `idle_timeout`. More than 0 keeps the endpoint awake.
  int min_idle = 0;
  /// An idle connection is closed after this long, so that the endpoint can suspend.
  std::chrono::nanoseconds idle_timeout = std::chrono::seconds{30};
  /// A connection is not used for longer than this, give or take a tenth. The service itself ends sessions after a day
  /// or three. Never cuts a connection that is in use.
  std::chrono::nanoseconds max_lifetime = std::chrono::minutes{45};
  /// How long `acquire` waits if its caller sets no limit; covers connecting too.
  std::chrono::nanoseconds acquire_timeout = std::chrono::seconds{30};
  /// A connection that was idle for this long or longer has to respond to `SELECT 1` before it is lent, besides the
  /// check of its socket. Unset: never. That finds network paths that were cut silently.
  std::optional<std::chrono::nanoseconds> ask_after_idle{};
  /// What is done to a returned connection.
  OnReturn on_return = OnReturn::keep;
  /// Sets a new connection up: settings, prepared statements. `acquire` throws what it throws.
  std::function<void(Connection&)> on_connect{};
  /// How to connect; its `timeout` is cut to what is left of the caller's, `stop` is the caller's.
  ConnectOptions connect{};
  /// Close idle connections by a thread of the pool's own. If false, `close_expired` or the next `acquire` does it.
  bool reaper = true;
  /// For waits, ages and lifetimes, instead of the source's.
  std::shared_ptr<Clock> clock{};
  /// Name of the pool in events, such as `reader`. Default: none; then only server and database tell pools apart.
  std::string name{};
};

/// How to wait for a connection.
struct AcquireOptions {
  /// Unset: the pool's.
  std::optional<std::chrono::nanoseconds> timeout{};
  /// Ends the wait at once with Cancelled.
  std::stop_token stop{};
};

/// How to run a function in a transaction.
struct RunOptions {
  /// Of each transaction that is begun.
  TransactionOptions transaction{};
  /// For everything: connections, attempts, pauses. It bounds the waits in between, and no attempt is started after it.
  std::chrono::nanoseconds timeout = std::chrono::seconds{60};
  /// Ends the run at once, with Cancelled.
  std::stop_token stop{};
  /// Maximum number of attempts.
  int max_attempts = 10;
  /// The caller promises that running the function twice is the same as once; it is repeated after a lost COMMIT too.
  bool idempotent = false;
};

/// What a pool holds now, and what it has done since it was made.
struct PoolStatistics {
  int open = 0;  ///< Connections in all: idle, lent and being opened.
  /// Connections that can be lent.
  int idle = 0;
  int waiting = 0;  ///< Callers without a connection.
  /// Connections that were opened.
  std::uint64_t opened = 0;
  /// Connections that were closed, for whatever reason.
  std::uint64_t closed = 0;
  /// Connections that could not be opened.
  std::uint64_t connect_failures = 0;
  /// Connections that were lent.
  std::uint64_t acquired = 0;
  std::uint64_t timeouts = 0;    ///< Callers that got no connection in time.
  std::uint64_t found_dead = 0;  ///< Idle connections that the server had ended.
  std::uint64_t replays = 0;     ///< Attempts of `run` after the first.
  std::uint64_t in_doubt = 0;    ///< Lost COMMITs in `run`.
  std::uint64_t generation = 0;  ///< How often dead connections were found.
};

namespace detail {
struct PoolState;
struct PooledConnection;

/// A function without its type.
class TransactionFunction {
 public:
  template <class Function>
  explicit TransactionFunction(Function& function)
      : object_(const_cast<void*>(static_cast<void const*>(std::addressof(function)))),
        call_([](void* object, Transaction& t) { (*static_cast<Function*>(object))(t); }) {}
  void operator()(Transaction& transaction) const { call_(object_, transaction); }

 private:
  void* object_;
  void (*call_)(void*, Transaction&);
};
}  // namespace detail

/// A connection lent by a pool, which is returned when the lease is destroyed.
///
/// Thread safety: for one thread at a time, as its connection.
/// Exceptions: what each function names; the destructor throws nothing.
/// Lifetime: may outlive the pool. What is made from the connection (transactions, streams, copies, pipelines) keeps it
/// lent: if the lease ends first, the connection is returned when the last of these is destroyed. So `for (Row row :
/// pool.acquire()->stream("SELECT …"))` is right. A reference to the connection itself is valid as long as the lease.
class [[nodiscard]] LAKEBASE_PQ_EXPORT Lease {
 public:
  ~Lease();
  /// Takes over the connection.
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;

  /// The connection. @throws InvalidArgument if the lease has ended
  [[nodiscard]] Connection& operator*() const&;
  Connection& operator*() const&& = delete;  // keep the Lease in a variable: its connection goes back with it
  /// The connection. @throws InvalidArgument if the lease has ended
  Connection* operator->() const;
  /// Returns it now, or as soon as what was made from it is destroyed.
  void give_back() noexcept;
  /// Closes the connection instead of returning it, as soon as what was made from it is destroyed.
  void discard() noexcept;

  /// Hands libpq's handle to another library, in blocking mode, until `take_back`. In between nothing else of this
  /// object may be used; without `take_back` the connection counts as closed.
  /// @throws InvalidArgument if something that was made from the connection still exists
  [[nodiscard]] pg_conn* lend();
  /// Takes the handle back.
  void take_back(pg_conn* connection);

 private:
  friend class ConnectionPool;
  friend struct detail::PoolState;
  Lease(std::shared_ptr<detail::PoolState> pool, std::unique_ptr<detail::PooledConnection> connection) noexcept;
  Connection& lent() const;
  detail::Session& session() const;
  void end(bool discard) noexcept;

  std::shared_ptr<detail::PoolState> pool_;
  std::unique_ptr<detail::PooledConnection> connection_;
};

/// Connections to one endpoint, shared between threads. Opens them on demand and closes them when they have been idle,
/// so that the endpoint can suspend; never sends anything by itself. Tokens are needed to open connections only: one
/// that expires ends no session.
///
/// Callers are served in the order they came, and none after its deadline. Only a connection that is returned after
/// less than 100 us, too short for a statement, may go to a new caller first, as long as the first in the queue has not
/// waited for 10 ms: threads that do not need their connections do not have to wake each other for each. The connection
/// used last is lent first. If the endpoint is suspended or restarts, one caller wakes it and the others wait for that.
///
/// A connection that the server has closed is noticed before it is lent, by a check of its socket, unless it was seen
/// open less than a millisecond ago. No check could promise more: what the server sent that short a time ago, about a
/// round trip, may still be under way. If a session ends in this time, or while it is lent, the first statement throws
/// ConnectionError; `run` then takes another connection and begins its transaction again.
///
/// A connection whose statement was cancelled, by a timeout, a stop request, or a stream or COPY that was destroyed
/// early, is closed when it is returned: a cancel request that comes late would end a statement of the next caller.
///
/// Thread safety: safe to share between threads, except to move or destroy it.
/// Exceptions: what each function names. In a forked child a pool throws PoolClosed and touches no connection of its
/// parent.
/// Lifetime: leases and what is made from them may outlive the pool.
class [[nodiscard]] LAKEBASE_PQ_EXPORT ConnectionPool {
 public:
  /// Opens no connection yet. @throws ConfigError if the source cannot work, or an option is out of bounds
  explicit ConnectionPool(ConnectionSource source, PoolOptions options = {});
  /// As `close`, without waiting for leases, which may outlive the pool.
  ~ConnectionPool();
  /// The other one may only be destroyed afterwards.
  ConnectionPool(ConnectionPool&&) noexcept;
  ConnectionPool& operator=(ConnectionPool&&) = delete;

  /// Lends a connection.
  /// @throws PoolTimeout, PoolClosed, Cancelled, and what `connect` and `on_connect` throw
  Lease acquire(AcquireOptions const& options = {});

  /// Runs `function(Transaction&)` in a transaction of its own, commits, and returns the function's value. Runs it
  /// again, on another connection if need be, if provably nothing was committed: the session was lost before COMMIT,
  /// the server asked for it (40001, 40P01), or the server is read-only (25006). So the function must do nothing,
  /// besides its statements, that cannot be done twice, and end the transaction by `commit` or `rollback` only: after a
  /// COMMIT in `exec` it is not run again, and fails with InvalidArgument if it fails with nothing else.
  /// @throws CommitUnknown if a COMMIT was lost, unless the transaction is read-only or declared idempotent; and the
  ///         last error, or what the function throws
  template <class Function>
  auto run(Function&& function, RunOptions const& options = {}) {
    static_assert(std::invocable<Function&, Transaction&>,
                  "pool.run calls its function with a Transaction&: [](lakebase::pq::Transaction& tx) { ... }");
    if constexpr (!std::invocable<Function&, Transaction&>) {
      return detail::Anything{};
    } else if constexpr (std::is_void_v<std::invoke_result_t<Function&, Transaction&>>) {
      run_erased(detail::TransactionFunction{function}, options);
    } else {
      using Returned = std::invoke_result_t<Function&, Transaction&>;
      detail::require_outliving<Returned>();
      if constexpr (detail::outlives_transaction<Returned>) {
        std::optional<Returned> returned;
        auto keep = [&](Transaction& transaction) { returned.emplace(function(transaction)); };
        run_erased(detail::TransactionFunction{keep}, options);
        return std::move(*returned);
      } else {
        return detail::Anything{};
      }
    }
  }

  /// Closes what has been idle or has lived for too long. For pools without a reaper.
  void close_expired();
  /// Refuses new and waiting callers, closes idle connections, and waits up to `timeout` for the lent ones; by default
  /// not at all. What is still lent then is closed when it is returned.
  /// @return whether all were returned in time
  bool close(std::chrono::nanoseconds timeout = {});
  /// What it holds and has done. Does not wait for anything.
  [[nodiscard]] PoolStatistics statistics() const;
  /// Where its connections come from.
  [[nodiscard]] ConnectionSource const& source() const& noexcept;
  /// The same of a temporary, as a copy.
  [[nodiscard]] ConnectionSource source() const&& { return source(); }

 private:
  void run_erased(detail::TransactionFunction const& function, RunOptions const& options);

  std::shared_ptr<detail::PoolState> state_;
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
