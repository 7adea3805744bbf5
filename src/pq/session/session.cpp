#include "pq/session/session.hpp"

#include <algorithm>
#include <cstring>

#include <lakebase/pq/recovery.hpp>

#include "base/after.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using namespace std::chrono_literals;

// What a server gets to react once it has been asked to stop, and what is left of that for its reaction when the
// request itself takes long. A caller whose bound was hit is told so within 5 s, on a busy machine as well.
constexpr auto cancel_grace = 3s;
constexpr auto reaction_time = 1s;
// For tidying up after that.
constexpr auto tidy_time = 500ms;

Failure failure_of_link(PGconn* connection, std::string const& host) {
  return failure_saying(clean(PQerrorMessage(connection)), host);
}

}  // namespace

bool is_error(ExecStatusType status) noexcept {
  return status == PGRES_FATAL_ERROR || status == PGRES_NONFATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

bool is_copy(ExecStatusType status) noexcept {
  return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

bool ends_session(PGresult const* error) noexcept {
  char const* severity = PQresultErrorField(error, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity == nullptr) severity = PQresultErrorField(error, PG_DIAG_SEVERITY);  // of a pooler, say
  return severity != nullptr && (std::strcmp(severity, "FATAL") == 0 || std::strcmp(severity, "PANIC") == 0);
}

StatementWait::StatementWait(Session& session, StatementOptions const& options)
    : session_(session), stop_(options.stop) {
  if (options.timeout) deadline_ = lakebase::detail::after(std::chrono::steady_clock::now(), *options.timeout);
}

void StatementWait::hurry(Interrupted reason) {
  interrupted_ = reason;
  stop_ = {};
  deadline_ = session_.patience_ends_ = std::chrono::steady_clock::now() + cancel_grace;
}

void StatementWait::interrupt(Interrupted reason) {
  hurry(reason);
  session_.cancel(*deadline_ - reaction_time);
}

bool StatementWait::wait(SocketEvents events) {
  while (!session_.broken()) {
    auto const outcome = session_.waiter().wait(PQsocket(session_.native()), events, deadline_, stop_);
    if (outcome == Readiness::ready) return true;
    if (interrupted_ != Interrupted::no) {
      session_.give_up(failure_saying("the server did not react in time", session_.host()), true);
    } else {
      interrupt(outcome == Readiness::stopped ? Interrupted::by_stop : Interrupted::by_timeout);
    }
  }
  return false;
}

Session::Session(PGconn* connection, std::string host, NoticeHandler on_notice, std::optional<CancelKey> key)
    : host_(std::move(host)), on_notice_(std::move(on_notice)), cancel_key_(key) {
  watch(connection);
}

Session::~Session() = default;

SessionHold SessionHold::share() const noexcept {
  if (session_ != nullptr) session_->shares_.fetch_add(1, std::memory_order_relaxed);
  return SessionHold{session_};
}

void SessionHold::let_go(Session* session) noexcept {
  if (session->shares_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  if (!session->when_unshared_) {
    delete session;
    return;
  }
  session->shares_.store(1, std::memory_order_relaxed);
  // May delete the session.
  std::exchange(session->when_unshared_, {})();
}

void Session::leave_to_others(std::function<void()> when_unshared) noexcept {
  when_unshared_ = std::move(when_unshared);
  SessionHold{this};  // and lets go of it
}

void Session::watch(PGconn* connection) {
  connection_.reset(connection);
  PQsetNoticeReceiver(connection, &Session::receive_notice, this);
  PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
  PQsetnonblocking(connection, 1);
}

void Session::receive_notice(void* self, PGresult const* notice) {
  auto& session = *static_cast<Session*>(self);
  bool const fatal = ends_session(notice);
  try {
    if (fatal && !session.farewell_) session.farewell_ = failure_of(notice, session.host_);
    if (!fatal && session.on_notice_) session.on_notice_(clean(PQresultErrorMessage(notice)));
  } catch (...) {  // a C library's callback must not throw; a notice is not worth a session
  }
}

// Where the server said why it hangs up, that is the first error.
Failure Session::lost(Failure failure) const {
  if (failure.pg.sqlstate.empty() && farewell_) return *farewell_;
  return failure;
}

void Session::give_up(Failure failure, bool maybe_ran) noexcept {
  if (broken_) return;
  failure = lost(std::move(failure));
  failure.facts.retryable = true;
  broken_.emplace(maybe_ran, std::move(failure.pg), std::move(failure.facts));
  if (connection_) shut_down(PQsocket(connection_.get()));
}

void Session::require_usable() {
  if (!broken_ && connection_ && PQstatus(connection_.get()) == CONNECTION_OK) return;
  if (!broken_) {
    auto const text = connection_ ? clean(PQerrorMessage(connection_.get())) : std::string{};
    give_up(failure_saying(text.empty() ? "the connection is closed" : text, host_), false);
  }
  throw_broken();
}

void Session::throw_broken() {
  // What is asked of a session that is already lost was not sent.
  throw ConnectionError{false, broken_->pg(), broken_->facts()};
}

void Session::throw_not_sent() {
  auto failure = failure_of_link(native(), host_);
  if (PQstatus(native()) == CONNECTION_OK) throw PgError{std::move(failure.pg), std::move(failure.facts)};
  give_up(std::move(failure), false);
  throw_broken();
}

bool Session::read_more(StatementWait& wait, bool unsent) {
  if (!wait.wait({.read = true, .write = unsent})) throw_interrupted(wait);
  // What is unsent, PQflush sends next, and reads where it cannot. Two reads in a row, with nothing taken out in
  // between, would make libpq double its buffer, and fill it to the end before it returns.
  if (unsent || PQconsumeInput(native()) == 1) return true;
  if (PQstatus(native()) != CONNECTION_OK) return false;
  give_up(failure_of_link(native(), host_), true);  // there is no memory for what came
  throw ConnectionError{*broken_};
}

ResultPointer Session::next_result(StatementWait& wait) {
  if (broken_) throw ConnectionError{*broken_};
  for (;;) {
    bool const unsent = PQflush(native()) == 1;
    bool const busy = PQisBusy(native()) != 0;  // which takes out what has come
    if ((!busy && !unsent) || !read_more(wait, unsent)) break;
  }
  ResultPointer result{PQgetResult(native())};
  if (result) prepared_.note(PQcmdStatus(result.get()));
  return result;
}

void Session::throw_interrupted(StatementWait const& wait, Failure failure) {
  std::string const and_session = broken_ ? ", and its session with it" : "";
  switch (wait.interrupted()) {
    case StatementWait::Interrupted::by_stop:
      throw Cancelled("a stop request ended a statement" + and_session);
    case StatementWait::Interrupted::by_misuse:
      throw InvalidArgument("use copy_out for this statement, which was ended" + and_session);
    case StatementWait::Interrupted::by_timeout:
      break;
    case StatementWait::Interrupted::no:
      throw ConnectionError{*broken_};
  }
  failure.pg.host = host_;
  failure.facts.message = broken_ ? "a statement did not end in time, nor did it react to a cancel request"
                                  : "a statement did not end in time and was cancelled";
  throw StatementTimeout{std::move(failure.pg), std::move(failure.facts)};
}

// A failure of the statement, or of the session: a session whose link is up and whose server did not call it off has
// lost nothing, whatever the SQLSTATE says.
void Session::throw_error(PGresult const* result, StatementWait const& wait) {
  if (!broken_ && (PQstatus(native()) != CONNECTION_OK || ends_session(result))) {
    give_up(failure_of(result, host_), true);
  }
  if (broken_) throw ConnectionError{*broken_};
  auto failure = failure_of(result, host_);
  bool const asked = wait.interrupted() == StatementWait::Interrupted::by_stop ||
                     wait.interrupted() == StatementWait::Interrupted::by_timeout;
  if (asked && failure.pg.sqlstate == "57014") throw_interrupted(wait, std::move(failure));
  auto const recovery = classify_statement(failure.pg.sqlstate, false);
  failure.facts.retryable =
      recovery == StatementRecovery::replay || (recovery == StatementRecovery::reroute && !writes_elsewhere());
  if (recovery == StatementRecovery::reroute) explain_read_only(failure);
  throw PgError{std::move(failure.pg), std::move(failure.facts)};
}

// From PostgreSQL 14 on the server tells of itself what hint_for cannot know.
void Session::explain_read_only(Failure& failure) const {
  if (parameter_is("in_hot_standby", "on")) {
    failure.facts.hint = "This server is a replica, which only reads: write to the read-write endpoint";
  } else if (writes_elsewhere()) {
    failure.facts.hint =
        "The transaction is read-only, not the server: it was begun so (BEGIN READ ONLY) or set so (SET TRANSACTION "
        "READ "
        "ONLY)";
  } else if (parameter_is("default_transaction_read_only", "on")) {
    failure.facts.hint =
        "default_transaction_read_only is on here: by a setting of the session, the role or the database, or on a "
        "primary before a failover";
  }
}

bool Session::parameter_is(char const* name, std::string_view wanted) const noexcept {
  char const* const value = PQparameterStatus(native(), name);
  return value != nullptr && value == wanted;
}

// A server that says of itself that it writes refused a write because its transaction is read-only: on any other server
// it would be the same.
bool Session::writes_elsewhere() const noexcept {
  return parameter_is("in_hot_standby", "off") && parameter_is("default_transaction_read_only", "off");
}

Ending Session::read_to_end(StatementWait& wait, ResultPointer first) {
  Ending end;
  bool called_off = false;
  auto result = first ? std::move(first) : next_result(wait);
  while (result && !called_off) {
    auto const status = PQresultStatus(result.get());
    if (is_copy(status)) {
      end.copied = status;
      end_copy(status, wait);
    } else if (is_error(status)) {
      called_off = ends_session(result.get());  // nothing more is coming, whether the server hangs up or not
      if (!end.first_error) end.first_error = std::move(result);
    } else {
      end.last = std::move(result);
    }
    if (!called_off) result = next_result(wait);
  }
  if (called_off || PQstatus(native()) != CONNECTION_OK) give_up_after(end);
  return end;
}

void Session::give_up_after(Ending const& end) {
  give_up(end.first_error ? failure_of(end.first_error.get(), host_) : failure_of_link(native(), host_), true);
}

Result Session::collect(StatementWait& wait, ResultPointer first) {
  auto end = read_to_end(wait, std::move(first));
  if (broken_) throw ConnectionError{*broken_};
  if (end.copied && *end.copied == PGRES_COPY_OUT) throw InvalidArgument("use copy_out for this statement");
  if (end.first_error) throw_error(end.first_error.get(), wait);
  if (!end.last) throw_no_result();
  return Result{std::move(end.last)};
}

// libpq drops what it could not read, e.g. a description of more columns than it has names for, where the server goes
// on as if nothing was the matter.
void Session::throw_no_result() {
  auto failure = failure_saying("the server ended a statement without a result", host_);
  give_up(failure, true);
  throw PgError{std::move(failure.pg), std::move(failure.facts)};
}

void Session::end_copy(ExecStatusType direction, StatementWait& wait) {
  if (direction == PGRES_COPY_IN && PQputCopyEnd(native(), "use copy_in for this statement") == 1) return;
  if (direction == PGRES_COPY_OUT) {
    if (wait.interrupted() == StatementWait::Interrupted::no) wait.interrupt(StatementWait::Interrupted::by_misuse);
    return skip_copy(wait);
  }
  give_up(failure_saying("a copy that was not asked for could not be ended", host_), true);
  throw InvalidArgument("the statement starts a copy that this library cannot end; its session was given up");
}

void Session::skip_copy(StatementWait& wait) {
  for (;;) {
    char* piece = nullptr;
    int const size = PQgetCopyData(native(), &piece, 1);
    PQfreemem(piece);
    if (size == -1) return;  // the end, or an error that the next result tells
    if (size == 0 && !read_more(wait)) return;
    if (size >= -1) continue;
    give_up(failure_of_link(native(), host_), true);
    throw ConnectionError{*broken_};
  }
}

void Session::drain(StatementWait& wait) noexcept {
  if (broken_) return;
  try {
    read_to_end(wait);
  } catch (...) {
    give_up(failure_saying("the rest of a response could not be read", host_), true);
  }
}

void Session::cancel(std::chrono::steady_clock::time_point until) noexcept {
  tainted_ = true;
  if (send_cancel(native(), cancel_key_, waiter_, until) != CancelOutcome::not_sent) return;
  give_up(failure_saying("the server could not be asked to stop a statement", host_), true);
}

bool Session::alive() noexcept {
  if (broken_ || !connection_) return false;
  auto* const connection = connection_.get();
  // Each turn reads what is there; a server that hung up shows in the second turn at the latest.
  for (int turn = 0; turn < 8; ++turn) {
    if (PQstatus(connection) != CONNECTION_OK || farewell_) break;
    if (!readable_now(PQsocket(connection))) return true;
    if (PQconsumeInput(connection) == 0) break;
    PQisBusy(connection);  // parses, which calls the notice receiver
  }
  if (PQstatus(connection) == CONNECTION_OK && !farewell_) return true;
  try {
    give_up(failure_saying(clean(PQerrorMessage(connection)), host_), false);
  } catch (...) {
    shut_down(PQsocket(connection));
  }
  return false;
}

// Runs what tidies up, and gives the session up where the server does not react to that.
bool Session::tidy(StatementWait& wait, char const* sql) noexcept {
  try {
    wait.give_up_when_hit();
    run(wait, [sql](PGconn* c) { return PQsendQuery(c, sql); });
  } catch (...) {
    return false;
  }
  return !broken_;
}

bool Session::responds(std::chrono::nanoseconds grace, std::stop_token const& stop) noexcept {
  StatementWait wait{*this, {.timeout = grace, .stop = stop}};
  return tidy(wait, "SELECT 1");
}

bool Session::roll_back() noexcept {
  if (broken_ || !connection_ || PQstatus(native()) != CONNECTION_OK) return false;
  if (outside_transaction()) return true;
  auto const now = std::chrono::steady_clock::now();
  std::chrono::nanoseconds time = cancel_grace;
  // What was just interrupted has used up its caller's patience.
  if (now < patience_ends_ + tidy_time) time = std::max<std::chrono::nanoseconds>(patience_ends_ - now, tidy_time);
  if (busy()) {
    StatementWait wait{*this, {}};
    wait.interrupt(StatementWait::Interrupted::by_stop);
    drain(wait);
    time = tidy_time;
  }
  if (broken_) return false;
  // Twice, as a request to cancel that comes late may hit the first.
  for (int turn = 0; turn < 2 && !broken_ && !outside_transaction(); ++turn) {
    StatementWait wait{*this, {.timeout = time}};
    tidy(wait, "ROLLBACK");
  }
  if (!broken_ && outside_transaction()) return true;
  give_up(failure_saying("a transaction could not be rolled back", host_), true);
  return false;
}

bool Session::settle_for_reuse(bool discard_all) noexcept {
  if (broken_ || tainted_ || !connection_) return false;
  if (PQpipelineStatus(native()) != PQ_PIPELINE_OFF || busy() || !roll_back()) return false;
  if (!discard_all) return true;
  StatementWait wait{*this, {.timeout = cancel_grace}};
  bool const discarded = tidy(wait, "DISCARD ALL");
  prepared_.clear();
  return discarded;
}

PGconn* Session::release() noexcept {
  if (!connection_) return nullptr;
  PQsetnonblocking(connection_.get(), 0);
  PQsetNoticeReceiver(
      connection_.get(), [](void*, PGresult const*) {}, nullptr);
  return connection_.release();
}

void Session::adopt(PGconn* connection) {
  if (connection == nullptr) return;
  watch(connection);
  prepared_.doubt_all();  // whoever had it may have dropped some
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
