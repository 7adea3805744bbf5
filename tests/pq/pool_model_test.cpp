// A pool's decisions under random schedules: callers that come, wait, are stopped, wake up late; connections that open,
// fail, die and expire; time that passes in between. No threads and no time of their own, so that a seed repeats a run.

#include <algorithm>
#include <deque>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "pq/pool/core.hpp"
#include "support/bare_connection.hpp"

namespace lakebase::tests {
namespace {

using pq::detail::Moment;
using pq::detail::PoolCore;
using pq::detail::PooledPointer;
using pq::detail::Waiter;
using namespace std::chrono_literals;
using Got = Waiter::Got;

constexpr int model_steps = 100'000;

// A thread that uses the pool, as PoolState lets it: what it does next is for the schedule to choose.
struct PoolCaller {
  enum class Does { nothing, wait, open, hold };
  Does does = Does::nothing;
  std::unique_ptr<Waiter> waiter{};
  PooledPointer connection{};
  Moment deadline{};
  std::stop_source stop{};
  /// When it wakes up by itself.
  Moment wakes{};
  // When it joined the line.
  Moment came{};
  // How many can be served before it, at the most.
  int before = 0;
};

class PoolModel {
 public:
  PoolModel(unsigned seed, int max_size, int min_idle)
      : random_(seed),
        core_(max_size, {.capacity = static_cast<std::size_t>(max_size), .min_idle = min_idle, .idle_timeout = 50ms}),
        callers_(static_cast<std::size_t>(max_size) * 3) {}

  void step() {
    auto& caller = callers_[below(callers_.size())];
    switch (caller.does) {
      case PoolCaller::Does::nothing:
        come(caller);
        break;
      case PoolCaller::Does::wait:
        go_on_waiting(caller);
        break;
      case PoolCaller::Does::open:
        finish_opening(caller);
        break;
      case PoolCaller::Does::hold:
        end_lease(caller);
        break;
    }
    if (chance(30)) pass_time();
    if (chance(2)) close_expired();
    check();
  }

  // Nobody comes any more; whoever is there goes on.
  void come_to_rest() {
    auto const busy = [](PoolCaller const& caller) { return caller.does != PoolCaller::Does::nothing; };
    for (int turn = 0; turn < 10'000 && std::any_of(callers_.begin(), callers_.end(), busy); ++turn) {
      for (auto& caller : callers_) {
        if (caller.does == PoolCaller::Does::wait) go_on_waiting(caller);
        if (caller.does == PoolCaller::Does::open) finish_opening(caller);
        if (caller.does == PoolCaller::Does::hold) end_lease(caller);
      }
      pass_time();
      check();
    }
    EXPECT_FALSE(std::any_of(callers_.begin(), callers_.end(), busy)) << "somebody waits for ever";
    EXPECT_TRUE(core_.waiters.empty());
    EXPECT_EQ(core_.growth.open(), static_cast<int>(core_.idle.size()));
  }

  // What happened often enough for the checks to mean something.
  int served = 0;
  int timed_out = 0;
  int stopped = 0;
  int too_late_to_serve = 0;
  int crowds = 0;
  int deaths = 0;
  int most_open = 0;
  int passed = 0;
  int handed_over = 0;

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  std::size_t below(std::size_t end) { return random_() % end; }

  void come(PoolCaller& caller) {
    caller.deadline = chance(20) ? Moment::max() : now_ + 100us * static_cast<int>(below(150));
    caller.stop = {};
    look(caller, false);
  }

  // One turn of PoolState::acquire.
  void look(PoolCaller& caller, bool first_in_line) {
    while (true) {
      auto [connection, expired] = core_.idle.take(now_);
      if (!connection) break;
      if (!expired && !chance(3)) return hold(caller, std::move(connection));
      if (!expired) find_dead();
      connection.reset();
      core_.closed_some(1, now_);
      note_served();
    }
    if (core_.start_opening(now_, first_in_line)) {
      caller.does = PoolCaller::Does::open;
      return;
    }
    caller.waiter.reset(new Waiter{.deadline = caller.deadline, .stop = caller.stop.get_token()});
    caller.does = PoolCaller::Does::wait;
    core_.join(*caller.waiter, now_, first_in_line);
    caller.came = now_;
    sleep(caller);
    if (first_in_line) {
      for (auto* const other : line_) ++other->before;
      line_.push_front(&caller);
      caller.before = 0;
    } else {
      caller.before = static_cast<int>(line_.size());
      line_.push_back(&caller);
    }
    note_served();
  }

