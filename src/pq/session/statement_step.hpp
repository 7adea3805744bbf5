#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <libpq-fe.h>

#include <lakebase/pq/result.hpp>

#include "pq/session/statement_wait.hpp"
#include "pq/steps/step.hpp"

// Steps that send a statement and read its results. `Session::start` begins a statement, and sends as much as the
// socket takes at once; the steps send the rest.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

[[nodiscard]] bool is_error(ExecStatusType status) noexcept;
[[nodiscard]] bool is_copy(ExecStatusType status) noexcept;
/// Whether the server ends the session with this error.
[[nodiscard]] bool ends_session(PGresult const* error) noexcept;

/// The next result of what was sent. All results are read by this step. One that is a COPY comes again and again,
/// without a wait, until the data is copied or the copy is ended.
class ResultStep {
 public:
  explicit ResultStep(StatementWait& bounds) noexcept : bounds_(bounds) {}

  [[nodiscard]] std::optional<Wait> next(Woken woken);
  /// Null at the end of what was sent, and if the session was given up.
  [[nodiscard]] ResultPointer take() noexcept { return std::move(result_); }

 private:
  StatementWait& bounds_;
  ResultPointer result_{};
};

struct FreeByPq {
  void operator()(char* memory) const noexcept { PQfreemem(memory); }
};
using CopyPiece = std::unique_ptr<char, FreeByPq>;

/// The next piece of a COPY out.
class CopyPieceStep {
 public:
  explicit CopyPieceStep(StatementWait& bounds) noexcept : bounds_(bounds) {}

  [[nodiscard]] std::optional<Wait> next(Woken woken);
  /// The return value of libpq: -1 at the end or if the next result is an error, -2 if there is no memory; 0 if the
  /// link is lost.
  [[nodiscard]] int size() const noexcept { return size_; }
  [[nodiscard]] CopyPiece take() noexcept { return std::move(piece_); }

 private:
  StatementWait& bounds_;
  int size_ = 0;
  CopyPiece piece_{};
};

/// Sends what libpq has buffered. Ends without having sent all if a bound is hit or the link is lost.
class FlushStep {
 public:
  explicit FlushStep(StatementWait& bounds) noexcept : bounds_(bounds) {}

  [[nodiscard]] std::optional<Wait> next(Woken woken);

 private:
  StatementWait& bounds_;
};

/// How a statement ended.
struct Ending {
  ResultPointer last{};
  ResultPointer first_error{};
  /// Set if it was a COPY, which its caller did not expect: PGRES_COPY_IN, PGRES_COPY_OUT or PGRES_COPY_BOTH.
  std::optional<ExecStatusType> copied{};
  /// Whether the copy could not be ended, so that the session was given up.
  bool copies_on = false;
};

/// Reads to the end of what was sent. Ends a COPY on the way: one in by an error, one out by a cancel request. Gives
/// the session up if it did not survive.
class StatementStep {
 public:
  /// Begins with `first`, if that was read already.
  explicit StatementStep(StatementWait& bounds, ResultPointer first = {}) noexcept
      : bounds_(bounds), first_(std::move(first)), result_(bounds), piece_(bounds) {}

  [[nodiscard]] std::optional<Wait> next(Woken woken);
  [[nodiscard]] Ending take() noexcept { return std::move(ending_); }

 private:
  enum class Stage { reading, skipping_copy, done };

  Stage take_result(ResultPointer result, Woken const& woken);
  Stage end_copy(ExecStatusType direction, Woken const& woken);
  Stage after_piece();
  Stage finish(bool called_off);

  StatementWait& bounds_;
  ResultPointer first_;
  ResultStep result_;
  CopyPieceStep piece_;
  Stage stage_ = Stage::reading;
  Ending ending_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
