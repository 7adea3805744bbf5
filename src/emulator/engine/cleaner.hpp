#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/kept_state.hpp"
#include "engine/recovery.hpp"

namespace lakebase::emulator {

/// Carries out the cleanups that are in the state because they failed before, and removes those that succeed.
///
/// Thread-safe: a cleanup is carried out by one thread at a time, and no lock is held meanwhile, so that one that takes
/// long delays only those who need it.
template <class State>
class Cleaner {
 public:
  Cleaner(KeptState<State>& state, Recovery<State> const& recovery, Clock now)
      : state_(state), recovery_(recovery), now_(std::move(now)) {}

  /// Attempts all of them, except those that another thread is carrying out.
  void run();
  /// The same, if the last attempt is long enough ago.
  void run_if_due();
  /// When the next attempt is due; none: there is nothing to clean up.
  std::optional<TimePoint> next_due();
  /// Attempts those that would disturb an operation that holds the locks, and waits for other threads that do.
  /// @throws ServiceError if one of them fails
  void run_for(std::vector<Lock> const& locks);

 private:
  bool is_left(Json const& cleanup) const;
  bool claim(Json const& cleanup);
  void claim_when_free(Json const& cleanup);
  bool carry_out(Json const& cleanup);
  void release(Json const& cleanup);

  static constexpr Duration pause = std::chrono::seconds{10};

  KeptState<State>& state_;
  Recovery<State> const& recovery_;
  Clock const now_;
  std::mutex mutex_;
  std::condition_variable released_;
  /// Those that are being carried out.
  std::vector<Json> claimed_;
  TimePoint next_run_{};
};

template <class State>
bool Cleaner<State>::is_left(Json const& cleanup) const {
  auto const state = state_.get();
  return std::find(state->cleanups.begin(), state->cleanups.end(), cleanup) != state->cleanups.end();
}

// False if another thread has it.
template <class State>
bool Cleaner<State>::claim(Json const& cleanup) {
  std::lock_guard const lock{mutex_};
  if (std::find(claimed_.begin(), claimed_.end(), cleanup) != claimed_.end()) return false;
  claimed_.push_back(cleanup);
  return true;
}

template <class State>
void Cleaner<State>::claim_when_free(Json const& cleanup) {
  std::unique_lock lock{mutex_};
  released_.wait(lock, [&] { return std::find(claimed_.begin(), claimed_.end(), cleanup) == claimed_.end(); });
  claimed_.push_back(cleanup);
}

template <class State>
void Cleaner<State>::release(Json const& cleanup) {
  std::lock_guard const lock{mutex_};
  claimed_.erase(std::find(claimed_.begin(), claimed_.end(), cleanup));
  released_.notify_all();
}

// Of a claimed one. False if it failed. Nothing is left to do if another thread has just done it.
template <class State>
bool Cleaner<State>::carry_out(Json const& cleanup) {
  struct Release {
    Cleaner& cleaner;
    Json const& claimed;
    ~Release() { cleaner.release(claimed); }
  } const at_the_end{*this, cleanup};
  if (!is_left(cleanup)) return true;
  if (!recovery_.clean_up(std::vector<Json>{cleanup}, *state_.get()).empty()) return false;
  state_.settle([&](State& next) { std::erase(next.cleanups, cleanup); });
  return true;
}

template <class State>
void Cleaner<State>::run() {
  auto const state = state_.get();
  for (auto const& cleanup : state->cleanups) {
    if (claim(cleanup)) carry_out(cleanup);
  }
}

template <class State>
void Cleaner<State>::run_if_due() {
  {
    std::lock_guard const lock{mutex_};
    if (now_() < next_run_) return;
    next_run_ = now_() + pause;
  }
  run();
}

template <class State>
std::optional<TimePoint> Cleaner<State>::next_due() {
  if (state_.get()->cleanups.empty()) return std::nullopt;
  std::lock_guard const lock{mutex_};
  return next_run_;
}

template <class State>
void Cleaner<State>::run_for(std::vector<Lock> const& locks) {
  auto const state = state_.get();
  bool all_done = true;
  for (auto const& cleanup : state->cleanups) {
    bool const disturbs = std::any_of(locks.begin(), locks.end(),
                                      [&](Lock const& lock) { return recovery_.concerns(cleanup, lock.key, *state); });
    if (!disturbs) continue;
    claim_when_free(cleanup);
    if (!carry_out(cleanup)) all_done = false;
  }
  if (all_done) return;
  throw ServiceError{
      500, "INTERNAL_ERROR",
      "What an earlier operation has left in the project cannot be cleaned up yet; the emulator's log says "
      "why. Try again later."};
}

}  // namespace lakebase::emulator
