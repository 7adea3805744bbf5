#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "pq/session/statement_step.hpp"
#include "pq/session/statement_wait.hpp"
#include "pq/steps/step.hpp"

// Steps that make a session ready for further use. They report only whether it still is; if the server does not react
// in time, the session is given up.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

class Session;

/// Runs a statement whose result is not needed.
class TidyStep {
 public:
  TidyStep(Session& session, char const* sql, Moment until, std::stop_token stop = {});
  TidyStep(TidyStep const&) = delete;
  TidyStep& operator=(TidyStep const&) = delete;

  [[nodiscard]] std::optional<Wait> next(Woken woken);
  /// Whether the statement succeeded.
  [[nodiscard]] bool succeeded() const noexcept { return succeeded_; }
  /// Whether the time was over, or a stop requested, before the server responded.
  [[nodiscard]] bool was_cut_short() const noexcept { return bounds_.overrun(); }

 private:
  bool send();

  Session& session_;
  char const* sql_;
  StatementWait bounds_;
  StatementStep reading_;
  bool sent_ = false;
  bool succeeded_ = false;
};

/// Ends what is under way, and rolls back what is open, within a grace. Unless that is known to have succeeded, the
/// session is given up.
class RollBackStep {
 public:
  explicit RollBackStep(Session& session) noexcept : session_(session) {}
  RollBackStep(RollBackStep const&) = delete;
  RollBackStep& operator=(RollBackStep const&) = delete;

  [[nodiscard]] std::optional<Wait> next(Woken woken);
  /// Whether nothing is open any more.
  [[nodiscard]] bool succeeded() const noexcept { return succeeded_; }

 private:
  enum class Stage { beginning, ending_statement, rolling_back, done };

  Stage begin(Woken const& woken);
  std::optional<Wait> roll_back(Woken woken);

  Session& session_;
  Stage stage_ = Stage::beginning;
  std::chrono::nanoseconds time_ = cancel_grace;
  int rollbacks_ = 0;
  bool succeeded_ = false;
  // The bounds of the statement that was under way.
  std::optional<StatementWait> bounds_{};
  std::optional<StatementStep> ending_{};
  std::optional<TidyStep> tidying_{};
};

/// Makes a session fit for its next user: nothing is open, and with `discard_all` no settings are left.
class SettleStep {
 public:
  SettleStep(Session& session, bool discard_all) noexcept : session_(session), discard_all_(discard_all) {}

  [[nodiscard]] std::optional<Wait> next(Woken woken);
  /// Whether the session is fit for further use.
  [[nodiscard]] bool succeeded() const noexcept { return succeeded_; }

 private:
  bool fit() const noexcept;

  Session& session_;
  bool discard_all_;
  bool begun_ = false;
  bool succeeded_ = false;
  std::optional<RollBackStep> rolling_back_{};
  std::optional<TidyStep> discarding_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
