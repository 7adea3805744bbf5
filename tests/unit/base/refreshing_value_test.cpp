#include "base/refreshing_value.hpp"

#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/testing/fake_clock.hpp>

#include "support/in_child.hpp"

namespace lakebase::detail {
namespace {

using namespace std::chrono_literals;
using tests::in_child;
using Numbers = RefreshingValue<int>;

// A clock of a machine that sleeps: its date goes on, its steady time does not.
class SleepyClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() const override { return std::chrono::steady_clock::time_point{1h}; }
  std::chrono::system_clock::time_point system_now() const override { return date; }
  bool sleep_until(std::chrono::steady_clock::time_point, std::stop_token) override { return true; }

  std::chrono::system_clock::time_point date{std::chrono::hours{24 * 365 * 56}};
};

class RefreshingValueTest : public ::testing::Test {
 protected:
  int get(Numbers& numbers, CredentialsLimits const& limits = {}) {
    return *numbers.get(limits, [&](CredentialsLimits const&, int const*) {
      ++fetches;
      if (fails) throw NotFound{"gone"};
      return Numbers::Fetched{fetches, ValueLife{30min, 50min}};
    });
  }

  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  std::atomic<int> fetches{0};
  std::atomic<bool> fails{false};
};

TEST_F(RefreshingValueTest, NoticesTheTimeThatAMachineSlept) {
  auto const sleepy = std::make_shared<SleepyClock>();
  Numbers numbers{sleepy, {}};
  EXPECT_EQ(get(numbers), 1);
  sleepy->date += 29min;
  EXPECT_EQ(get(numbers), 1);
  sleepy->date += 2h;
  EXPECT_EQ(get(numbers), 2);
  sleepy->date -= 10h;  // somebody has set it
  EXPECT_EQ(get(numbers), 2);
}

TEST_F(RefreshingValueTest, ThrowsEachWaiterAnErrorOfItsOwn) {
  constexpr int count = 8;
  std::atomic<int> asking{0};
  Numbers numbers{clock, {.pause_after_failure = 1min}};
  std::mutex mutex;
  std::set<Error const*> seen;
  std::latch all_caught{count};  // until then each error lives, so that no two can be at one place
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&] {
        ++asking;
        try {
          numbers.get({}, [&](CredentialsLimits const&, int const*) -> Numbers::Fetched {
            while (asking < count) std::this_thread::yield();
            throw NotFound{"gone"};
          });
        } catch (NotFound const& error) {
          {
            std::lock_guard const lock{mutex};
            seen.insert(&error);
          }
          all_caught.arrive_and_wait();
        }
      });
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(count));
}

TEST_F(RefreshingValueTest, GivesAFailureAgainUntilItsPauseIsOver) {
  Numbers numbers{clock, {.pause_after_failure = 5s}};
  fails = true;
  EXPECT_THROW(get(numbers), NotFound);
  EXPECT_THROW(get(numbers), NotFound);
  EXPECT_FALSE(numbers.is_promising());
  EXPECT_EQ(fetches, 1);
  clock->advance(5s);
  fails = false;
  EXPECT_TRUE(numbers.is_promising());
  EXPECT_EQ(get(numbers), 2);
}

TEST_F(RefreshingValueTest, FetchesNothingForACallerWhoHasStopped) {
  Numbers numbers{clock, {.what = "number"}};
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(get(numbers, {.stop = stop.get_token()}), Cancelled);
  EXPECT_EQ(fetches, 0);
}

TEST_F(RefreshingValueTest, SaysWhatDidNotComeInTime) {
  Numbers numbers{clock, {.what = "number", .strategy = "test"}};
  std::atomic<bool> entered{false};
  std::atomic<bool> leave{false};
  std::jthread const first{[&] {
    numbers.get({}, [&](CredentialsLimits const&, int const*) {
      entered = true;
      while (!leave) std::this_thread::yield();
      return Numbers::Fetched{1};
    });
  }};
  while (!entered) std::this_thread::yield();
  try {
    get(numbers, {.deadline = clock->now() + 10ms});
    ADD_FAILURE() << "no error";
  } catch (AuthError const& error) {
    EXPECT_EQ(error.message(), "test auth: no number came in time");
    EXPECT_TRUE(error.retryable());
  }
  leave = true;
}

TEST_F(RefreshingValueTest, IsReadWithoutALockWhileItIsFresh) {
  Numbers numbers{clock, {}};
  get(numbers);
  std::promise<int> seen;
  auto read = seen.get_future();
  std::jthread reader;
  numbers.drop_if([&](int) {  // under the lock
    reader = std::jthread{[&] { seen.set_value(get(numbers)); }};
    EXPECT_EQ(read.wait_for(10s), std::future_status::ready);
    return false;
  });
  EXPECT_EQ(read.get(), 1);
}

TEST_F(RefreshingValueTest, IsDroppedForEveryReaderAtOnce) {
  Numbers numbers{clock, {}};
  get(numbers);
  EXPECT_NE(numbers.drop_if([](int number) { return number == 1; }), nullptr);
  EXPECT_EQ(get(numbers), 2);
}

TEST_F(RefreshingValueTest, IsReadByManyThreadsWhileItIsDroppedAndRefreshed) {
  Numbers numbers{clock, {}};
  std::atomic<bool> is_over{false};
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 4; ++i) {
      readers.emplace_back([&] {
        while (!is_over) {
          auto const before = fetches.load();
          auto const number = get(numbers);
          // One fetch is under way at a time, so that no more than one number is newer than what was there.
          if (number < before - 1 || number > fetches) ++wrong;
        }
      });
    }
    for (int i = 0; i < 300; ++i) {
      clock->advance(i % 3 == 0 ? 31min : 1min);
      if (i % 5 == 0) numbers.drop_if([](int) { return true; });
      get(numbers);
    }
    is_over = true;
  }
  EXPECT_EQ(wrong, 0);
}

TEST_F(RefreshingValueTest, IsKeptByTheChildOfAFork) {
  Numbers numbers{clock, {}};
  get(numbers);
  EXPECT_EQ(in_child([&] { return get(numbers) == 1 && fetches == 1 ? 0 : 1; }), 0);
}

TEST_F(RefreshingValueTest, IsFetchedByTheChildWhereTheForkFellIntoAFetch) {
  Numbers numbers{clock, {}};
  std::atomic<bool> entered{false};
  std::atomic<bool> leave{false};
  std::jthread const parent{[&] {
    numbers.get({}, [&](CredentialsLimits const&, int const*) {
      entered = true;
      while (!leave) std::this_thread::yield();
      return Numbers::Fetched{100};
    });
  }};
  while (!entered) std::this_thread::yield();
  EXPECT_EQ(in_child([&] { return get(numbers); }), 1);
  leave = true;
}

}  // namespace
}  // namespace lakebase::detail
