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

}  // namespace

struct Timekeeper::Entry::State {
  Due due;
  /// Somebody is in `next` or `run`.
  bool in_use = false;
  bool removed = false;
  RealTime::time_point not_before{};
};

Timekeeper::Timekeeper(Clock machine) : machine_(std::move(machine)), runs_(most_runs_at_once) {
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

void Timekeeper::advance(Duration duration) {
  if (duration < Duration::zero()) throw std::invalid_argument("time does not go back");
  ahead_ += duration.count();
  poke();
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
  entry->in_use = true;
  lock.unlock();
  auto left = longest_wait;
  try {
    auto const due = entry->due.next();
    if (due) left = std::max<Duration>(*due - now(), entry->not_before - RealTime::now());
  } catch (std::exception const& error) {
    if (entry->due.failed) entry->due.failed(error);
  }
  lock.lock();
  bool const is_due = left <= Duration::zero() && !entry->removed && !stopping_;
  if (is_due) {
    start(entry);
  } else {
    entry->in_use = false;
    changed_.notify_all();
  }
  return is_due ? longest_wait : left;
}

// Under the lock.
void Timekeeper::start(StatePtr const& entry) {
  try {
    runs_.enqueue([this, entry] { run(entry); });
  } catch (std::system_error const&) {
    // No thread can be started now; the next look tries again.
    entry->in_use = false;
    changed_.notify_all();
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
  entry->in_use = false;
  news_ = true;
  changed_.notify_all();
}

}  // namespace lakebase::emulator
