#pragma once

#include <atomic>
#include <chrono>
#include <thread>

namespace lakebase::emulator {

/// For how long a relay that waits looks again and again before it sleeps, because to sleep and to be woken takes
/// longer than most queries.
///
/// Who looks keeps a processor from others. So only a relay that nobody else's traffic has interrupted does, and not
/// for a while after it has looked in vain; a session without traffic never does.
class Vigil {
 public:
  using Length = std::chrono::microseconds;
  static constexpr Length longest{50};
  /// So many waits sleep at once after a vigil in vain.
  static constexpr int waits_after_vain = 16;
  /// After so many waits in a row without another session's, a session is the only one with traffic: the two waits of
  /// one statement often follow each other.
  static constexpr int waits_of_alone = 32;

  /// @param last whose traffic came last; shared by all relays, and outlives them
  explicit Vigil(std::atomic<Vigil const*>& last, unsigned processors = std::thread::hardware_concurrency())
      : last_(last), useful_(processors > 1) {}

  /// Called before each wait. Zero: sleep at once.
  Length begin() noexcept {
    bool const alone = last_.exchange(this, std::memory_order_relaxed) == this;
    in_a_row_ = alone ? in_a_row_ + 1 : 0;
    if (!useful_ || in_a_row_ < waits_of_alone) return Length::zero();
    if (asleep_ > 0) {
      --asleep_;
      return Length::zero();
    }
    return longest;
  }

  /// Called after a vigil in which nothing came.
  void was_in_vain() noexcept { asleep_ = waits_after_vain; }

 private:
  std::atomic<Vigil const*>& last_;
  bool const useful_;
  int asleep_ = 0;
  int in_a_row_ = 0;
};

}  // namespace lakebase::emulator
