#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <lakebase/pq/listener.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Knows up to when everything that was sent has arrived, and so where a gap begins.
///
/// The end of a session proves little: a server may die with notifications that it has committed and not delivered, and
/// a path may have been cut long ago. A notification proves more: TCP and the server's queue keep the order, so that
/// with it everything has come that was sent before the wait for it began.
class GapWatch {
 public:
  using Date = std::chrono::system_clock::time_point;

  /// How long a notification may be under way: while it is, another one may be committed, and be lost with the session.
  static constexpr std::chrono::nanoseconds delivery = std::chrono::milliseconds{500};

  /// All channels are subscribed to.
  void begin(Date now) {
    complete_until_ = begun_ = quiet_ = now;
    if (gap_) gap_->until = now;
    due_ = gap_.has_value();
  }
  /// Everything that has arrived was taken, and nothing else is there.
  void quiet(Date now) noexcept { quiet_ = now; }
  /// A notification was taken.
  void heard() noexcept {
    auto const sent_before = quiet_ - std::chrono::duration_cast<Date::duration>(delivery);
    complete_until_ = std::max({complete_until_, begun_, sent_before});
  }
  /// The session has ended. Joins a gap that was not told yet.
  void lose(std::string reason) {
    if (!gap_) gap_ = NotificationGap{.since = complete_until_, .until = {}, .reason = std::move(reason)};
    due_ = false;
  }
  /// The gap that is to be told now, if there is one.
  std::optional<NotificationGap> take() {
    if (!std::exchange(due_, false)) return std::nullopt;
    return std::exchange(gap_, std::nullopt);
  }
  /// Nothing is subscribed to any more.
  void forget() noexcept { *this = {}; }

 private:
  Date begun_{};
  Date quiet_{};
  Date complete_until_{};
  std::optional<NotificationGap> gap_{};
  bool due_ = false;
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
