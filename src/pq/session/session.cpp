#include "pq/session/session.hpp"

#include <utility>

#include "pq/session/statement_step.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
Session::Session(PGconn* connection, std::string host, NoticeHandler on_notice, std::optional<CancelKey> key)
    : host_(std::move(host)), on_notice_(std::move(on_notice)), cancel_key_(key) {
  watch(connection);
}

Session::~Session() = default;

SessionHold SessionHold::share() const noexcept {
  if (session_ != nullptr) session_->shares_.fetch_add(1, std::memory_order_relaxed);
  return SessionHold{session_};
}

void SessionHold::drop(Session* session) noexcept {
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
  SessionHold{this};  // takes the owner's share, and drops it
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
  } catch (...) {  // a callback of a C library must not throw; a lost notice does not matter
  }
}

// If the server said why it hangs up, that is the first error.
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

void Session::give_up_link(bool maybe_ran) {
  give_up(failure_of_link(), maybe_ran);
}

Failure Session::failure_of_link() const {
  return failure_saying(clean(PQerrorMessage(native())), host_);
}

bool Session::usable() {
  if (!broken_ && connection_ && PQstatus(connection_.get()) == CONNECTION_OK) return true;
  if (broken_) return false;
  auto const text = connection_ ? clean(PQerrorMessage(connection_.get())) : std::string{};
  give_up(failure_saying(text.empty() ? "the connection is closed" : text, host_), false);
  return false;
}

std::unique_ptr<CancelStep> Session::begin_cancel(Moment until) noexcept {
  tainted_ = true;
  try {
    return std::make_unique<CancelStep>(native(), cancel_key_, until);
  } catch (...) {
    give_up(failure_saying("the server could not be asked to stop a statement", host_), true);
    return nullptr;
  }
}

bool Session::alive() noexcept {
  if (broken_ || !connection_) return false;
  auto* const connection = connection_.get();
  // Each turn reads what is there; the second turn at the latest shows whether the server has hung up.
  for (int turn = 0; turn < 8; ++turn) {
    if (PQstatus(connection) != CONNECTION_OK || farewell_) break;
    if (!readable_now(PQsocket(connection))) return true;
    if (PQconsumeInput(connection) == 0) break;
    PQisBusy(connection);  // parses, which calls the notice receiver
  }
  if (PQstatus(connection) == CONNECTION_OK && !farewell_) return true;
  try {
    give_up_link(false);
  } catch (...) {
    shut_down(PQsocket(connection));
  }
  return false;
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
  prepared_.doubt_all();  // whoever had the handle may have dropped some
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
