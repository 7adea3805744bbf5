#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "base/per_process.hpp"

// What threads share under a lock, so that the child of a fork can use it too. A std::mutex alone stays locked in the
// child if another thread of the parent held it at the fork.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// A value for several threads, one at a time.
///
/// The child of a fork has a copy of its own. If a thread of the parent was using the value at the fork, it may be half
/// written; the child then begins with the initial one.
template <class Value>
class Guarded {
 public:
  explicit Guarded(Value initial = {}) : initial_(std::move(initial)) {}

  /// What `use(Value&)` returns.
  template <class Use>
  auto with(Use const& use) const {
    auto& here = state_.get([this](State* inherited) { return make_state(inherited); });
    std::lock_guard const lock{here.mutex};
    return use(here.value);
  }

 private:
  struct State {
    explicit State(Value const& from) : value(from) {}
    std::mutex mutex{};
    Value value;
  };

  std::unique_ptr<State> make_state(State* inherited) const {
    if (inherited == nullptr) return std::make_unique<State>(initial_);
    std::unique_lock const lock{inherited->mutex, std::try_to_lock};
    return std::make_unique<State>(lock ? inherited->value : initial_);
  }

  Value const initial_;
  mutable PerProcess<State> state_{};
};

/// A lock for static objects, to be used with `std::lock_guard`. Its destructor is trivial, so that it may be used
/// until the process ends. If a thread of the parent holds it at a fork, it is free in the child: for what is the
/// process's own, and needs no value to be whole.
class ForkSafeLock {
 public:
  constexpr ForkSafeLock() noexcept = default;
  ForkSafeLock(ForkSafeLock const&) = delete;
  ForkSafeLock& operator=(ForkSafeLock const&) = delete;

  void lock() noexcept {
    auto const mine = fork_generation() + 1;
    for (;;) {
      auto holder = holder_.load(std::memory_order_relaxed);
      if (holder == mine) {
        holder_.wait(holder, std::memory_order_relaxed);
      } else if (holder_.compare_exchange_weak(holder, mine, std::memory_order_acquire)) {
        return;
      }
    }
  }
  void unlock() noexcept {
    holder_.store(0, std::memory_order_release);
    holder_.notify_one();
  }

 private:
  // The generation of the process that holds it, plus 1; 0: it is free.
  std::atomic<unsigned> holder_{0};
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
