#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>

#include <lakebase/pq/statement_options.hpp>

#include "pq/steps/cancel_step.hpp"
#include "pq/steps/step.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

class Session;

/// The time that a server has to react to a cancel request. A caller whose bound was hit gets the error within 5 s,
/// even on a busy machine.
inline constexpr std::chrono::nanoseconds cancel_grace = std::chrono::seconds{3};

/// After this time a server that took the request and has not reacted is asked again: it ignores a request that reaches
/// it before the statement does, which happens if the bound is hit at once, or the machine is busy.
inline constexpr std::chrono::nanoseconds pause_between_cancels = std::chrono::milliseconds{400};

/// The waits for the server, one after another, within the bounds of one statement. When a bound is hit, the statement
/// is cancelled and the server gets a grace to react; after that the session is given up. Request and reaction share
/// one grace: a bound is overrun by no more than that. Part of each step that sends or reads for the statement:
///
///     auto wait = bounds.next(woken);
///     while (!wait && bounds.linked()) {
///       // do what can be done; leave the loop when that is all
///       wait = bounds.begin(unsent);
///     }
///     return wait;
class StatementWait {
 public:
  enum class Interrupted {
    no,
    by_timeout,
    by_stop,
    by_misuse,  ///< It did something that its caller cannot handle.
  };

  StatementWait(Session& session, StatementOptions const& options);
  explicit StatementWait(Session& session, std::optional<Moment> until = {}, std::stop_token stop = {});
  StatementWait(StatementWait const&) = delete;
  StatementWait& operator=(StatementWait const&) = delete;

  /// Begins to wait until the server has sent something, or, if `unsent`, until more can be sent to it. Null if the
  /// session is given up already.
  [[nodiscard]] std::optional<Wait> begin(bool unsent);
  /// Continues the wait that was begun, after a cancel request if one is due. Null when the wait is over. Then what the
  /// server sent has been read, unless there is more to send: PQflush comes next, and reads if it cannot send. Two
  /// reads in a row without parsing would make libpq double its buffer, and fill it to the end before it returns.
  [[nodiscard]] std::optional<Wait> next(Woken woken) {
    if (waits_ != Waits::no || cancel_) return go_on(woken);
    linked_ = true;
    return std::nullopt;
  }
  /// Whether the link was up at the last wait. If not, the session is given up, or the next result says that it is
  /// lost.
  [[nodiscard]] bool linked() const noexcept { return linked_; }

  /// Cancels the statement, as if it had been stopped; the next step begins with this.
  void interrupt(Interrupted reason, Moment now = std::chrono::steady_clock::now()) noexcept;
  /// From now on the statement has no more than the grace to end by itself; otherwise the session is given up.
  void hurry(Interrupted reason, Moment now = std::chrono::steady_clock::now()) noexcept;
  /// When a bound is hit, the session is given up at once, without a cancel request.
  void give_up_when_hit() noexcept { interrupted_ = Interrupted::by_stop; }
  [[nodiscard]] Interrupted interrupted() const noexcept { return interrupted_; }
  /// Whether the session was given up because a bound was hit.
  [[nodiscard]] bool overrun() const noexcept { return overrun_; }

  Session& session() const noexcept { return session_; }
  std::stop_token const& stop() const noexcept { return stop_; }

 private:
  enum class Waits { no, for_input, for_room };

  Wait wait() const noexcept;
  std::optional<Wait> go_on(Woken woken);
  void ask_to_cancel(Moment now) noexcept;
  std::optional<Wait> go_on_cancelling(Woken woken);
  void take_in();
  std::nullopt_t give_up(char const* why);

  Session& session_;
  std::optional<Moment> deadline_{};
  std::stop_token stop_{};
  Interrupted interrupted_ = Interrupted::no;
  Waits waits_ = Waits::no;
  bool stoppable_;
  bool linked_ = true;
  bool overrun_ = false;
  // Set if the server is to be asked once more.
  std::optional<Moment> ask_again_{};
  bool was_asked_ = false;
  // Set while a cancel request is sent.
  std::unique_ptr<CancelStep> cancel_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
