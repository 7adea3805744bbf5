#include "base/guarded.hpp"

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/in_child.hpp"

namespace lakebase::detail {
namespace {

using tests::in_child;

// A thread that is inside `hold(wait)` until the object is destroyed.
class Holder {
 public:
  template <class Hold>
  explicit Holder(Hold hold)
      : thread_([this, hold] {
          hold([this] {
            entered_ = true;
            while (!leave_) std::this_thread::yield();
          });
        }) {
    while (!entered_) std::this_thread::yield();
  }
  ~Holder() { leave_ = true; }

 private:
  std::atomic<bool> entered_{false};
  std::atomic<bool> leave_{false};
  std::jthread thread_;
};

int value_of(Guarded<int> const& guarded) {
  return guarded.with([](int value) { return value; });
}

TEST(Guarded, IsTheChildsOwnCopy) {
  Guarded<int> const guarded{1};
  guarded.with([](int& value) { value = 2; });
  EXPECT_EQ(in_child([&] {
              int const inherited = value_of(guarded);
              guarded.with([](int& value) { value = 3; });
              return inherited == 2 && value_of(guarded) == 3 ? 0 : 1;
            }),
            0);
  EXPECT_EQ(value_of(guarded), 2);
}

TEST(Guarded, BeginsAnewInAChildIfAThreadOfTheParentWasUsingIt) {
  Guarded<int> const guarded{1};
  Holder const holder{[&](auto const& wait) {
    guarded.with([&](int& value) {
      value = 2;
      wait();
    });
  }};
  EXPECT_EQ(in_child([&] { return value_of(guarded); }), 1);
}

TEST(ForkSafeLock, ExcludesOtherThreads) {
  ForkSafeLock lock;
  int sum = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 10'000; ++j) {
          std::lock_guard const guard{lock};
          ++sum;
        }
      });
    }
  }
  EXPECT_EQ(sum, 40'000);
}

TEST(ForkSafeLock, IsFreeInAChildWhoeverHoldsItInTheParent) {
  ForkSafeLock lock;
  Holder const holder{[&](auto const& wait) {
    std::lock_guard const guard{lock};
    wait();
  }};
  EXPECT_EQ(in_child([&] {
              for (int i = 0; i < 2; ++i) std::lock_guard const guard{lock};
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace lakebase::detail
