#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <lakebase/clock.hpp>
#include <lakebase/credentials.hpp>
#include <lakebase/error.hpp>

#include "base/after.hpp"
#include "base/per_process.hpp"
#include "base/published.hpp"
#include "base/shared_failure.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// How a RefreshingValue behaves.
struct RefreshRules {
  /// What the value is, in errors: "no {what} came in time".
  std::string what{};
  /// The strategy that this AuthError names.
  std::string strategy{};
  /// Whether an old value is replaced before it expires.
  bool refresh_early = true;
  /// The longest that a caller who still has a good value waits for a newer one.
  std::chrono::nanoseconds longest_refresh = std::chrono::minutes{1};
  /// After a failed refresh, the old value is used for this long before another refresh.
  std::chrono::nanoseconds pause_after_refresh{};
  /// After a failure, callers without a value get the same error for this long before another fetch.
  std::chrono::nanoseconds pause_after_failure{};
};

/// How long a value is good, from when it arrives.
struct ValueLife {
  /// After this it is old, and worth replacing.
  std::chrono::nanoseconds fresh{};
  /// After this it has expired. A value that arrives expired is used only by the call that fetched it and those that
  /// waited for it.
  std::chrono::nanoseconds good{};
};

/// How a fetch ended.
struct Landing {
  bool succeeded = false;
  /// If it failed: whether there is still a value.
  bool has_value = false;
  std::chrono::nanoseconds elapsed{};
  /// Why it failed.
  std::string message{};
};

/// A value that is fetched when it is needed and kept while it is good. Any number of threads may call at once: one of
/// them fetches, the others wait for it, each no longer than its own deadline and stop request allow, and share its
/// failure. Before a value expires, a caller that notices its age fetches the next one while all others go on with the
/// old one; there is no background thread. No lock is held during a fetch, and none is taken to read a fresh value:
/// that only costs a look at both clocks.
///
/// The child of a fork keeps the value but no fetch that was in flight in its parent: it makes its own.
template <class Value>
class RefreshingValue {
 public:
  /// What a fetch returns.
  struct Fetched {
    Value value;
    /// Unset: it is good for ever.
    std::optional<ValueLife> life{};
  };
  using Pointer = std::shared_ptr<Value const>;

  /// `on_landing` is called after each fetch, without a lock, in the thread that fetched.
  RefreshingValue(std::shared_ptr<Clock> clock, RefreshRules rules, std::function<void(Landing const&)> on_landing = {})
      : clock_(std::move(clock)), rules_(std::move(rules)), on_landing_(std::move(on_landing)) {}

  /// The value, or what `fetch(CredentialsLimits const&, Value const* dropped)` returns. `dropped` is the value that
  /// was dropped since the last fetch, if any, and should not be returned again.
  /// @throws what the fetch throws; Cancelled if the caller stopped it; AuthError if the caller's time is over
  template <class Fetch>
  Pointer get(CredentialsLimits const& limits, Fetch const& fetch) {
    auto& here = state();
    if (auto entry = here.fresh.read(); entry && is_fresh(*entry)) return value_of(std::move(entry));
    return get_under_lock(here, limits, fetch);
  }

  /// Drops the value if `is_it(value)`. @return the dropped value, if any
  template <class Predicate>
  Pointer drop_if(Predicate const& is_it) {
    auto& here = state();
    std::lock_guard const lock{here.mutex};
    if (!here.kept.entry || !is_it(here.kept.entry->value)) return nullptr;
    here.kept.dropped = value_of(std::exchange(here.kept.entry, nullptr));
    here.fresh.set(nullptr);
    return here.kept.dropped;
  }

  /// For the length of `span`, callers without a value get this error instead of a fetch.
  void hold_back(Error const& error, std::chrono::nanoseconds span) {
    auto& here = state();
    std::lock_guard const lock{here.mutex};
    here.kept.failure = SharedFailure::of(error);
    here.kept.no_fetch_before = after(clock_->now(), span);
  }

