#include "pq/session/statement_step.hpp"

#include <cstring>

#include "pq/session/session.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

bool is_error(ExecStatusType status) noexcept {
  return status == PGRES_FATAL_ERROR || status == PGRES_NONFATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

bool is_copy(ExecStatusType status) noexcept {
  return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

bool ends_session(PGresult const* error) noexcept {
  char const* severity = PQresultErrorField(error, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity == nullptr) severity = PQresultErrorField(error, PG_DIAG_SEVERITY);  // e.g. from a pooler
  return severity != nullptr && (std::strcmp(severity, "FATAL") == 0 || std::strcmp(severity, "PANIC") == 0);
}

std::optional<Wait> ResultStep::next(Woken woken) {
  auto& session = bounds_.session();
  auto wait = bounds_.next(woken);
  while (!wait && bounds_.linked() && !session.broken()) {
    bool const unsent = PQflush(session.native()) == 1;
    bool const busy = PQisBusy(session.native()) != 0;  // also parses what has come
    if (!busy && !unsent) break;
    wait = bounds_.begin(unsent);
  }
  if (wait || session.broken()) return wait;
  result_.reset(PQgetResult(session.native()));
  if (result_) session.prepared().note(PQcmdStatus(result_.get()));
  return std::nullopt;
}

std::optional<Wait> CopyPieceStep::next(Woken woken) {
  auto wait = bounds_.next(woken);
  while (!wait && bounds_.linked()) {
    char* piece = nullptr;
    size_ = PQgetCopyData(bounds_.session().native(), &piece, 1);
    piece_.reset(piece);
    if (size_ != 0) break;
    wait = bounds_.begin(false);
  }
  return wait;
}

std::optional<Wait> FlushStep::next(Woken woken) {
  auto* const connection = bounds_.session().native();
  auto wait = bounds_.next(woken);
  auto const goes_on = [&] { return bounds_.linked() && bounds_.interrupted() == StatementWait::Interrupted::no; };
  while (!wait && goes_on() && PQflush(connection) == 1) {
    PQisBusy(connection);  // takes notices out of libpq's buffer, which would grow without end otherwise
    wait = bounds_.begin(true);
  }
  return wait;
}

std::optional<Wait> StatementStep::next(Woken woken) {
  while (stage_ != Stage::done) {
    if (stage_ == Stage::skipping_copy) {
      if (auto const wait = piece_.next(woken)) return wait;
      stage_ = after_piece();
    } else if (first_) {
      stage_ = take_result(std::move(first_), woken);
    } else {
      if (auto const wait = result_.next(woken)) return wait;
      stage_ = take_result(result_.take(), woken);
    }
    woken.by = Readiness::ready;  // for what begins now
  }
  return std::nullopt;
}

StatementStep::Stage StatementStep::take_result(ResultPointer result, Woken const& woken) {
  if (!result) return finish(false);
  auto const status = PQresultStatus(result.get());
  if (is_copy(status)) return end_copy(status, woken);
  if (!is_error(status)) {
    ending_.last = std::move(result);
    return Stage::reading;
  }
  bool const called_off = ends_session(result.get());  // nothing more will come, whether the server hangs up or not
  if (!ending_.first_error) ending_.first_error = std::move(result);
  return called_off ? finish(true) : Stage::reading;
}

StatementStep::Stage StatementStep::end_copy(ExecStatusType direction, Woken const& woken) {
  auto& session = bounds_.session();
  ending_.copied = direction;
  if (direction == PGRES_COPY_IN && PQputCopyEnd(session.native(), "use copy_in for this statement") == 1) {
    return Stage::reading;
  }
  if (direction == PGRES_COPY_OUT) {
    using Interrupted = StatementWait::Interrupted;
    if (bounds_.interrupted() == Interrupted::no) bounds_.interrupt(Interrupted::by_misuse, woken.now());
    return Stage::skipping_copy;
  }
  session.give_up(failure_saying("an unexpected copy could not be ended", session.host()), true);
  ending_.copies_on = true;
  return Stage::done;
}

// At the end of the copy, or if the link is lost, the next result tells which.
StatementStep::Stage StatementStep::after_piece() {
  if (piece_.size() > 0) return Stage::skipping_copy;
  if (piece_.size() >= -1) return Stage::reading;
  bounds_.session().give_up_link(true);
  return Stage::done;
}

StatementStep::Stage StatementStep::finish(bool called_off) {
  auto& session = bounds_.session();
  if (!called_off && PQstatus(session.native()) == CONNECTION_OK) return Stage::done;
  if (ending_.first_error) {
    session.give_up(failure_of(ending_.first_error.get(), session.host()), true);
  } else {
    session.give_up_link(true);
  }
  return Stage::done;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
