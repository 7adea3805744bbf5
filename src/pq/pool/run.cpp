#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <variant>

#include <libpq-fe.h>

#include <lakebase/error.hpp>
#include <lakebase/pq/pool.hpp>
#include <lakebase/pq/recovery.hpp>

#include "base/after.hpp"
#include "base/retry/retry_loop.hpp"
#include "pq/pool/state.hpp"
#include "pq/session/backoff.hpp"

// The one place that decides whether a transaction may be run again.

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

using namespace std::chrono_literals;
using lakebase::detail::after;

constexpr Backoff replay_pauses{10ms, 1s};

// One attempt. Returns if the transaction is committed; throws otherwise, and then `may_replay` says whether the
// function may be run again.
class Attempt {
 public:
  Attempt(detail::PoolState& pool, RunOptions const& options) : pool_(pool), options_(options) {}

  void run(Lease& lease, detail::TransactionFunction const& function) {
    try {
      Transaction transaction = lease->begin(options_.transaction, {.stop = options_.stop});
      call(*lease, transaction, function);
      if (transaction.open()) transaction.commit({.stop = options_.stop});
    } catch (CommitUnknown const&) {
      // The function may have thrown it for another transaction, which its own caller counts.
      if (!thrown_by_function_ || ended_by_function_) pool_.count_in_doubt();
      lease.discard();
      may_replay_ = options_.idempotent || (options_.transaction.read_only && !thrown_by_function_);
      throw;
    } catch (ConnectionError const&) {
      lease.discard();
      may_replay_ = !ended_by_function_ || options_.idempotent;
      throw;
    } catch (PgError const& error) {
      // The session still works. `retryable` knows more than the SQLSTATE: whether another server could run it, and
      // whether a prepared statement only has to be prepared again.
      auto const recovery = classify_statement(error.sqlstate(), false);
      if (recovery == StatementRecovery::reroute && error.retryable()) lease.discard();
      bool const better_again = recovery == StatementRecovery::replay || error.retryable();
      may_replay_ = better_again && (!ended_by_function_ || options_.idempotent);
      throw;
    }
  }

  bool may_replay() const noexcept { return may_replay_; }

 private:
  // If the function itself has committed, it must not be run again, whatever happens afterwards.
  void call(Connection const& connection, Transaction& transaction, detail::TransactionFunction const& function) {
    try {
      function(transaction);
    } catch (...) {
      thrown_by_function_ = true;
      // After a failed statement of a transaction that goes on, it would be PQTRANS_INERROR.
      ended_by_function_ = !transaction.open() || PQtransactionStatus(connection.native()) == PQTRANS_IDLE;
      throw;
    }
  }

  detail::PoolState& pool_;
  RunOptions const& options_;
  bool thrown_by_function_ = false;
  bool ended_by_function_ = false;
  bool may_replay_ = false;
};

// One call of `run`: attempts until the transaction is committed, each on a connection of its own.
class Running {
 public:
  Running(detail::PoolState& pool, detail::TransactionFunction const& function, RunOptions const& options)
      : pool_(pool),
        function_(function),
        options_(options),
        loop_(*pool.clock, {.deadline = after(pool.clock->now(), options.timeout),
                            .max_attempts = options.max_attempts,
                            .stop = options.stop}) {}

  void run() { loop_.run(*this); }

 private:
  using Done = std::monostate;

  // The steps of its loop of attempts.
  friend lakebase::detail::RetryLoop;
  void check() const {}  // the wait for a connection does that

  std::optional<Done> attempt() {
    if (loop_.attempts() > 1) pool_.count_replay();
    auto const left = std::min(loop_.left(), pool_.options.acquire_timeout);
    Lease lease = pool_.acquire({.timeout = left, .stop = options_.stop});
    Attempt attempt{pool_, options_};
    try {
      attempt.run(lease, function_);
      return Done{};
    } catch (PgError const&) {
      failure_ = std::current_exception();
      may_replay_ = attempt.may_replay();
      return std::nullopt;
    }
  }

  std::optional<std::chrono::nanoseconds> next_pause() const {
    if (!may_replay_) return std::nullopt;
    return loop_.fitting(detail::next_pause(replay_pauses, loop_.attempts()));
  }

  [[noreturn]] Done give_up() const { std::rethrow_exception(failure_); }
  [[noreturn]] void throw_stopped() const { throw Cancelled("running a transaction was stopped"); }

  detail::PoolState& pool_;
  detail::TransactionFunction const& function_;
  RunOptions const& options_;
  lakebase::detail::RetryLoop loop_;
  std::exception_ptr failure_{};
  bool may_replay_ = false;
};

}  // namespace

void ConnectionPool::run_erased(detail::TransactionFunction const& function, RunOptions const& options) {
  Running{*state_, function, options}.run();
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