  /// Whether the next `get` can bring a value: there is one, one is being fetched, or one may be fetched.
  bool is_promising() {
    auto& here = state();
    std::lock_guard const lock{here.mutex};
    auto const now = clock_->now();
    return here.flight || age_of(here.kept.entry, now) != Age::useless || !is_held_back(here, now);
  }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  using SystemTime = std::chrono::system_clock::time_point;
  using Lock = std::unique_lock<std::mutex>;

  // When a value becomes old and when it expires, by both clocks: the steady one does not jump, the other one goes on
  // while a laptop sleeps. The earlier time counts.
  struct Entry {
    Value value;
    bool ends = false;
    SteadyTime old_steady{};
    SteadyTime useless_steady{};
    SystemTime old_system{};
    SystemTime useless_system{};
  };
  using EntryPointer = std::shared_ptr<Entry const>;
  enum class Age { fresh, old, useless };

  // A fetch in flight.
  struct Flight {
    bool done = false;
    EntryPointer entry{};
    SharedFailure failure{};
    // The failure concerns the fetching call only: its time was over, it was stopped, or it still has a value.
    bool is_private = false;
  };

  // What a child inherits.
  struct Kept {
    EntryPointer entry{};
    Pointer dropped{};
    SharedFailure failure{};
    SteadyTime no_fetch_before = SteadyTime::min();
    SteadyTime no_refresh_before = SteadyTime::min();
  };

  struct State {
    std::mutex mutex{};
    std::condition_variable_any landed{};
    Kept kept{};
    /// `kept.entry`, to be read without the lock.
    Published<Entry> fresh{};
    std::shared_ptr<Flight> flight{};
  };

  State& state() { return state_.get(&make_state); }

  // If a thread of the parent held the lock at the fork, the value may be half written, and is left behind.
  static std::unique_ptr<State> make_state(State* inherited) {
    auto state = std::make_unique<State>();
    if (inherited != nullptr) {
      Lock const lock{inherited->mutex, std::try_to_lock};
      if (lock) state->kept = inherited->kept;
    }
    state->fresh.set(state->kept.entry);
    return state;
  }

  static Pointer value_of(EntryPointer entry) {
    auto const* const value = &entry->value;
    return {std::move(entry), value};
  }

  // Looks at the value again first: another thread may have replaced it.
  template <class Fetch>
  Pointer get_under_lock(State& here, CredentialsLimits const& limits, Fetch const& fetch) {
    std::unique_lock lock{here.mutex};
    for (bool refreshed = false;;) {
      auto const now = clock_->now();
      auto const age = age_of(here.kept.entry, now);
      if (age == Age::fresh) return value_of(here.kept.entry);
      if (age == Age::old) {
        if (refreshed || !wants_refresh(here, now)) return value_of(here.kept.entry);
        refreshed = true;
        if (auto const landed = fly(here, lock, limits, fetch, true)) return value_of(landed);
      } else if (here.flight) {
        if (auto const landed = wait_for_flight(here, lock, limits)) return value_of(landed);
      } else {
        if (is_held_back(here, now)) here.kept.failure.raise();
        return value_of(fly(here, lock, limits, fetch, false));
      }
    }
  }

  Age age_of(EntryPointer const& entry, SteadyTime now) const {
    if (!entry) return Age::useless;
    if (!entry->ends) return Age::fresh;
    auto const date = clock_->system_now();
    if (now >= entry->useless_steady || date >= entry->useless_system) return Age::useless;
    return now >= entry->old_steady || date >= entry->old_system ? Age::old : Age::fresh;
  }

  bool is_fresh(Entry const& entry) const {
    if (!entry.ends) return true;
    auto const now = clock_->times();
    return now.steady < entry.old_steady && now.steady < entry.useless_steady && now.system < entry.old_system &&
           now.system < entry.useless_system;
  }

  bool wants_refresh(State const& here, SteadyTime now) const {
    return rules_.refresh_early && !here.flight && now >= here.kept.no_refresh_before;
  }

  static bool is_held_back(State const& here, SteadyTime now) {
    return here.kept.failure.happened() && now < here.kept.no_fetch_before;
  }

