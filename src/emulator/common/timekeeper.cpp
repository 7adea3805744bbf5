#include "common/timekeeper.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "common/all_signals_blocked_posix.hpp"

namespace lakebase::emulator {
namespace {

using RealTime = std::chrono::steady_clock;

/// A clock that somebody else moves, and what nobody tells, are noticed after this time.
constexpr Duration longest_wait = std::chrono::seconds{1};
constexpr std::size_t most_runs_at_once = 16;
/// How soon `advance` notices that what runs have started has ended, which nobody tells.
constexpr std::chrono::milliseconds look_while_busy{2};
/// Sums with the longest durations that the API takes stay within what a time can hold.
constexpr TimePoint last_moment = std::chrono::sys_days{std::chrono::year{2100} / 1 / 1};

}  // namespace

struct Timekeeper::Entry::State {
  Due due;
  /// Somebody is in `next` or `run`.
  bool in_use = false;
  bool removed = false;
  /// The moment of the last run, and when there may be another one for it.
  std::optional<TimePoint> ran_for{};
  RealTime::time_point not_before{};
};

/// What `advance` finds when it looks at all entries.
struct Timekeeper::Prospect {
  bool runs = false;
  /// The first of the moments that are still ahead.
  std::optional<TimePoint> next{};
};

Timekeeper::Timekeeper(Clock machine, std::vector<Jump> earlier, std::function<void(std::vector<Jump> const&)> keep)
    : machine_(std::move(machine)),
      keep_(std::move(keep)),
      jumps_(std::move(earlier)),
      ahead_(jumps_.empty() ? 0 : jumps_.back().ahead.count()),
      runs_(most_runs_at_once) {
  AllSignalsBlocked const in_the_thread;
  watcher_ = std::thread([this] { watch(); });
}

Timekeeper::~Timekeeper() {
  {
    Lock const lock{mutex_};
    stopping_ = true;
    changed_.notify_all();
  }
  watcher_.join();
  runs_.finish();
}

bool Timekeeper::advance(Duration duration, Duration patience) {
  std::lock_guard const one_at_a_time{advancing_};
  auto const begin = now();
  if (duration < Duration::zero()) throw std::invalid_argument("the time does not go back");
  if (duration > last_moment - begin) throw std::invalid_argument("the time does not go beyond the year 2100");
  auto const ahead = this->ahead() + duration;
  note_jump({machine_(), ahead});
  moment_ = begin.time_since_epoch().count();
  bool const all_done = step_to(begin + duration, patience);
  ahead_ = ahead.count();
  moment_ = flows;
  poke();
  return all_done;
}

// From one moment at which something is due to the next. False if it had to leave something undone.
bool Timekeeper::step_to(TimePoint end, Duration patience) {
  Lock lock{mutex_};
  for (;;) {
    auto const prospect = settle(lock, patience);
    bool const is_last = now() == end || !prospect;
    moment_ = prospect && prospect->next ? std::min(*prospect->next, end).time_since_epoch().count()
                                         : end.time_since_epoch().count();
    if (is_last) return prospect.has_value();
  }
}

// Runs what is due until nothing is. None if that takes too long.
std::optional<Timekeeper::Prospect> Timekeeper::settle(Lock& lock, Duration patience) {
  auto const limit = RealTime::now() + patience;
  bool was_busy = false;
  for (;;) {
    // In this order: what has ended is seen in the moments only by those who look later.
    auto const runs_before = runs_ended_;
    bool const busy = is_busy(lock);
    auto const prospect = look_ahead(lock);
    bool const quiet = !busy && !prospect.runs && runs_ended_ == runs_before;
    if (quiet && !was_busy) return prospect;
    if (hurried_ || stopping_ || RealTime::now() >= limit) return std::nullopt;
    if (!quiet) {
      was_busy = was_busy || busy;
      changed_.wait_for(lock, look_while_busy);
      continue;
    }
    // What has ended may have been in the way of what a run has left due.
    was_busy = false;
    for (auto const& entry : entries_) entry->ran_for.reset();
  }
}

// Starts the runs that are due.
Timekeeper::Prospect Timekeeper::look_ahead(Lock& lock) {
  Prospect prospect;
  for (auto const& entry : std::list{entries_}) {
    if (entry->removed) continue;
    if (entry->in_use) {
      prospect.runs = true;
      continue;
    }
    auto const moment = moment_of(entry, lock);
    bool const is_ahead = moment && *moment > now();
    bool const waits = moment && entry->ran_for == moment && RealTime::now() < entry->not_before;
    if (moment && !is_ahead && !waits && !entry->removed && !stopping_) {
      prospect.runs = true;
      start(entry, *moment);
      continue;
    }
    leave(entry);
    if (is_ahead && !entry->due.looks_outside) prospect.next = std::min(prospect.next.value_or(*moment), *moment);
  }
  return prospect;
}

bool Timekeeper::is_busy(Lock& lock) {
  for (auto const& entry : std::list{entries_}) {
    if (!entry->due.busy || entry->removed) continue;
    if (entry->in_use) return true;
    entry->in_use = true;
    lock.unlock();
    bool const busy = entry->due.busy();
    lock.lock();
    leave(entry);
    if (busy) return true;
  }
  return false;
}

void Timekeeper::hurry() {
  Lock const lock{mutex_};
  hurried_ = true;
  changed_.notify_all();
}

void Timekeeper::note_jump(Jump const& jump) {
  std::lock_guard const lock{jumps_mutex_};
  auto jumps = jumps_;
  jumps.push_back(jump);
  if (keep_) keep_(jumps);
  jumps_ = std::move(jumps);
}

TimePoint Timekeeper::machine_time(TimePoint time) const {
  std::lock_guard const lock{jumps_mutex_};
  Duration ahead{};
  for (auto const& jump : jumps_) {
    if (time < jump.machine + ahead) break;
    if (time < jump.machine + jump.ahead) return jump.machine;
    ahead = jump.ahead;
  }
  return time - ahead;
}

TimePoint Timekeeper::time_of(TimePoint machine) const {
  std::lock_guard const lock{jumps_mutex_};
  Duration ahead{};
  for (auto const& jump : jumps_) {
    if (machine < jump.machine) break;
    ahead = jump.ahead;
  }
  return machine + ahead;
}

void Timekeeper::poke() {
  Lock const lock{mutex_};
  news_ = true;
  changed_.notify_all();
}

Timekeeper::Entry Timekeeper::add(Due due) {
  auto state = std::make_shared<Entry::State>(Entry::State{.due = std::move(due)});
  {
    Lock const lock{mutex_};
    entries_.push_back(state);
  }
  poke();
  return Entry{*this, std::move(state)};
}

void Timekeeper::remove(StatePtr const& entry) {
  Lock lock{mutex_};
  entry->removed = true;
  entries_.remove(entry);
  changed_.wait(lock, [&] { return !entry->in_use; });
}

Timekeeper::Entry& Timekeeper::Entry::operator=(Entry&& other) noexcept {
  remove();
  timekeeper_ = other.timekeeper_;
  state_ = std::move(other.state_);
  return *this;
}

void Timekeeper::Entry::remove() {
  if (state_) timekeeper_->remove(state_);
  state_.reset();
}

void Timekeeper::watch() {
  Lock lock{mutex_};
  while (!stopping_) {
    news_ = false;
    auto const wait = look_at_all(lock);
    changed_.wait_for(lock, wait, [this] { return news_ || stopping_; });
  }
}

// How long to wait until the next look.
Duration Timekeeper::look_at_all(Lock& lock) {
  Duration wait = longest_wait;
  for (auto const& entry : std::list{entries_}) {
    if (!entry->removed && !entry->in_use) wait = std::min(wait, look_at(entry, lock));
  }
  return wait;
}

// Starts its run if it is due. How long to wait until it is.
Duration Timekeeper::look_at(StatePtr const& entry, Lock& lock) {
  auto const moment = moment_of(entry, lock);
  auto left = longest_wait;
  if (moment) {
    left = *moment - now();
    if (entry->ran_for == moment) left = std::max<Duration>(left, entry->not_before - RealTime::now());
  }
  bool const is_due = moment && left <= Duration::zero() && !entry->removed && !stopping_;
  is_due ? start(entry, *moment) : leave(entry);
  return is_due ? longest_wait : left;
}

// Its next moment. The entry is in use from now on.
std::optional<TimePoint> Timekeeper::moment_of(StatePtr const& entry, Lock& lock) {
  entry->in_use = true;
  lock.unlock();
  std::optional<TimePoint> moment;
  try {
    moment = entry->due.next();
  } catch (std::exception const& error) {
    if (entry->due.failed) entry->due.failed(error);
  }
  lock.lock();
  return moment;
}

// Under the lock.
void Timekeeper::leave(StatePtr const& entry) {
  entry->in_use = false;
  changed_.notify_all();
}

// Under the lock.
void Timekeeper::start(StatePtr const& entry, TimePoint moment) {
  entry->ran_for = moment;
  try {
    runs_.enqueue([this, entry] { run(entry); });
  } catch (std::system_error const&) {
    // No thread can be started now; the next look tries again.
    leave(entry);
  }
}

void Timekeeper::run(StatePtr const& entry) {
  try {
    entry->due.run();
  } catch (std::exception const& error) {
    if (entry->due.failed) entry->due.failed(error);
  }
  Lock const lock{mutex_};
  entry->not_before = RealTime::now() + entry->due.pause;
  news_ = true;
  ++runs_ended_;
  leave(entry);
}

}  // namespace lakebase::emulator
