#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <libpq-fe.h>

#include <lakebase/events.hpp>
#include <lakebase/pq/error.hpp>
#include <lakebase/pq/result.hpp>
#include <lakebase/pq/session_hold.hpp>
#include <lakebase/pq/statement_options.hpp>

#include "pq/session/pg_facts.hpp"
#include "pq/session/prepared_names.hpp"
#include "pq/session/socket_waiter_posix.hpp"
#include "pq/session/statement_step.hpp"
#include "pq/session/statement_wait.hpp"
#include "pq/steps/cancel_step.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

using NoticeHandler = std::function<void(std::string const&)>;

/// The failure of a statement that the server ended without a result.
Failure no_result(std::string const& host);

/// How a session has responded to a trivial statement.
enum class Response {
  good,
  lost,     ///< Its link is lost, or it cannot run statements any more.
  pending,  ///< There was none in time, or before the stop request. The session is given up.
};

/// An open connection of libpq and what is known about its state. If there are several errors, the first one is
/// reported. Lives as long as somebody has a share in it. Everything that waits for the server is a step
/// (statement_step.hpp, tidy_step.hpp); the calls here that wait drive one in the thread of their caller.
class Session {
 public:
  Session(PGconn* connection, std::string host, NoticeHandler on_notice = {}, std::optional<CancelKey> key = {});
  ~Session();
  Session(Session const&) = delete;
  Session& operator=(Session const&) = delete;

  /// Whether only its owner has a share.
  bool unshared() const noexcept { return shares_.load(std::memory_order_acquire) == 1; }
  /// Gives the owner's share up; `when_unshared` gets it back once nobody else has one.
  void leave_to_others(std::function<void()> when_unshared) noexcept;

  PGconn* native() const noexcept { return connection_.get(); }
  std::string const& host() const noexcept { return host_; }
  SocketWaiter& waiter() noexcept { return waiter_; }
  /// Is told of statements; null: nobody is.
  EventObserver* events() const noexcept { return events_.get(); }
  void tell_to(std::shared_ptr<EventObserver> events) noexcept { events_ = std::move(events); }

  /// Sends a statement by `send`, which returns libpq's return value, and returns the last of its results.
  template <class Send>
  Result run(StatementWait& wait, Send&& send) {
    start(std::forward<Send>(send));
    return collect(wait);
  }
  template <class Send>
  Result run(StatementOptions const& options, Send&& send) {
    StatementWait wait{*this, options};
    return run(wait, std::forward<Send>(send));
  }
  /// Sends as much as can be sent at once; throws if nothing was sent.
  template <class Send>
  void start(Send&& send) {
    require_usable();
    if (send(native()) == 0) throw_not_sent();
  }
  /// The next result of what was sent; null at the end. See ResultStep.
  ResultPointer next_result(StatementWait& wait);
  /// The next piece of a COPY out, and its size as libpq has it. See CopyPieceStep.
  CopyPiece next_piece(StatementWait& wait, int& size);
  /// Sends what libpq has buffered. See FlushStep.
  void flush(StatementWait& wait);
  /// Reads to the end of what was sent, beginning with `first` if that was read already. See StatementStep.
  Ending read_to_end(StatementWait& wait, ResultPointer first = {});
  /// The same; returns the last result. @throws the first error among them
  Result collect(StatementWait& wait, ResultPointer first = {});
  /// The same, but drops the results: only the session matters.
  void drain(StatementWait& wait) noexcept;
  /// Whether a statement, a stream or a copy is under way.
  bool busy() const noexcept { return PQtransactionStatus(native()) == PQTRANS_ACTIVE; }
  /// Whether nothing is under way, as far as is known: a lost link is not idle.
  bool idle() const noexcept { return !busy() && PQtransactionStatus(native()) != PQTRANS_UNKNOWN; }
  /// Whether a statement that fails now undoes nothing but itself.
  bool outside_transaction() const noexcept { return PQtransactionStatus(native()) == PQTRANS_IDLE; }

  /// Throws the error that a result holds.
  [[noreturn]] void throw_error(PGresult const* result, StatementWait const& wait);
  [[noreturn]] void throw_broken();
  /// For a statement without a result, though each must have one. Gives the session up.
  [[noreturn]] void throw_no_result();
  void require_usable() {
    if (!usable()) throw_broken();
  }
  /// Throws the error for a statement that was interrupted, or whose session was given up.
  [[noreturn]] void throw_interrupted(StatementWait const& wait, Failure failure = {});

  /// Whether statements can be sent; gives the session up if its link is lost.
  bool usable();
  /// The step that requests the server to cancel the running statement, over another connection; null if there is no
  /// memory for it.
  [[nodiscard]] std::unique_ptr<CancelStep> begin_cancel(Moment until) noexcept;
  /// Whether a cancel request may still be under way, and hit the next statement.
  bool tainted() const noexcept { return tainted_; }
  /// Declares the session lost. Only the first call counts.
  void give_up(Failure failure, bool maybe_ran) noexcept;
  /// The same, with libpq's error about the link.
  void give_up_link(bool maybe_ran);
  bool alive() noexcept;
  std::optional<ConnectionError> const& broken() const noexcept { return broken_; }

  /// Until when the caller that interrupted a statement is willing to wait, including the tidying up after it.
  Moment patience_ends() const noexcept { return patience_ends_; }
  void be_patient_until(Moment end) noexcept { patience_ends_ = end; }

  /// Whether the server responds to a trivial statement, within a grace and before a stop request.
  Response responds(std::chrono::nanoseconds grace, std::stop_token const& stop) noexcept;
  /// Rolls back what is open, within a grace, without throwing. False if the session is lost.
  bool roll_back() noexcept;
  /// Makes the session fit for its next user. False if that failed.
  bool settle_for_reuse(bool discard_all) noexcept;
  PGconn* release() noexcept;
  /// Puts a handle back that was lent by `release`.
  void adopt(PGconn* connection);

  PreparedNames& prepared() noexcept { return prepared_; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };
  friend class SessionHold;
  static void receive_notice(void* self, PGresult const* notice);
  [[noreturn]] void throw_not_sent();
  void watch(PGconn* connection);
  void throw_if_broken(StatementWait const& wait);
  Failure failure_of_link() const;
  void explain_read_only(Failure& failure) const;
  bool parameter_is(char const* name, std::string_view wanted) const noexcept;
  bool writes_elsewhere() const noexcept;
  Failure lost(Failure failure) const;

  std::unique_ptr<PGconn, Finish> connection_;
  std::string host_;
  NoticeHandler on_notice_;
  std::shared_ptr<EventObserver> events_{};
  SocketWaiter waiter_{};
  std::optional<ConnectionError> broken_{};
  // The error that the server sent by itself before it hung up.
  std::optional<Failure> farewell_{};
  PreparedNames prepared_{};
  std::optional<CancelKey> cancel_key_;
  Moment patience_ends_{};
  bool tainted_ = false;
  std::atomic<int> shares_{1};
  std::function<void()> when_unshared_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
