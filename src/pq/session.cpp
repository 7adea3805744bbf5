#include "pq/session.hpp"

#include <cstring>

#include <lakebase/pq/recovery.hpp>

#include "base/after.hpp"
#include "pq/cancel.hpp"

namespace lakebase::inline v0::pq::detail {
namespace {

using namespace std::chrono_literals;

// How long a server may take to react to a cancel request before the session is given up.
constexpr auto cancel_grace = 5s;

bool is_error(ExecStatusType status) {
  return status == PGRES_FATAL_ERROR || status == PGRES_NONFATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

bool ends_session(PGresult const* error) {
  char const* const severity = PQresultErrorField(error, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity != nullptr && (std::strcmp(severity, "FATAL") == 0 || std::strcmp(severity, "PANIC") == 0);
}

}  // namespace

StatementWait::StatementWait(Session& session, StatementOptions const& options)
    : session_(session), stop_(options.stop) {
  if (options.timeout) deadline_ = lakebase::detail::after(std::chrono::steady_clock::now(), *options.timeout);
}

void StatementWait::interrupt(Interrupted reason) {
  interrupted_ = reason;
  session_.cancel();
  deadline_ = std::chrono::steady_clock::now() + cancel_grace;
  stop_ = {};
}

bool StatementWait::wait(SocketEvents events) {
  for (;;) {
    auto const outcome = session_.waiter().wait(PQsocket(session_.native()), events, deadline_, stop_);
    if (outcome == Readiness::ready) return true;
    if (interrupted_ != Interrupted::no) {
      session_.give_up(failure_saying("the server did not react to a cancel request in time", session_.host()), true);
      return false;
    }
    interrupt(outcome == Readiness::stopped ? Interrupted::by_stop : Interrupted::by_timeout);
  }
}

Session::Session(PGconn* connection, std::string host, NoticeHandler on_notice)
    : host_(std::move(host)), on_notice_(std::move(on_notice)) {
  watch(connection);
}

Session::~Session() = default;

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
  auto failure = failure_saying(clean(PQerrorMessage(native())), host_);
  if (PQstatus(native()) == CONNECTION_OK) throw PgError{std::move(failure.pg), std::move(failure.facts)};
  give_up(std::move(failure), false);
  throw_broken();
}

ResultPointer Session::next_result(StatementWait& wait) {
  for (;;) {
    bool const unsent = PQflush(native()) == 1;
    if (PQisBusy(native()) == 0 && !unsent) break;
    if (!wait.wait({.read = true, .write = unsent})) throw_interrupted(wait, failure_saying("", host_));
    if (PQconsumeInput(native()) == 0) break;  // PQgetResult tells what happened
  }
  return ResultPointer{PQgetResult(native())};
}

void Session::throw_interrupted(StatementWait const& wait, Failure failure) {
  bool const stopped = wait.interrupted() == StatementWait::Interrupted::by_stop;
  if (stopped) {
    ErrorFacts facts;
    facts.message =
        broken_ ? "a stop request ended a statement, and its session with it" : "a stop request ended a statement";
    throw Cancelled{std::move(facts)};
  }
  failure.facts.message = broken_ ? "a statement did not end in time, nor did it react to a cancel request"
                                  : "a statement did not end in time and was cancelled";
  throw StatementTimeout{std::move(failure.pg), std::move(failure.facts)};
}

void Session::throw_error(PGresult const* result, StatementWait const& wait) {
  auto failure = failure_of(result, host_);
  if (PQstatus(native()) != CONNECTION_OK || ends_session(result)) {
    give_up(std::move(failure), true);
    throw *broken_;
  }
  if (wait.interrupted() != StatementWait::Interrupted::no && failure.pg.sqlstate == "57014") {
    throw_interrupted(wait, std::move(failure));
  }
  failure.facts.retryable = classify_statement(failure.pg.sqlstate, false) != StatementRecovery::never;
  throw PgError{std::move(failure.pg), std::move(failure.facts)};
}

Result Session::collect(StatementWait& wait) {
  ResultPointer last;
  ResultPointer first_error;
  bool copied_out = false;
  while (auto result = next_result(wait)) {
    auto const status = PQresultStatus(result.get());
    if (is_error(status)) {
      if (!first_error) first_error = std::move(result);
      if (ends_session(first_error.get())) break;  // nothing more is coming, whether the server hangs up or not
    } else if (status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) {
      PQputCopyEnd(native(), "use copy_in for this statement");
    } else if (status == PGRES_COPY_OUT) {
      cancel();
      skip_copy(wait);
      copied_out = true;
    } else {
      last = std::move(result);
    }
  }
  if (copied_out && PQstatus(native()) == CONNECTION_OK) throw InvalidArgument("use copy_out for this statement");
  if (first_error) throw_error(first_error.get(), wait);
  if (PQstatus(native()) != CONNECTION_OK) {
    give_up(failure_saying(clean(PQerrorMessage(native())), host_), true);
    throw *broken_;
  }
  return Result{std::move(last)};
}

void Session::skip_copy(StatementWait& wait) {
  for (;;) {
    char* piece = nullptr;
    int const size = PQgetCopyData(native(), &piece, 1);
    PQfreemem(piece);
    if (size < 0) return;  // the end, or an error that the next result tells
    if (size > 0) continue;
    if (!wait.wait({})) throw_interrupted(wait, failure_saying("", host_));
    PQconsumeInput(native());
  }
}

void Session::drain() noexcept {
  try {
    StatementWait wait{*this, {.timeout = cancel_grace}};
    while (auto const result = next_result(wait)) {
      auto const status = PQresultStatus(result.get());
      if (status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) PQputCopyEnd(native(), "given up");
      if (status == PGRES_COPY_OUT) skip_copy(wait);
    }
  } catch (...) {
    give_up(failure_saying("the rest of an answer could not be read", host_), true);
  }
}

void Session::cancel() noexcept {
  tainted_ = true;
  send_cancel(native(), waiter_, std::chrono::steady_clock::now() + cancel_grace);
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

bool Session::settle_for_reuse(bool discard_all) noexcept {
  if (broken_ || tainted_ || !connection_) return false;
  auto* const connection = connection_.get();
  if (PQstatus(connection) != CONNECTION_OK || PQpipelineStatus(connection) != PQ_PIPELINE_OFF) return false;
  auto const status = PQtransactionStatus(connection);
  if (status == PQTRANS_ACTIVE || status == PQTRANS_UNKNOWN) return false;
  try {
    StatementOptions const brief{.timeout = cancel_grace};
    if (status != PQTRANS_IDLE) run(brief, [](PGconn* c) { return PQsendQuery(c, "ROLLBACK"); });
    if (discard_all) {
      run(brief, [](PGconn* c) { return PQsendQuery(c, "DISCARD ALL"); });
      prepared_.clear();
    }
  } catch (...) {
    return false;
  }
  return !broken_;
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
}

}  // namespace lakebase::inline v0::pq::detail
