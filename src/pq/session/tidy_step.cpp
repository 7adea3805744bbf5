#include "pq/session/tidy_step.hpp"

#include <algorithm>
#include <utility>

#include <libpq-fe.h>

#include "base/after.hpp"
#include "pq/session/session.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using lakebase::detail::after;

// The time for tidying up once a grace has been used up.
constexpr std::chrono::nanoseconds tidy_time = std::chrono::milliseconds{500};
// Twice, as a request to cancel that comes late may hit the first.
constexpr int most_rollbacks = 2;

}  // namespace

TidyStep::TidyStep(Session& session, char const* sql, Moment until, std::stop_token stop)
    : session_(session), sql_(sql), bounds_(session, until, std::move(stop)), reading_(bounds_) {
  bounds_.give_up_when_hit();
}

bool TidyStep::send() {
  if (!session_.usable()) return false;
  if (PQsendQuery(session_.native(), sql_) == 1) return true;
  static_cast<void>(session_.usable());  // gives it up if the link was lost
  return false;
}

std::optional<Wait> TidyStep::next(Woken woken) {
  if (!std::exchange(sent_, true) && !send()) return std::nullopt;
  if (auto const wait = reading_.next(woken)) return wait;
  auto const ending = reading_.take();
  if (session_.broken()) return std::nullopt;
  if (!ending.last && !ending.first_error) session_.give_up(no_result(session_.host()), true);
  succeeded_ = ending.last && !ending.first_error && !ending.copied;
  return std::nullopt;
}

std::optional<Wait> RollBackStep::next(Woken woken) {
  if (stage_ == Stage::beginning) stage_ = begin(woken);
  if (stage_ == Stage::ending_statement) {
    if (auto const wait = ending_->next(woken)) return wait;
    stage_ = Stage::rolling_back;
  }
  if (stage_ == Stage::rolling_back) {
    if (auto const wait = roll_back(woken)) return wait;
    stage_ = Stage::done;
  }
  succeeded_ = !session_.broken() && session_.outside_transaction();
  return std::nullopt;
}

RollBackStep::Stage RollBackStep::begin(Woken const& woken) {
  bool const lost = session_.broken() || PQstatus(session_.native()) != CONNECTION_OK;
  if (lost || session_.outside_transaction()) return Stage::done;
  auto const now = woken.now();
  // A statement that was just interrupted has used up its caller's time.
  auto const patience_ends = session_.patience_ends();
  if (now < patience_ends + tidy_time) time_ = std::max(patience_ends - now, tidy_time);
  if (!session_.busy()) return Stage::rolling_back;
  bounds_.emplace(session_);
  bounds_->interrupt(StatementWait::Interrupted::by_stop, now);
  ending_.emplace(*bounds_);
  time_ = tidy_time;
  return Stage::ending_statement;
}

std::optional<Wait> RollBackStep::roll_back(Woken woken) {
  for (;;) {
    if (tidying_) {
      if (auto const wait = tidying_->next(woken)) return wait;
      tidying_.reset();
    }
    if (session_.broken() || session_.outside_transaction()) return std::nullopt;
    if (rollbacks_ == most_rollbacks) break;
    ++rollbacks_;
    tidying_.emplace(session_, "ROLLBACK", after(woken.now(), time_));
  }
  session_.give_up(failure_saying("a transaction could not be rolled back", session_.host()), true);
  return std::nullopt;
}

std::optional<Wait> SettleStep::next(Woken woken) {
  if (!std::exchange(begun_, true)) {
    if (!fit()) return std::nullopt;
    succeeded_ = session_.outside_transaction();
    if (!succeeded_) rolling_back_.emplace(session_);
  }
  if (rolling_back_) {
    if (auto const wait = rolling_back_->next(woken)) return wait;
    succeeded_ = rolling_back_->succeeded();
    rolling_back_.reset();
  }
  if (!discarding_) {
    if (!succeeded_ || !discard_all_) return std::nullopt;
    discarding_.emplace(session_, "DISCARD ALL", after(woken.now(), cancel_grace));
  }
  if (auto const wait = discarding_->next(woken)) return wait;
  succeeded_ = discarding_->succeeded();
  session_.prepared().clear();
  return std::nullopt;
}

// A session with a statement under way was left by code that is not done with it.
bool SettleStep::fit() const noexcept {
  return !session_.broken() && !session_.tainted() && session_.native() != nullptr &&
         PQpipelineStatus(session_.native()) == PQ_PIPELINE_OFF && !session_.busy();
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
