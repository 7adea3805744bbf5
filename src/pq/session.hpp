#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <libpq-fe.h>

#include <lakebase/pq/error.hpp>
#include <lakebase/pq/result.hpp>
#include <lakebase/pq/statement_options.hpp>

#include "pq/pg_facts.hpp"
#include "pq/socket_waiter_posix.hpp"

namespace lakebase::inline v0::pq::detail {

using NoticeHandler = std::function<void(std::string const&)>;

class Session;

/// The bounds of one statement while it runs. When one is hit, the statement is cancelled and the server gets a grace
/// to react; after that the session is given up.
class StatementWait {
 public:
  enum class Interrupted { no, by_timeout, by_stop };

  StatementWait(Session& session, StatementOptions const& options);

  /// Waits for the socket. False: the session was given up.
  bool wait(SocketEvents events);
  /// Cancels the statement now, as if it had been stopped.
  void interrupt(Interrupted reason);
  Interrupted interrupted() const noexcept { return interrupted_; }

 private:
  Session& session_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::stop_token stop_;
  Interrupted interrupted_ = Interrupted::no;
};

/// An open connection of libpq and what is known of its state. All waits are polls; every error is libpq's first one.
class Session {
 public:
  Session(PGconn* connection, std::string host, NoticeHandler on_notice = {});
  ~Session();
  Session(Session const&) = delete;
  Session& operator=(Session const&) = delete;

  PGconn* native() const noexcept { return connection_.get(); }
  std::string const& host() const noexcept { return host_; }
  SocketWaiter& waiter() noexcept { return waiter_; }

  /// Sends something by `send`, which returns what libpq does, and returns the last result of all that come.
  template <class Send>
  Result run(StatementOptions const& options, Send&& send) {
    StatementWait wait{*this, options};
    start(std::forward<Send>(send));
    return collect(wait);
  }
  /// Sends; throws where nothing was sent.
  template <class Send>
  void start(Send&& send) {
    require_usable();
    if (send(native()) == 0) throw_not_sent();
  }
  /// The next result of what was sent; null at the end.
  ResultPointer next_result(StatementWait& wait);
  /// Reads the results to their end. @throws what the first error among them is
  Result collect(StatementWait& wait);
  /// Reads and drops results to the end of the statement, within a grace.
  void drain() noexcept;

  /// The error that a result is, as an exception.
  [[noreturn]] void throw_error(PGresult const* result, StatementWait const& wait);
  [[noreturn]] void throw_broken();
  void require_usable();
  /// Throws where `wait` gave the session up.
  [[noreturn]] void throw_interrupted(StatementWait const& wait, Failure failure);

  /// Asks the server to stop the running statement. Opens another connection, so it takes as long as that.
  void cancel() noexcept;
  /// A cancel request may still be under way, and hit the next statement.
  bool tainted() const noexcept { return tainted_; }
  /// Declares the session lost. The first call counts.
  void give_up(Failure failure, bool maybe_ran) noexcept;
  bool alive() noexcept;
  std::optional<ConnectionError> const& broken() const noexcept { return broken_; }

  /// Quietly rolls back what is open. False: the session is not fit for further use.
  bool settle_for_reuse(bool discard_all) noexcept;
  PGconn* release() noexcept;
  /// Puts a handle back that was lent by `release`.
  void adopt(PGconn* connection);

  /// Texts of prepared statements by their names.
  std::map<std::string, std::string>& prepared() noexcept { return prepared_; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };
  static void receive_notice(void* self, PGresult const* notice);
  [[noreturn]] void throw_not_sent();
  void watch(PGconn* connection);
  // Reads the rest of a COPY … TO STDOUT that nobody wants.
  void skip_copy(StatementWait& wait);
  Failure lost(Failure failure) const;

  std::unique_ptr<PGconn, Finish> connection_;
  std::string host_;
  NoticeHandler on_notice_;
  SocketWaiter waiter_{};
  std::optional<ConnectionError> broken_{};
  // What the server said before it hung up, without having been asked.
  std::optional<Failure> farewell_{};
  std::map<std::string, std::string> prepared_{};
  bool tainted_ = false;
};

}  // namespace lakebase::inline v0::pq::detail