  // As PoolState::wait does.
  void sleep(PoolCaller& caller) const {
    auto const pause = core_.growth.paused_until();
    caller.wakes = pause > now_ ? std::min(caller.deadline, pause) : caller.deadline;
  }

  // The thread of a waiter wakes up, sooner or later: because it was called, or its time is over, or for nothing.
  void go_on_waiting(PoolCaller& caller) {
    if (caller.deadline == Moment::max() ? chance(2) : chance(5)) caller.stop.request_stop();
    auto& waiter = *caller.waiter;
    if (waiter.got == Got::nothing && (now_ >= waiter.deadline || waiter.stop.stop_requested())) {
      waiter.got = now_ >= waiter.deadline ? Got::timeout : Got::stop;
      std::erase(line_, &caller);
      core_.leave(waiter, now_);
      note_served();
    }
    if (waiter.got == Got::nothing) {
      waiter.is_to_look = false;
      core_.serve(now_);
      note_served();
      return sleep(caller);
    }
    timed_out += waiter.got == Got::timeout;
    stopped += waiter.got == Got::stop;
    auto const ended = std::move(caller.waiter);
    caller.does = PoolCaller::Does::nothing;
    if (ended->got == Got::permission_to_open) caller.does = PoolCaller::Does::open;
    if (ended->got != Got::connection) return;
    if (!chance(3)) return hold(caller, std::move(ended->connection));
    find_dead();
    core_.closed_some(1, now_);
    note_served();
    look(caller, true);
  }

  void finish_opening(PoolCaller& caller) {
    if (chance(50)) return;  // it takes a while
    caller.does = PoolCaller::Does::nothing;
    bool const others_open = core_.growth.open() > core_.growth.opening();
    if (others_open && chance(10)) {
      ++crowds;
      core_.crowded(now_);
      note_served();
      for (auto* const called : line_) called->wakes = now_;
      return look(caller, true);
    }
    if (chance(10)) {
      bool const for_all = chance(20);
      core_.failed(now_, for_all ? std::make_exception_ptr(std::runtime_error{"refused"}) : nullptr);
      return note_served();
    }
    core_.opened(now_);
    note_served();
    hold(caller, bare_connection(now_, now_ + 1ms * static_cast<int>(below(1000))));
  }

  void hold(PoolCaller& caller, PooledPointer connection) {
    EXPECT_NE(connection, nullptr);
    connection->lent_at = now_;
    caller.connection = std::move(connection);
    caller.does = PoolCaller::Does::hold;
  }

  void end_lease(PoolCaller& caller) {
    if (chance(60)) return;
    auto connection = std::move(caller.connection);
    caller.does = PoolCaller::Does::nothing;
    if (chance(5) || now_ >= connection->expires) {
      connection.reset();
      core_.closed_some(1, now_);
    } else {
      connection->idle_since = now_;
      auto const* const first = front_of_line();
      bool const has_waited = first != nullptr && (now_ >= first->came + PoolCore::patience ||
                                                   now_ >= connection->lent_at + PoolCore::brief_lease);
      auto const* const waiter = has_waited ? first->waiter.get() : nullptr;
      core_.give(std::move(connection), now_);
      if (has_waited) {
        ++handed_over;
        EXPECT_EQ(waiter->got, Got::connection) << "passed after it had waited for long enough";
      }
    }
    note_served();
  }

  // As PoolState::found_dead looks at all that are idle.
  void find_dead() {
    ++deaths;
    core_.growth.lost();
    int dead = 0;
    for (auto& suspect : core_.idle.take_all()) {
      if (chance(50)) {
        ++dead;
      } else {
        core_.give(std::move(suspect), now_);
      }
    }
    core_.closed_some(dead, now_);
    note_served();
  }

  void close_expired() {
    auto const count = static_cast<int>(core_.idle.take_expired(now_).size());
    core_.closed_some(count, now_);
    note_served();
  }

