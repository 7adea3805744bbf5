#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// A pointer that any number of threads read without a lock, while one at a time replaces it.
///
/// The pointer lies in one of a few places. A reader announces itself at the current place before it copies, and a
/// place is only written to while no reader is announced there, so that neither ever waits for the other. A reader that
/// meets a writer gives up; so does a writer that finds readers everywhere, and then there is no pointer to read for a
/// while. Readers must therefore have another way, such as the lock under which the pointer is replaced.
///
/// Alternatives: `std::atomic<std::shared_ptr>` of libstdc++ 12 spins on a lock bit whose release ThreadSanitizer does
/// not see. A copy in each thread runs a destructor in threads that are not ours, which keeps a plugin from being
/// unloaded. A counter in spare bits of the pointer saves an atomic addition, a few ns, but not every machine has such
/// bits.
template <class T>
class Published {
 public:
  using Pointer = std::shared_ptr<T const>;

  Published() = default;
  Published(Published const&) = delete;
  Published& operator=(Published const&) = delete;

  /// What was set last, or null. Never waits.
  Pointer read() const noexcept {
    auto const at = current_.load(std::memory_order_acquire);
    if (at == none) return nullptr;
    auto& place = places_[at];
    Pointer found;
    // The announcement keeps writers away; the pointer may be newer by now than the one that was current above.
    if (place.users.fetch_add(1, std::memory_order_acquire) < writer) found = place.pointer;
    place.users.fetch_sub(1, std::memory_order_release);
    return found;
  }

  /// Replaces the pointer; one thread at a time. The previous one is kept until the next call at most.
  void set(Pointer const& pointer) noexcept {
    auto const old = current_.load(std::memory_order_relaxed);
    auto at = none;
    for (std::size_t i = 0; pointer && at == none && i < places_.size(); ++i) {
      if (i != old && write(places_[i], pointer)) at = i;
    }
    current_.store(at, std::memory_order_release);
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (i != at) write(places_[i], nullptr);  // fails while a reader is there
    }
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static constexpr unsigned writer = 1U << 31U;

  struct Place {
    /// The number of readers here, plus `writer` during a write.
    mutable std::atomic<unsigned> users{0};
    Pointer pointer{};
  };

  // Fails if a reader is there.
  static bool write(Place& place, Pointer const& pointer) noexcept {
    unsigned nobody = 0;
    if (!place.users.compare_exchange_strong(nobody, writer, std::memory_order_acquire, std::memory_order_relaxed)) {
      return false;
    }
    auto const old = std::exchange(place.pointer, pointer);  // destroyed once the place is open to readers again
    place.users.fetch_sub(writer, std::memory_order_release);
    return true;
  }

  std::atomic<std::size_t> current_{none};
  std::array<Place, 3> places_{};
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
