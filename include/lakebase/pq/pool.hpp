#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
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

/// What is done to a connection that comes back, beside the ROLLBACK that an open transaction gets.
enum class OnReturn {
  keep,         ///< Nothing: settings and prepared statements stay.
  discard_all,  ///< `DISCARD ALL`: about the cost of one query.
};

/// How a pool behaves.
struct PoolOptions {
  /// The most connections, at least 1.
  int max_size = 10;
  /// Idle connections that are kept although their time is over. More than 0 keeps the endpoint awake.
  int min_idle = 0;
  /// An idle connection is closed after this long, so that the endpoint can go to sleep.
  std::chrono::nanoseconds idle_timeout = std::chrono::seconds{30};
  /// A connection is not used for longer than this, give or take a tenth. The service itself ends sessions after a day
  /// or three. Never cuts a connection that is in use.
  std::chrono::nanoseconds max_lifetime = std::chrono::minutes{45};
  /// How long `acquire` waits where its caller sets no limit; covers connecting too.
  std::chrono::nanoseconds acquire_timeout = std::chrono::seconds{30};
  /// A connection that was idle for this long or longer has to answer `SELECT 1` before it is handed out, beside the
  /// look at its socket. Unset: never. That finds paths that were cut without a word.
  std::optional<std::chrono::nanoseconds> ask_after_idle{};
  /// What is done to a connection that comes back.
  OnReturn on_return = OnReturn::keep;
  /// Sets a new connection up: settings, prepared statements. What it throws, the caller of `acquire` gets.
  std::function<void(Connection&)> on_connect{};
  /// How to connect; its `timeout` is cut to what is left of the caller's, `stop` is the caller's.
  ConnectOptions connect{};
  /// Close idle connections by a thread of the pool's own. Where not, `close_expired` or the next `acquire` does it.
  bool reaper = true;
  /// For waits, ages and lifetimes, instead of the source's.
  std::shared_ptr<Clock> clock{};
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
  /// The most attempts.
  int max_attempts = 10;
  /// The caller promises that running the function twice is the same as once; it is repeated after a lost COMMIT too.
  bool idempotent = false;
};

/// What a pool holds now, and what it has done since it was made.
struct PoolStatistics {
  int open = 0;  ///< Connections in all: idle, lent and being opened.
  /// Connections that wait to be lent.
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
  std::uint64_t timeouts = 0;    ///< Callers that got none in time.
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

/// A connection on loan from a pool; returns it when it is let go. May outlive the pool.
///
/// What is made from the connection (transactions, streams, copies, pipelines) keeps it lent: where the lease ends
/// first, the connection goes back when the last of these is let go. So `for (Row row : pool.acquire()->stream("SELECT
/// …"))` is right. A reference to the connection itself is good for as long as the lease.
class [[nodiscard]] LAKEBASE_PQ_EXPORT Lease {
 public:
  ~Lease();
  /// Takes over the connection.
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;

  /// The connection. @throws InvalidArgument where the lease has ended
  [[nodiscard]] Connection& operator*() const&;
  Connection& operator*() const&& = delete;  // keep the Lease in a variable: its connection goes back with it
  /// The connection. @throws InvalidArgument where the lease has ended
  Connection* operator->() const;
  /// Returns it now, or as soon as what was made from it is let go.
  void give_back() noexcept;
  /// Closes the connection instead of returning it, as soon as what was made from it is let go.
  void discard() noexcept;

  /// Hands libpq's handle to another library, in blocking mode, until `take_back`. In between nothing else of this
  /// object may be used; without `take_back` the connection counts as closed.
  /// @throws InvalidArgument where something that was made from the connection still lives
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

/// Connections to one place, shared between threads. Opens them as they are wanted and closes them when they have been
/// idle, so that the endpoint can sleep; never sends anything by itself. Tokens are needed to open connections only:
/// one that expires ends no session.
///
/// Callers are served in the order they came, and nobody after its deadline. Only what comes back from a lease of less
/// than 100 us, too short for a statement, may go to a newcomer first, as long as the first who waits has not done so
/// for 10 ms: threads that do not need their connections do not have to wake each other for each. The connection used
/// last is lent first. Where the endpoint sleeps or restarts, one caller wakes it and the others wait for that. In a
/// forked child a pool throws PoolClosed and touches no connection of its parent.
///
/// A connection that the server has ended is noticed before it is lent, by a look at its socket, unless it was seen
/// open less than a millisecond ago. No look could promise more: what the server sent that short a time ago, about a
/// round trip, may be under way still. A session that ends in this time, or while it is lent, is told by the first
/// statement, which throws ConnectionError; `run` then takes another connection and begins its transaction anew.
class [[nodiscard]] LAKEBASE_PQ_EXPORT ConnectionPool {
 public:
  /// Connects nothing yet. @throws ConfigError where the source cannot work, or an option is out of bounds
  explicit ConnectionPool(ConnectionSource source, PoolOptions options = {});
  /// As `close`, without waiting for leases, which may live on.
  ~ConnectionPool();
  /// The other one may only be destroyed then.
  ConnectionPool(ConnectionPool&&) noexcept;
  ConnectionPool& operator=(ConnectionPool&&) = delete;

  /// Lends a connection.
  /// @throws PoolTimeout, PoolClosed, Cancelled, and what `connect` and `on_connect` throw
  Lease acquire(AcquireOptions const& options = {});

  /// Runs `function(Transaction&)` in a transaction of its own, commits, and returns the function's value. Runs
  /// it again, on another connection if need be, where provably nothing was committed: the session was lost before
  /// COMMIT, the server asked for it (40001, 40P01), or the server only reads (25006). So the function must do nothing
  /// that cannot be done twice beside its statements, and end the transaction by `commit` or `rollback` only: after a
  /// COMMIT in `exec` it is not run again, and fails with InvalidArgument if with nothing else.
  /// @throws CommitUnknown where a COMMIT was lost, unless the transaction is read-only or declared idempotent; and the
  ///         last error, or what the function throws
  template <class Function>
  auto run(Function&& function, RunOptions const& options = {}) {
    static_assert(std::invocable<Function&, Transaction&>,
                  "pool.run calls its function with a Transaction&: [](lakebase::pq::Transaction& tx) { ... }");
    if constexpr (!std::invocable<Function&, Transaction&>) {
      return;
    } else if constexpr (std::is_void_v<std::invoke_result_t<Function&, Transaction&>>) {
      run_erased(detail::TransactionFunction{function}, options);
    } else if constexpr (detail::OutlivesTransaction<std::invoke_result_t<Function&, Transaction&>>::value) {
      std::optional<std::invoke_result_t<Function&, Transaction&>> returned;
      auto keep = [&](Transaction& transaction) { returned.emplace(function(transaction)); };
      run_erased(detail::TransactionFunction{keep}, options);
      return std::move(*returned);
    }
  }

  /// Closes what has been idle or has lived for too long. For pools without a reaper.
  void close_expired();
  /// Refuses new callers and those that wait, closes idle connections, and waits for the lent ones.
  /// @return whether all came back in time
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