  EntryPointer make_entry(Fetched fetched) const {
    Entry entry{.value = std::move(fetched.value), .ends = fetched.life.has_value()};
    if (auto const& life = fetched.life) {
      auto const now = clock_->now();
      auto const date = clock_->system_now();
      entry.old_steady = after(now, life->fresh);
      entry.useless_steady = after(now, life->good);
      entry.old_system = after(date, life->fresh);
      entry.useless_system = after(date, life->good);
    }
    return std::make_shared<Entry const>(std::move(entry));
  }

  CredentialsLimits limits_of_refresh(CredentialsLimits const& limits) const {
    auto const now = clock_->now();
    auto deadline = after(now, rules_.longest_refresh);
    // The caller has its own work to do; half of its time is left for that.
    if (limits.deadline) deadline = std::min(deadline, after(now, time_left(now, *limits.deadline) / 2));
    return {deadline, limits.stop};
  }

  bool was_ended_by_caller(CredentialsLimits const& limits) const {
    return limits.stop.stop_requested() || (limits.deadline && clock_->now() >= *limits.deadline);
  }

  [[noreturn]] void throw_stopped() const { throw Cancelled{"the wait for a " + rules_.what + " was stopped"}; }

  // What another call has fetched; null if its failure concerned itself only.
  EntryPointer wait_for_flight(State& here, Lock& lock, CredentialsLimits const& limits) const {
    auto const flight = here.flight;
    auto const landed = [&] { return flight->done; };
    // The deadline is by the injected clock; the wait is in real time.
    auto const left = limits.deadline ? time_left(clock_->now(), *limits.deadline) : longest_single_wait;
    if (!here.landed.wait_for(lock, limits.stop, left, landed)) {
      if (limits.stop.stop_requested()) throw_stopped();
      throw AuthError{rules_.strategy, ErrorFacts{.message = "no " + rules_.what + " came in time", .retryable = true}};
    }
    if (flight->failure.happened() && !flight->is_private) flight->failure.raise();
    return flight->entry;
  }

  // Fetches without the lock, which is held again afterwards. Null if a refresh failed, which does not fail the call.
  template <class Fetch>
  EntryPointer fly(State& here, Lock& lock, CredentialsLimits const& limits, Fetch const& fetch, bool is_refresh) {
    if (limits.stop.stop_requested()) throw_stopped();
    auto const flight = std::make_shared<Flight>();
    here.flight = flight;
    auto const dropped = here.kept.dropped;
    lock.unlock();
    auto const start = clock_->now();
    Landing landing;
    std::exception_ptr error;
    try {
      flight->entry = make_entry(fetch(is_refresh ? limits_of_refresh(limits) : limits, dropped.get()));
      landing.succeeded = true;
    } catch (std::exception const& thrown) {
      error = std::current_exception();
      flight->failure = SharedFailure::current();
      landing.message = thrown.what();
    } catch (...) {
      error = std::current_exception();
      flight->failure = SharedFailure::current();
    }
    landing.elapsed = clock_->now() - start;
    lock.lock();
    land(here, *flight, limits, is_refresh);
    landing.has_value = age_of(here.kept.entry, clock_->now()) != Age::useless;
    if (on_landing_) {
      lock.unlock();
      on_landing_(landing);
      lock.lock();
    }
    if (error && (!is_refresh || limits.stop.stop_requested())) std::rethrow_exception(error);
    return flight->entry;
  }

  void land(State& here, Flight& flight, CredentialsLimits const& limits, bool is_refresh) const {
    bool const ended_by_caller = was_ended_by_caller(limits);
    here.flight.reset();
    flight.is_private = is_refresh || ended_by_caller;
    flight.done = true;
    if (flight.entry) {
      here.kept = Kept{.entry = flight.entry};
      here.fresh.set(here.kept.entry);
    } else if (!ended_by_caller) {
      // A fetch that failed only because its caller's time was over says nothing to the others.
      auto const now = clock_->now();
      here.kept.failure = flight.failure;
      here.kept.no_fetch_before = after(now, rules_.pause_after_failure);
      here.kept.no_refresh_before = after(now, rules_.pause_after_refresh);
    }
    here.landed.notify_all();
  }

  std::shared_ptr<Clock> const clock_;
  RefreshRules const rules_;
  std::function<void(Landing const&)> const on_landing_;
  PerProcess<State> state_{};
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
