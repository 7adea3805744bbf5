#pragma once

#include <chrono>
#include <memory>
#include <stop_token>

#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {

/// The time, and waiting for it. Every pause of the library goes through this, so that tests need not sleep: see
/// `testing::FakeClock`.
///
/// Thread safety: implementations must be safe to use from several threads at once.
/// Exceptions: implementations must not throw.
/// Lifetime: a client shares ownership of its clock until it, its copies, pagers and operations are destroyed.
class LAKEBASE_EXPORT Clock {
 public:
  virtual ~Clock() = default;

  /// For measuring and for deadlines; never runs backwards.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const = 0;
  /// For dates: the expiry of tokens, dates in headers.
  [[nodiscard]] virtual std::chrono::system_clock::time_point system_now() const = 0;
  /// What both clocks show.
  struct Times {
    std::chrono::steady_clock::time_point steady{};  ///< `now()`
    std::chrono::system_clock::time_point system{};  ///< `system_now()`, or some milliseconds before it.
  };
  /// Both clocks, for code that reads them often.
  [[nodiscard]] virtual Times times() const { return {now(), system_now()}; }
  /// Sleeps until `deadline`, or until `stop` is requested, which ends the sleep at once.
  /// @return whether the deadline was reached; false if the sleep was stopped
  virtual bool sleep_until(std::chrono::steady_clock::time_point deadline, std::stop_token stop) = 0;
};

/// The clock of the machine.
[[nodiscard]] LAKEBASE_EXPORT std::shared_ptr<Clock> make_system_clock();

}  // namespace v0
}  // namespace lakebase
