#include "pq/session/statement_wait.hpp"

#include <algorithm>
#include <utility>

#include <libpq-fe.h>

#include "base/after.hpp"
#include "pq/session/session.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

// The least part of the grace for the server's reaction, if the cancel request itself takes long.
constexpr auto reaction_time = std::chrono::seconds{1};

std::optional<Moment> deadline_of(StatementOptions const& options) {
  if (!options.timeout) return std::nullopt;
  return lakebase::detail::after(std::chrono::steady_clock::now(), *options.timeout);
}

}  // namespace

StatementWait::StatementWait(Session& session, StatementOptions const& options)
    : StatementWait(session, deadline_of(options), options.stop) {}

StatementWait::StatementWait(Session& session, std::optional<Moment> until, std::stop_token stop)
    : session_(session), deadline_(until), stop_(std::move(stop)), stoppable_(stop_.stop_possible()) {}

void StatementWait::hurry(Interrupted reason, Moment now) noexcept {
  interrupted_ = reason;
  stoppable_ = false;
  deadline_ = lakebase::detail::after(now, cancel_grace);
  session_.be_patient_until(*deadline_);
}

void StatementWait::interrupt(Interrupted reason, Moment now) noexcept {
  hurry(reason, now);
  ask_to_cancel(now);
}

void StatementWait::ask_to_cancel(Moment now) noexcept {
  cancel_ = session_.begin_cancel(*deadline_ - reaction_time);
  ask_again_ = lakebase::detail::after(now, pause_between_cancels);
}

Wait StatementWait::wait() const noexcept {
  return {.socket = PQsocket(session_.native()),
          .read = true,
          .write = waits_ == Waits::for_room,
          .until = ask_again_ ? std::min(*ask_again_, *deadline_) : deadline_,
          .stoppable = stoppable_};
}

std::optional<Wait> StatementWait::begin(bool unsent) {
  linked_ = !session_.broken();
  if (!linked_) return std::nullopt;
  waits_ = unsent ? Waits::for_room : Waits::for_input;
  return wait();
}

std::optional<Wait> StatementWait::go_on(Woken woken) {
  linked_ = true;
  if (cancel_) return go_on_cancelling(woken);
  if (woken.by == Readiness::ready) {
    if (std::exchange(waits_, Waits::no) == Waits::for_input) take_in();
    return std::nullopt;
  }
  auto const now = woken.now();
  if (interrupted_ == Interrupted::no) {
    interrupt(woken.by == Readiness::stopped ? Interrupted::by_stop : Interrupted::by_timeout, now);
  } else if (ask_again_ && now < *deadline_) {
    ask_to_cancel(now);
  } else {
    return give_up("the server did not react in time");
  }
  return go_on_cancelling({});
}

std::optional<Wait> StatementWait::go_on_cancelling(Woken woken) {
  auto const wait_to_cancel = cancel_ ? cancel_->next(woken) : std::nullopt;
  if (wait_to_cancel) return wait_to_cancel;
  auto const outcome = cancel_ ? std::exchange(cancel_, nullptr)->outcome() : CancelOutcome::not_sent;
  bool const was_asked = std::exchange(was_asked_, true);
  if (outcome == CancelOutcome::not_sent && !was_asked) {
    return give_up("the server could not be asked to stop a statement");
  }
  if (outcome != CancelOutcome::taken || *ask_again_ >= *deadline_ - reaction_time) ask_again_.reset();
  if (session_.broken()) return give_up("");
  return waits_ == Waits::no ? std::nullopt : std::optional{wait()};
}

std::nullopt_t StatementWait::give_up(char const* why) {
  session_.give_up(failure_saying(why, session_.host()), true);
  waits_ = Waits::no;
  linked_ = false;
  overrun_ = true;
  return std::nullopt;
}

void StatementWait::take_in() {
  linked_ = PQconsumeInput(session_.native()) == 1;
  if (linked_ || PQstatus(session_.native()) != CONNECTION_OK) return;
  session_.give_up_link(true);  // there is no memory for the received data
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
