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

#include <lakebase/pq/error.hpp>
#include <lakebase/pq/result.hpp>
#include <lakebase/pq/session_hold.hpp>
#include <lakebase/pq/statement_options.hpp>

#include "pq/session/cancel.hpp"
#include "pq/session/pg_facts.hpp"
#include "pq/session/prepared_names.hpp"
#include "pq/session/socket_waiter_posix.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

using NoticeHandler = std::function<void(std::string const&)>;

class Session;

/// The bounds of one statement while it runs. When one is hit, the statement is cancelled and the server gets a grace
/// to react; after that the session is given up. Request and reaction share one grace: a bound is overrun by no more
/// than that.
class StatementWait {
 public:
  enum class Interrupted {
    no,
    by_timeout,
    by_stop,
    by_misuse,  ///< It did something that its caller cannot follow.
  };

  StatementWait(Session& session, StatementOptions const& options);

  /// Waits for the socket. False: the session was given up.
  bool wait(SocketEvents events);
  /// Cancels the statement now, as if it had been stopped.
  void interrupt(Interrupted reason);
  /// From now on the statement has no more than the grace to end by itself, or the session is given up.
  void hurry(Interrupted reason);
  /// When a bound is hit, nothing is cancelled any more: the session is given up at once.
  void give_up_when_hit() noexcept { interrupted_ = Interrupted::by_stop; }
  Interrupted interrupted() const noexcept { return interrupted_; }

 private:
  Session& session_;
  std::optional<std::chrono::steady_clock::time_point> deadline_{};
  std::stop_token stop_;
  Interrupted interrupted_ = Interrupted::no;
};

/// How a statement came to its end.
struct Ending {
  ResultPointer last{};
  ResultPointer first_error{};
  /// It copied, which whoever ran it had not asked for: PGRES_COPY_IN, PGRES_COPY_OUT or PGRES_COPY_BOTH.
  std::optional<ExecStatusType> copied{};
};

bool is_error(ExecStatusType status) noexcept;
bool is_copy(ExecStatusType status) noexcept;
/// The server said that the session ends with this error.
bool ends_session(PGresult const* error) noexcept;

/// An open connection of libpq and what is known of its state. All waits are polls; every error is libpq's first one.
/// Lives for as long as somebody has a share in it.
class Session {
 public:
  Session(PGconn* connection, std::string host, NoticeHandler on_notice = {}, std::optional<CancelKey> key = {});
  ~Session();
  Session(Session const&) = delete;
  Session& operator=(Session const&) = delete;

  /// Whether nobody but its owner has a share.
  bool unshared() const noexcept { return shares_.load(std::memory_order_acquire) == 1; }
  /// Gives the owner's share up; `when_unshared` gets it back once nobody else has one.
  void leave_to_others(std::function<void()> when_unshared) noexcept;

  PGconn* native() const noexcept { return connection_.get(); }
  std::string const& host() const noexcept { return host_; }
  SocketWaiter& waiter() noexcept { return waiter_; }

  /// Sends something by `send`, which returns what libpq does, and returns the last result of all that come.
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
  /// Sends; throws where nothing was sent.
  template <class Send>
  void start(Send&& send) {
    require_usable();
    if (send(native()) == 0) throw_not_sent();
  }
  /// The next result of what was sent; null at the end. Every result comes from here. One that is a COPY comes again
  /// and again, without a wait, until somebody copies or ends it.
  ResultPointer next_result(StatementWait& wait);
  /// Waits for the server and takes what it has sent; `unsent`: or until more can be sent to it. False: the connection
  /// is lost, which the next result tells.
  bool read_more(StatementWait& wait, bool unsent = false);
  /// Reads to the end of what was sent, beginning with `first` where it is there already; a COPY on the way is ended.
  /// The one loop for all that nobody wants to look at. Gives the session up where it did not survive.
  Ending read_to_end(StatementWait& wait, ResultPointer first = {});
  /// The same, for the sake of the last result. @throws what the first error among them is
  Result collect(StatementWait& wait, ResultPointer first = {});
  /// The same, for the sake of the session.
  void drain(StatementWait& wait) noexcept;
  /// Whether a statement, a stream or a copy is under way.
  bool busy() const noexcept { return PQtransactionStatus(native()) == PQTRANS_ACTIVE; }
  /// Whether nothing is under way, as far as is known: a lost link is not idle.
  bool idle() const noexcept { return !busy() && PQtransactionStatus(native()) != PQTRANS_UNKNOWN; }
  /// Whether a statement that fails now undoes nothing but itself.
  bool outside_transaction() const noexcept { return PQtransactionStatus(native()) == PQTRANS_IDLE; }

  /// The error that a result is, as an exception.
  [[noreturn]] void throw_error(PGresult const* result, StatementWait const& wait);
  [[noreturn]] void throw_broken();
  /// Where each statement has one, and this one had none. Gives the session up.
  [[noreturn]] void throw_no_result();
  void require_usable();
  /// Throws where `wait` gave the session up.
  [[noreturn]] void throw_interrupted(StatementWait const& wait, Failure failure = {});

  /// Asks the server to stop the running statement, over another connection. Gives the session up where it could not be
  /// asked.
  void cancel(std::chrono::steady_clock::time_point until) noexcept;
  /// A cancel request may still be under way, and hit the next statement.
  bool tainted() const noexcept { return tainted_; }
  /// Declares the session lost. The first call counts.
  void give_up(Failure failure, bool maybe_ran) noexcept;
  bool alive() noexcept;
  std::optional<ConnectionError> const& broken() const noexcept { return broken_; }

  /// Whether the server reacts to a statement that does nothing, within a grace and before a stop request.
  bool responds(std::chrono::nanoseconds grace, std::stop_token const& stop) noexcept;
  /// Quietly rolls back what is open, within a grace. False: the session is lost.
  bool roll_back() noexcept;
  /// The same for the next user. False: the session is not fit for further use.
  bool settle_for_reuse(bool discard_all) noexcept;
  PGconn* release() noexcept;
  /// Puts a handle back that was lent by `release`.
  void adopt(PGconn* connection);

  PreparedNames& prepared() noexcept { return prepared_; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };
  friend class StatementWait;
  friend class SessionHold;
  static void receive_notice(void* self, PGresult const* notice);
  [[noreturn]] void throw_not_sent();
  void watch(PGconn* connection);
  // Ends a COPY that nobody wants.
  void end_copy(ExecStatusType direction, StatementWait& wait);
  void skip_copy(StatementWait& wait);
  void give_up_after(Ending const& end);
  void explain_read_only(Failure& failure) const;
  bool parameter_is(char const* name, std::string_view wanted) const noexcept;
  bool writes_elsewhere() const noexcept;
  bool tidy(StatementWait& wait, char const* sql) noexcept;
  Failure lost(Failure failure) const;

  std::unique_ptr<PGconn, Finish> connection_;
  std::string host_;
  NoticeHandler on_notice_;
  SocketWaiter waiter_{};
  std::optional<ConnectionError> broken_{};
  // What the server said before it hung up, without having been asked.
  std::optional<Failure> farewell_{};
  PreparedNames prepared_{};
  std::optional<CancelKey> cancel_key_;
  // When the patience of whoever interrupted a statement ends, with what is tidied up after it.
  std::chrono::steady_clock::time_point patience_ends_{};
  bool tainted_ = false;
  std::atomic<int> shares_{1};
  std::function<void()> when_unshared_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
