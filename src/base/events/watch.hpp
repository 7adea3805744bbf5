#pragma once

#include <chrono>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>

#include <lakebase/clock.hpp>
#include <lakebase/error.hpp>
#include <lakebase/events.hpp>

// How the library tells an observer of events. Without an observer all of this is a test of a pointer.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// `Event::error_type` of an exception.
LAKEBASE_EXPORT std::string error_type_of(std::exception_ptr const& error);
/// The same of a failure that was not thrown.
std::string_view error_type_of(TransportError::Kind kind) noexcept;

/// Tells of what took no time of its own, and drops what the observer throws.
LAKEBASE_EXPORT void tell_of(EventObserver& observer, Event const& event) noexcept;

/// An event that has begun and has not ended yet; none by default. For events whose begin and end are in different
/// functions; `watch` is for all others. Whoever describes the event twice, at both ends, describes what is known then.
class LAKEBASE_EXPORT OpenEvent {
 public:
  OpenEvent() = default;
  /// Tells of the begin. The observer must outlive this, and the clock, too; null: the machine's steady one.
  OpenEvent(EventObserver& observer, Clock const* clock, Event const& event) noexcept;
  OpenEvent(OpenEvent&& other) noexcept
      : observer_(std::exchange(other.observer_, nullptr)),
        clock_(other.clock_),
        began_(other.began_),
        context_(std::move(other.context_)) {}
  OpenEvent& operator=(OpenEvent&& other) noexcept {
    observer_ = std::exchange(other.observer_, nullptr);
    clock_ = other.clock_;
    began_ = other.began_;
    context_ = std::move(other.context_);
    return *this;
  }

  explicit operator bool() const noexcept { return observer_ != nullptr; }

  /// Tells of the end, once.
  void end(Event event) noexcept;
  /// The same for a failure.
  void fail(Event event, std::exception_ptr const& error) noexcept;

 private:
  std::chrono::steady_clock::time_point now() const noexcept;

  EventObserver* observer_ = nullptr;
  Clock const* clock_ = nullptr;
  std::chrono::steady_clock::time_point began_{};
  EventObserver::Context context_{};
};

/// Does `work()` and returns its result. If there is an observer, tells it of the begin and the end of the event that
/// `describe()` returns: first what is known before the work, then what is known after it. It must not throw.
template <class Describe, class Work>
auto watch(EventObserver* observer, Clock const* clock, Describe const& describe, Work&& work) {
  if (observer == nullptr) return work();
  OpenEvent open{*observer, clock, describe()};
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      open.end(describe());
    } else {
      auto result = work();
      open.end(describe());
      return result;
    }
  } catch (...) {
    open.fail(describe(), std::current_exception());
    throw;
  }
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
