#include "common/timekeeper.hpp"

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

namespace lakebase::emulator::tests {
namespace {

using namespace std::chrono_literals;

// On a clock that stands still until it is moved.
class TimekeeperTest : public ::testing::Test {
 protected:
  static constexpr TimePoint noon{12h};

  Timekeeper time{[] { return noon; }};
};

TEST_F(TimekeeperTest, IsTheMachinesTimeAndWhatItWasMovedBy) {
  EXPECT_EQ(time.now(), noon);
  time.advance(72h);
  EXPECT_EQ(time.clock()(), noon + 72h);
  EXPECT_THROW(time.advance(-1ns), std::invalid_argument);
  EXPECT_EQ(time.now(), noon + 72h);
  auto const before = system_time();
  EXPECT_LE(before, Timekeeper{}.now());
}

TEST_F(TimekeeperTest, KnowsWhatTheMachinesClockShowedAtItsMoments) {
  std::atomic<TimePoint::rep> machine = TimePoint{noon}.time_since_epoch().count();
  auto const clock = [&] { return TimePoint{Duration{machine.load()}}; };
  std::vector<Jump> kept;
  {
    Timekeeper moved{clock, {}, [&](std::vector<Jump> const& jumps) { kept = jumps; }};
    machine += Duration{1h}.count();
    moved.advance(24h);
    machine += Duration{1h}.count();
    moved.advance(48h);
    EXPECT_EQ(kept, (std::vector<Jump>{{noon + 1h, 24h}, {noon + 2h, 72h}}));
  }
  Timekeeper const next{clock, kept};
  EXPECT_EQ(next.now(), noon + 2h + 72h);
  struct Pair {
    Duration emulator, machine_clock;
  };
  for (auto const& [moment, shown] : {Pair{-1h, -1h}, Pair{30min, 30min}, Pair{1h, 1h}, Pair{20h, 1h}, Pair{25h, 1h},
                                      Pair{25h + 30min, 90min}, Pair{60h, 2h}, Pair{74h, 2h}, Pair{75h, 3h}}) {
    EXPECT_EQ(next.machine_time(noon + moment), noon + shown) << to_text(moment);
  }
  for (auto const& [moment, shown] : {Pair{30min, 30min}, Pair{25h, 1h}, Pair{25h + 30min, 90min}, Pair{75h, 3h}}) {
    EXPECT_EQ(next.time_of(noon + shown), noon + moment) << to_text(shown);
  }
}

TEST_F(TimekeeperTest, RunsWhatIsDueAndNothingElse) {
  std::atomic<int> runs = 0;
  std::promise<void> ran;
  auto const entry = time.add({.next = [] { return noon + 24h; },
                               .run =
                                   [&] {
                                     if (++runs == 1) ran.set_value();
                                   },
                               .pause = 1h});
  time.advance(23h);
  time.poke();
  EXPECT_EQ(ran.get_future().wait_for(20ms), std::future_status::timeout);
  time.advance(1h);
  EXPECT_EQ(runs, 1) << "an advance waits for it";
  time.poke();
  EXPECT_EQ(runs, 1) << "the pause";
}

TEST_F(TimekeeperTest, IsMovedFromOneMomentToTheNext) {
  std::vector<TimePoint> daily;
  std::vector<TimePoint> once;
  auto const each_day = time.add({.next = [&] { return noon + 24h * (daily.size() + 1); },
                                  .run = [&] { daily.push_back(time.now()); },
                                  .pause = 1h});
  auto const later = time.add({.next = [&] { return once.empty() ? std::optional{noon + 36h} : std::nullopt; },
                               .run = [&] { once.push_back(time.now()); }});
  EXPECT_TRUE(time.advance(72h + 1s));
  EXPECT_EQ(daily, (std::vector<TimePoint>{noon + 24h, noon + 48h, noon + 72h}));
  EXPECT_EQ(once, std::vector<TimePoint>{noon + 36h});
  EXPECT_EQ(time.now(), noon + 72h + 1s);
}

TEST_F(TimekeeperTest, IsNotMovedToEachMomentOfWhatLooksOutside) {
  std::vector<TimePoint> looks;
  auto const each_second = time.add({.next = [&] { return looks.empty() ? noon : looks.back() + 1s; },
                                     .run = [&] { looks.push_back(time.now()); },
                                     .pause = 1h,
                                     .looks_outside = true});
  auto const once = time.add({.next = [&] { return std::optional{noon + 24h}; }, .run = [] {}, .pause = 1h});
  EXPECT_TRUE(time.advance(72h));
  EXPECT_THAT(looks, ::testing::ElementsAre(noon, noon + 24h, noon + 72h));
}

TEST_F(TimekeeperTest, StandsStillWhileItIsMoved) {
  std::atomic<TimePoint> machine = noon;
  Timekeeper moved{[&] { return machine.load(); }};
  std::atomic<bool> ran = false;
  auto const entry = moved.add({.next = [&] { return ran ? std::nullopt : std::optional{noon + 24h}; },
                                .run =
                                    [&] {
                                      machine = noon + 5s;
                                      EXPECT_EQ(moved.now(), noon + 24h);
                                      ran = true;
                                    }});
  EXPECT_TRUE(moved.advance(48h));
  EXPECT_EQ(moved.now(), noon + 48h + 5s);
  EXPECT_EQ(moved.ahead(), 48h);
}

TEST_F(TimekeeperTest, WaitsForWhatRunsHaveStarted) {
  std::atomic<bool> due = true;
  std::atomic<int> looks = 0;
  std::atomic<TimePoint> ended{};
  auto const entry = time.add({.next = [&] { return due ? std::optional{noon + 1h} : std::nullopt; },
                               .run = [&] { due = false; },
                               .busy =
                                   [&] {
                                     if (due) return false;
                                     if (++looks == 3) ended = time.now();
                                     return looks < 3;
                                   }});
  EXPECT_TRUE(time.advance(2h));
  EXPECT_EQ(ended.load(), noon + 1h);
}

// An operation that ends between two looks.
TEST_F(TimekeeperTest, PassesNoMomentIfWhatRunsHaveStartedEndsSoon) {
  std::atomic<int> done = 0;
  std::atomic<bool> working = false;
  std::vector<TimePoint> runs;
  auto const entry = time.add({.next = [&] { return noon + 1h * (done + 1); },
                               .run =
                                   [&] {
                                     runs.push_back(time.now());
                                     working = true;
                                   },
                               .pause = 1h,
                               .busy =
                                   [&] {
                                     if (working.exchange(false)) ++done;
                                     return false;
                                   }});
  EXPECT_TRUE(time.advance(50h));
  EXPECT_EQ(runs.size(), 50U);
}

TEST_F(TimekeeperTest, WhatWasInTheWayIsNotWaitedForTwice) {
  std::atomic<int> runs = 0;
  std::atomic<int> busy = 0;
  auto const entry = time.add({.next = [&] { return runs < 2 ? std::optional{noon + 1h} : std::nullopt; },
                               .run = [&] { busy = ++runs == 1 ? 3 : 0; },
                               .pause = 1h,
                               .busy = [&] { return busy > 0 && busy-- > 0; }});
  EXPECT_TRUE(time.advance(1h));
  EXPECT_EQ(runs, 2);
}

TEST_F(TimekeeperTest, GoesToTheEndIfSomethingTakesTooLong) {
  std::promise<void> may_end;
  auto const end = may_end.get_future().share();
  auto const slow = time.add({.next = [] { return noon + 1h; }, .run = [end] { end.wait(); }, .pause = 1h});
  std::atomic<TimePoint> seen{};
  auto const late =
      time.add({.next = [&] { return seen.load() == TimePoint{} ? std::optional{noon + 2h} : std::nullopt; },
                .run = [&] { seen = time.now(); }});
  EXPECT_FALSE(time.advance(3h, 10ms));
  EXPECT_EQ(time.now(), noon + 3h);
  while (seen.load() == TimePoint{}) std::this_thread::yield();
  EXPECT_EQ(seen.load(), noon + 3h);
  may_end.set_value();
}

TEST_F(TimekeeperTest, IsNotKeptFromItsEndByAnAdvance) {
  auto const busy = time.add({.next = [] { return std::nullopt; }, .run = [] {}, .busy = [] { return true; }});
  auto moving = std::async(std::launch::async, [&] { return time.advance(1h, 1h); });
  EXPECT_EQ(moving.wait_for(10ms), std::future_status::timeout);
  time.hurry();
  EXPECT_FALSE(moving.get());
  EXPECT_EQ(time.now(), noon + 1h);
}

TEST_F(TimekeeperTest, GoesOnWhereAnEarlierLifeWas) {
  std::vector<Jump> kept;
  bool full = false;
  Timekeeper next{[] { return noon; },
                  {{noon - 1h, 24h}},
                  [&](std::vector<Jump> const& jumps) {
                    if (full) throw std::runtime_error("the disk is full");
                    kept = jumps;
                  }};
  EXPECT_EQ(next.now(), noon + 24h);
  next.advance(2h);
  EXPECT_EQ(kept, (std::vector<Jump>{{noon - 1h, 24h}, {noon, 26h}}));
  full = true;
  EXPECT_THROW(next.advance(1h), std::runtime_error);
  EXPECT_EQ(next.now(), noon + 26h);
}

TEST_F(TimekeeperTest, EndsInTheYear2100) {
  TimePoint const end{std::chrono::sys_days{std::chrono::year{2100} / 1 / 1}};
  EXPECT_THROW(time.advance(Duration::max()), std::invalid_argument);
  EXPECT_THROW(time.advance(end - noon + 1ns), std::invalid_argument);
  EXPECT_EQ(time.now(), noon);
  time.advance(end - noon);
  EXPECT_EQ(time.now(), end);
  EXPECT_THROW(time.advance(1ns), std::invalid_argument);
}

TEST_F(TimekeeperTest, NoticesByItselfThatSomethingIsDue) {
  std::atomic<bool> due = false;
  std::promise<void> ran;
  auto const entry = time.add({.next = [&] { return due ? std::optional{noon} : std::nullopt; },
                               .run =
                                   [&] {
                                     due = false;
                                     ran.set_value();
                                   }});
  due = true;
  EXPECT_EQ(ran.get_future().wait_for(10s), std::future_status::ready);
}

TEST_F(TimekeeperTest, OneThatTakesLongKeepsNoneFromItsTurn) {
  std::latch both{2};
  Due const meets{.next = [] { return noon; }, .run = [&] { both.arrive_and_wait(); }, .pause = 1h};
  auto const first = time.add(meets);
  auto const second = time.add(meets);
  both.wait();
}

TEST_F(TimekeeperTest, AFailureIsToldAndTheNextRunFollows) {
  std::atomic<int> failures = 0;
  auto const entry = time.add({.next = [] { return noon; },
                               .run = [] { throw std::runtime_error("no"); },
                               .failed = [&](std::exception const&) { ++failures; },
                               .pause = 0ns});
  while (failures < 3) std::this_thread::yield();
}

TEST_F(TimekeeperTest, TheEndOfAnEntryWaitsForItsRun) {
  std::promise<void> begun;
  std::promise<void> may_end;
  std::atomic<bool> ended = false;
  auto entry = time.add({.next = [] { return noon; },
                         .run =
                             [&] {
                               begun.set_value();
                               may_end.get_future().wait();
                               ended = true;
                             },
                         .pause = 1h});
  begun.get_future().wait();
  auto removing = std::async(std::launch::async, [&] { entry.remove(); });
  EXPECT_EQ(removing.wait_for(10ms), std::future_status::timeout);
  may_end.set_value();
  removing.get();
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace lakebase::emulator::tests
