#include "base/after.hpp"
#include "pq/session/drive.hpp"
#include "pq/session/session.hpp"
#include "pq/session/tidy_step.hpp"
#include "pq/session/watched.hpp"

// The calls that wait for the server: each drives a step, and reports its outcome.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

void Session::throw_if_broken(StatementWait const& wait) {
  if (!broken_) return;
  if (wait.overrun()) throw_interrupted(wait);
  throw ConnectionError{*broken_};
}

ResultPointer Session::next_result(StatementWait& wait) {
  if (broken_) throw ConnectionError{*broken_};
  ResultStep step{wait};
  drive(step, waiter_, wait.stop());
  throw_if_broken(wait);
  return step.take();
}

CopyPiece Session::next_piece(StatementWait& wait, int& size) {
  CopyPieceStep step{wait};
  drive(step, waiter_, wait.stop());
  if (wait.overrun()) throw_interrupted(wait);
  size = step.size();
  return step.take();
}

void Session::flush(StatementWait& wait) {
  FlushStep step{wait};
  drive(step, waiter_, wait.stop());
  throw_if_broken(wait);
}

Ending Session::read_to_end(StatementWait& wait, ResultPointer first) {
  StatementStep step{wait, std::move(first)};
  drive(step, waiter_, wait.stop());
  auto ending = step.take();
  if (ending.copies_on) {
    throw InvalidArgument("the statement starts a copy that this library cannot end; its session was given up");
  }
  throw_if_broken(wait);
  return ending;
}

Result Session::collect(StatementWait& wait, ResultPointer first) {
  auto end = read_to_end(wait, std::move(first));
  if (end.copied) {
    throw InvalidArgument(*end.copied == PGRES_COPY_OUT ? "use copy_out for this statement"
                                                        : "use copy_in for this statement");
  }
  if (end.first_error) throw_error(end.first_error.get(), wait);
  if (!end.last) throw_no_result();
  return Result{std::move(end.last)};
}

void Session::drain(StatementWait& wait) noexcept {
  if (broken_) return;
  try {
    StatementStep step{wait};
    drive(step, waiter_, wait.stop());
  } catch (...) {
    give_up(failure_saying("the rest of a response could not be read", host_), true);
  }
}

Response Session::responds(std::chrono::nanoseconds grace, std::stop_token const& stop) noexcept {
  try {
    TidyStep step{*this, "SELECT 1", lakebase::detail::after(std::chrono::steady_clock::now(), grace), stop};
    drive(step, waiter_, stop);
    if (step.was_cut_short()) return Response::pending;
    return step.succeeded() ? Response::good : Response::lost;
  } catch (...) {
    return Response::lost;
  }
}

bool Session::roll_back() noexcept {
  auto const run_step = [this] {
    RollBackStep step{*this};
    drive(step, waiter_, {});
    return step.succeeded();
  };
  try {
    if (broken_ || outside_transaction()) return run_step();
    return watched(*this, {.operation = "ROLLBACK"}, run_step);
  } catch (...) {
    give_up(failure_saying("a transaction could not be rolled back", host_), true);
    return false;
  }
}

bool Session::settle_for_reuse(bool discard_all) noexcept {
  try {
    SettleStep step{*this, discard_all};
    drive(step, waiter_, {});
    return step.succeeded();
  } catch (...) {
    return false;
  }
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
