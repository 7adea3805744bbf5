#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>

#include <lakebase/error.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/pool.hpp>
#include <lakebase/workspace_client.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// How a router behaves.
struct RouterOptions {
  /// Of the pool to the read-write host.
  PoolOptions write{};
  /// Of the pool to the read-only host.
  PoolOptions read{};
  /// How long a read waits for a replica's connection before it goes to the primary.
  std::chrono::nanoseconds replica_timeout = std::chrono::seconds{5};
  /// After a failed replica, reads go to the primary for this long.
  std::chrono::nanoseconds replica_rest = std::chrono::seconds{30};
};

/// A pool for writes and one for reads, chosen by intent. Reads go to the primary if there is no replica, or none that
/// can be reached or logged in to. A caller's stop request or deadline, and what a function throws by itself, do not
/// count against a replica. A replica lags: read what you have just written with Intent::read_write.
///
/// Thread safety: safe to share between threads, except to destroy it.
/// Exceptions: as ConnectionPool.
/// Lifetime: leases may outlive the router; references to its pools may not.
class [[nodiscard]] LAKEBASE_PQ_EXPORT Router {
 public:
  /// Writes are sent to servers that can write only. @throws ConfigError
  Router(ConnectionSource write, std::optional<ConnectionSource> read, RouterOptions options = {});
  ~Router();

  /// @throws what `ConnectionPool::acquire` does
  Lease acquire(Intent intent, AcquireOptions const& options = {});

  /// As `ConnectionPool::run`. With Intent::read_only the transaction is read-only, so it may be repeated whatever
  /// happens, on the primary too.
  template <class Function>
  auto run(Intent intent, Function&& function, RunOptions options = {}) {
    static_assert(std::invocable<Function&, Transaction&>,
                  "router.run calls its function with a Transaction&: [](lakebase::pq::Transaction& tx) { ... }");
    if constexpr (!std::invocable<Function&, Transaction&>) {
      return detail::Anything{};
    } else {
      using Returned = std::invoke_result_t<Function&, Transaction&>;
      detail::require_outliving<Returned>();
      if constexpr (detail::outlives_transaction<Returned>) {
        return run_by(intent, function, std::move(options));
      } else {
        return detail::Anything{};
      }
    }
  }

  /// The pool to the read-write host.
  [[nodiscard]] ConnectionPool& writer() & noexcept;
  ConnectionPool& writer() && = delete;  // would dangle: keep the Router in a variable first
  /// Null if there is no replica.
  [[nodiscard]] ConnectionPool* reader() & noexcept;
  ConnectionPool* reader() && = delete;  // would dangle: keep the Router in a variable first
  /// How many reads went to the primary because the replica failed.
  [[nodiscard]] std::uint64_t fallbacks() const noexcept;

 private:
  /// One attempt on a replica, and whose time it has.
  struct Turn {
    std::chrono::steady_clock::time_point deadline{};  ///< Of the caller, for the primary too.
    std::chrono::nanoseconds time{};                   ///< For the replica.
    bool is_callers_time = false;                      ///< That is all the time that the caller has.
    std::stop_token stop{};
    bool thrown_by_function = false;
  };
  /// None if no replica may be used. `timeout`: of the caller, if it has one.
  std::optional<Turn> begin_turn(std::optional<std::chrono::nanoseconds> timeout, std::stop_token stop) const;
  /// False if the replica is not to blame.
  bool rest_replica_after(Error const& error, Turn const& turn) noexcept;
  std::chrono::nanoseconds left_of(Turn const& turn) const noexcept;

  template <class Function>
  auto run_by(Intent intent, Function& function, RunOptions options) {
    if (intent == Intent::read_write) return writer().run(function, options);
    options.transaction.read_only = true;
    if (auto turn = begin_turn(options.timeout, options.stop)) {
      auto brief = options;
      brief.timeout = turn->time;
      auto const watched = [&](Transaction& transaction) -> decltype(auto) {
        try {
          return function(transaction);
        } catch (PgError const&) {
          throw;
        } catch (...) {
          turn->thrown_by_function = true;
          throw;
        }
      };
      try {
        return reader()->run(watched, brief);
      } catch (Error const& error) {
        if (!rest_replica_after(error, *turn)) throw;
      }
      options.timeout = left_of(*turn);
    }
    return writer().run(function, options);
  }

  struct State;
  std::unique_ptr<State> state_;
};

/// A router for a branch (`projects/p/branches/b`, or a project with one branch): its read-write endpoint, and its
/// read-only one or readable standbys if there are any. Or for an instance (`my-instance`), and its readable
/// secondaries if it has any.
/// @throws what `source_for` does
[[nodiscard]] LAKEBASE_PQ_EXPORT Router make_router(WorkspaceClient const& client, std::string_view target,
                                                    SourceOptions const& source = {}, RouterOptions options = {});

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
