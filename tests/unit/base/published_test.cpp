#include "base/published.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace lakebase::detail {
namespace {

TEST(Published, ReadsWhatWasSetLast) {
  Published<int> number;
  EXPECT_EQ(number.read(), nullptr);
  for (int i = 0; i < 10; ++i) {
    auto const set = std::make_shared<int const>(i);
    number.set(set);
    EXPECT_EQ(number.read(), set);
  }
  number.set(nullptr);
  EXPECT_EQ(number.read(), nullptr);
}

TEST(Published, KeepsNothingThatWasReplaced) {
  Published<int> number;
  std::weak_ptr<int const> first;
  {
    auto const set = std::make_shared<int const>(1);
    first = set;
    number.set(set);
  }
  EXPECT_FALSE(first.expired());
  auto const read = number.read();
  number.set(std::make_shared<int const>(2));
  EXPECT_EQ(first.use_count(), 1);  // the reader's
  std::weak_ptr<int const> const second = number.read();
  number.set(nullptr);
  EXPECT_TRUE(second.expired());
}

TEST(Published, IsReadByManyThreadsWhileOneReplacesIt) {
  constexpr int last = 20'000;
  struct Pair {
    int one, same;
  };
  Published<Pair> pair;
  std::atomic<int> torn{0};
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 4; ++i) {
      readers.emplace_back([&] {
        for (int seen = 0; seen < last;) {
          auto const read = pair.read();
          if (!read) continue;
          if (read->one != read->same) ++torn;
          seen = read->one;
        }
      });
    }
    for (int i = 1; i <= last; ++i) {
      if (i % 100 == 0) pair.set(nullptr);
      pair.set(std::make_shared<Pair const>(Pair{i, i}));
    }
    // A reader at each place at once can keep the last one from being set.
    while (!pair.read()) pair.set(std::make_shared<Pair const>(Pair{last, last}));
  }
  EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace lakebase::detail
