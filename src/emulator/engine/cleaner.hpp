#pragma once

#include <algorithm>
#include <functional>
#include <iterator>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/kept_state.hpp"
#include "engine/recovery.hpp"

namespace lakebase::emulator {

/// Carries out the cleanups that are in the state because they failed before, and removes those that succeed.
///
/// Thread-safe: one thread cleans up at a time, and the others wait for it.
template <class State>
class Cleaner {
 public:
  Cleaner(KeptState<State>& state, Recovery<State> const& recovery, Clock now)
      : state_(state), recovery_(recovery), now_(std::move(now)) {}

  /// Attempts all of them.
  void run();
  /// The same, if the last attempt is long enough ago.
  void run_if_due();
  /// Attempts those that would disturb an operation that holds the key. @throws ServiceError if one of them fails
  void run_for(std::string const& key);

 private:
  using Wanted = std::function<bool(Json const&)>;
  bool run(Wanted const& wanted);

  static constexpr Duration pause = std::chrono::seconds{10};

  KeptState<State>& state_;
  Recovery<State> const& recovery_;
  Clock const now_;
  std::mutex mutex_;
  TimePoint next_run_{};
};

// False if some failed.
template <class State>
bool Cleaner<State>::run(Wanted const& wanted) {
  std::lock_guard const cleaning{mutex_};
  auto const state = state_.get();
  std::vector<Json> due;
  std::copy_if(state->cleanups.begin(), state->cleanups.end(), std::back_inserter(due), wanted);
  if (due.empty()) return true;
  auto const failed = recovery_.clean_up(due, *state);
  auto const among = [](std::vector<Json> const& cleanups, Json const& cleanup) {
    return std::find(cleanups.begin(), cleanups.end(), cleanup) != cleanups.end();
  };
  state_.settle([&](State& next) {
    std::erase_if(next.cleanups, [&](Json const& one) { return among(due, one) && !among(failed, one); });
  });
  return failed.empty();
}

template <class State>
void Cleaner<State>::run() {
  run([](Json const&) { return true; });
}

template <class State>
void Cleaner<State>::run_if_due() {
  {
    std::lock_guard const cleaning{mutex_};
    if (now_() < next_run_) return;
    next_run_ = now_() + pause;
  }
  run();
}

template <class State>
void Cleaner<State>::run_for(std::string const& key) {
  auto const state = state_.get();
  if (run([&](Json const& cleanup) { return recovery_.concerns(cleanup, key, *state); })) return;
  throw ServiceError{
      500, "INTERNAL_ERROR",
      "What an earlier operation has left in the project cannot be cleaned up yet; the emulator's log says "
      "why. Try again later."};
}

}  // namespace lakebase::emulator
