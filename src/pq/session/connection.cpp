#include <lakebase/pq/connection.hpp>

#include <utility>

#include <libpq-fe.h>

#include "base/after.hpp"
#include "pq/session/drive.hpp"
#include "pq/session/session.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

std::string const no_host{};

PGconn* not_null(pg_conn* connection) {
  if (connection == nullptr) throw InvalidArgument("no connection");
  return connection;
}

// Waits for the next notification from the server, until a moment.
class NotificationStep {
 public:
  NotificationStep(detail::Session& session, std::optional<detail::Moment> until) : session_(session), until_(until) {}

  std::optional<detail::Wait> next(detail::Woken woken) {
    ended_by_ = woken.by;
    if (ended_by_ != detail::Readiness::ready) return std::nullopt;
    PQconsumeInput(session_.native());
    if (find()) return std::nullopt;  // parses, also why the server hangs up
    // `alive` may read the notification that this waits for, also if the server has hung up behind it.
    bool const alive = session_.alive();
    if (find() || !alive) return std::nullopt;
    return detail::Wait{.socket = PQsocket(session_.native()), .read = true, .until = until_, .stoppable = true};
  }
  detail::Readiness ended_by() const noexcept { return ended_by_; }
  /// None if its time was over first, or the session is lost.
  std::optional<Notification> take() { return std::move(found_); }

 private:
  bool find() {
    std::unique_ptr<PGnotify, decltype(&PQfreemem)> const notify{PQnotifies(session_.native()), &PQfreemem};
    if (notify) found_ = Notification{notify->relname, notify->extra, notify->be_pid};
    return found_.has_value();
  }

  detail::Session& session_;
  std::optional<detail::Moment> until_;
  detail::Readiness ended_by_ = detail::Readiness::ready;
  std::optional<Notification> found_{};
};

}  // namespace

Connection::Connection(pg_conn* connection, std::string host)
    : Connection(detail::SessionHold{new detail::Session{not_null(connection), std::move(host)}}) {}
Connection::Connection(detail::SessionHold session) noexcept : Statements(std::move(session)) {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

Transaction Connection::begin(TransactionOptions const& options, StatementOptions const& statement_options) {
  if (!session_) throw InvalidArgument("the connection was moved from or released");
  session_->require_usable();
  return Transaction{session_.share(), options, statement_options};
}

void Connection::listen(std::string_view channel, StatementOptions const& options) {
  exec("LISTEN " + quote_identifier(channel), {}, options);
}

void Connection::unlisten(std::string_view channel, StatementOptions const& options) {
  exec("UNLISTEN " + quote_identifier(channel), {}, options);
}

std::optional<Notification> Connection::wait_notification(StatementOptions const& options) {
  if (!session_) throw InvalidArgument("the connection was moved from or released");
  std::optional<detail::Moment> deadline;
  if (options.timeout) deadline = lakebase::detail::after(std::chrono::steady_clock::now(), *options.timeout);
  NotificationStep step{*session_, deadline};
  detail::drive(step, session_->waiter(), options.stop);
  if (step.ended_by() == detail::Readiness::stopped) throw Cancelled("the wait for a notification was stopped");
  auto found = step.take();
  if (!found) session_->require_usable();
  return found;
}

bool Connection::alive() noexcept {
  return session_ && session_->alive();
}

std::optional<ConnectionError> Connection::broken() const {
  return session_ ? session_->broken() : std::nullopt;
}

std::string const& Connection::host() const& noexcept {
  return session_ ? session_->host() : no_host;
}
int Connection::backend_pid() const noexcept {
  return session_ ? PQbackendPID(session_->native()) : 0;
}
int Connection::server_version() const noexcept {
  return session_ ? PQserverVersion(session_->native()) : 0;
}

std::optional<std::string> Connection::parameter(std::string const& name) const {
  char const* const value = session_ ? PQparameterStatus(session_->native(), name.c_str()) : nullptr;
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

pg_conn* Connection::native() const& noexcept {
  return session_ ? session_->native() : nullptr;
}

pg_conn* Connection::release() noexcept {
  if (!session_) return nullptr;
  auto const session = std::move(session_);
  return session->release();
}

CommitOutcome settle(Connection& connection, CommitUnknown const& in_doubt, StatementOptions const& options) {
  if (in_doubt.transaction_id().empty()) return CommitOutcome::unknown;
  auto const status = connection.exec("SELECT pg_xact_status($1::xid8)", {in_doubt.transaction_id()}, options)
                          .value<std::optional<std::string>>();
  if (!status) return CommitOutcome::unknown;
  if (*status == "committed") return CommitOutcome::committed;
  return *status == "aborted" ? CommitOutcome::aborted : CommitOutcome::in_progress;
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