  void pass_time() { now_ += 50us * static_cast<int>(below(chance(3) ? 30'000 : 20)); }

  // Of those who may be served.
  PoolCaller const* front_of_line() const {
    auto const first =
        std::find_if(line_.begin(), line_.end(), [this](auto* caller) { return may_be_served(*caller); });
    return first == line_.end() ? nullptr : *first;
  }

  bool may_be_served(PoolCaller const& caller) const { return now_ < caller.deadline && !caller.stop.stop_requested(); }

  // Whoever was called since the last time: in the order they came, and nobody whose time was over.
  void note_served() {
    int number = 0;
    std::deque<PoolCaller*> rest;
    for (auto* const caller : line_) {
      auto const got = caller->waiter->got;
      if (got == Got::nothing) {
        caller->before -= number;
        rest.push_back(caller);
        continue;
      }
      if (got == Got::timeout || got == Got::stop) {
        EXPECT_FALSE(may_be_served(*caller));
        ++too_late_to_serve;
      }
      if (got != Got::connection && got != Got::permission_to_open) continue;
      EXPECT_TRUE(may_be_served(*caller)) << "served after its deadline, or after it was stopped";
      EXPECT_TRUE(rest.empty()) << "served before one who came earlier";
      ++served;
      ++number;
    }
    line_ = std::move(rest);
    for (auto const* const caller : line_) EXPECT_GE(caller->before, 0) << "others are served again and again";
  }

  void check() {
    auto const& growth = core_.growth;
    auto const idle = static_cast<int>(core_.idle.size());
    auto const doing = [this](PoolCaller::Does what) {
      return static_cast<int>(
          std::count_if(callers_.begin(), callers_.end(), [what](auto const& caller) { return caller.does == what; }));
    };
    int under_way_to_open = 0;  // permitted, or handed over, but not awake yet
    int under_way_to_hold = 0;
    for (auto const& caller : callers_) {
      under_way_to_open += caller.waiter && caller.waiter->got == Got::permission_to_open;
      under_way_to_hold += caller.waiter && caller.waiter->got == Got::connection;
    }
    EXPECT_LE(growth.open(), growth.max_size());
    EXPECT_EQ(growth.opening(), doing(PoolCaller::Does::open) + under_way_to_open);
    EXPECT_EQ(growth.open(), growth.opening() + idle + doing(PoolCaller::Does::hold) + under_way_to_hold);
    EXPECT_EQ(core_.waiters.size(), static_cast<int>(line_.size()));
    most_open = std::max(most_open, growth.open());
    bool const somebody_waits =
        std::any_of(line_.begin(), line_.end(), [this](auto const* caller) { return may_be_served(*caller); });
    if (!somebody_waits) return;
    bool const somebody_wakes = std::any_of(line_.begin(), line_.end(), [this](auto const* caller) {
      return now_ >= caller->wakes || caller->stop.stop_requested() || caller->waiter->is_to_look;
    });
    passed += idle > 0;
    EXPECT_TRUE(somebody_wakes || idle == 0) << "waits beside a connection that is idle";
    EXPECT_TRUE(somebody_wakes || !growth.may_open(now_)) << "waits although a connection may be opened";
    EXPECT_TRUE(somebody_wakes || growth.open() > idle) << "nobody is there whose return could end the wait";
  }

  std::minstd_rand random_;
  Moment now_ = t0;
  PoolCore core_;
  std::vector<PoolCaller> callers_;
  std::deque<PoolCaller*> line_{};
};

class PoolModelTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(PoolModelTest, KeepsItsPromisesUnderARandomSchedule) {
  int const max_size = 1 + static_cast<int>(GetParam() % 4);
  PoolModel model{GetParam(), max_size, static_cast<int>(GetParam() % 2)};
  for (int i = 0; i < model_steps && !HasFailure(); ++i) model.step();
  model.come_to_rest();
  EXPECT_GT(model.served, 1000);
  EXPECT_GT(model.timed_out, 10);
  EXPECT_GT(model.stopped, 10);
  EXPECT_GT(model.too_late_to_serve, 10);
  EXPECT_GT(model.deaths, 10);
  EXPECT_GT(model.passed, 10);
  EXPECT_GT(model.handed_over, 10);
  EXPECT_EQ(model.most_open, max_size);
  if (max_size > 1) {
    EXPECT_GT(model.crowds, 10);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PoolModelTest, ::testing::Values(0U, 1U, 2U, 3U));

}  // namespace
}  // namespace lakebase::tests
