#include "common/timekeeper.hpp"

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

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
  while (runs == 0) std::this_thread::yield();
  time.poke();
  EXPECT_EQ(runs, 1) << "the pause";
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
