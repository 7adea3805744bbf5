#include "engine/operations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/errors.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

constexpr TimePoint noon{std::chrono::hours{12}};

OperationRecord finished(std::string name, TimePoint at) {
  OperationRecord operation;
  operation.name = std::move(name);
  note_end(operation, at);
  return operation;
}

std::vector<std::string> names(Operations const& operations) {
  std::vector<std::string> names;
  for (auto const& operation : operations) names.push_back(operation.name);
  return names;
}

TEST(Operations, AreForgottenAfterADay) {
  Operations operations;
  operations.push_back(finished("old", noon));
  operations.push_back(finished("younger", noon + 1s));
  forget_old(operations, noon + 24h - 1ns);
  EXPECT_THAT(names(operations), ElementsAre("old", "younger"));
  forget_old(operations, noon + 24h);
  EXPECT_THAT(names(operations), ElementsAre("younger"));
}

TEST(Operations, AreForgottenByNumberFromTheOldestOn) {
  Operations operations;
  for (std::size_t i = 0; i < most_operations_kept + 3; ++i) operations.push_back(finished(std::to_string(i), noon));
  forget_old(operations, noon);
  EXPECT_EQ(operations.size(), most_operations_kept);
  EXPECT_EQ(operations.front().name, "3");
}

TEST(Operations, ThatRunAreNeverForgotten) {
  Operations operations;
  OperationRecord running;
  running.name = "runs";
  operations.push_back(running);
  for (std::size_t i = 0; i < most_operations_kept; ++i) operations.push_back(finished(std::to_string(i), noon));
  forget_old(operations, noon + 23h);
  EXPECT_EQ(operations.size(), most_operations_kept);
  EXPECT_EQ(operations.front().name, "runs");
  forget_old(operations, noon + 48h);
  EXPECT_THAT(names(operations), ElementsAre("runs"));
}

TEST(Locks, AreHeldByOneOperationEach) {
  Locks locks;
  EXPECT_TRUE(locks.is_free("shop"));
  locks.take({{"shop", "project 'shop'"}}, "first");
  locks.take({{"other", "project 'other'"}}, "second");
  EXPECT_FALSE(locks.is_free("shop"));
  locks.release_all_of("second");
  EXPECT_FALSE(locks.is_free("shop"));
  EXPECT_TRUE(locks.is_free("other"));
  std::vector<Lock> const both{{"other", "project 'other'"}, {"shop", "project 'shop'"}};
  EXPECT_THROW(locks.take(both, "third"), ServiceError);
  EXPECT_TRUE(locks.is_free("other")) << "all or none";
  locks.release_all_of("first");
  locks.take(both, "third");
  EXPECT_FALSE(locks.is_free("shop"));
  EXPECT_FALSE(locks.is_free("other"));
  locks.release_all_of("third");
  EXPECT_TRUE(locks.is_free("shop"));
}

TEST(Polls, ShowAnOperationAsItIsUnlessMoreAreWanted) {
  Polls none{0};
  OperationRecord operation;
  operation.name = "o";
  EXPECT_FALSE(none.shows_done(operation, noon));
  note_end(operation, noon);
  EXPECT_TRUE(none.shows_done(operation, noon));

  Polls two{2};
  EXPECT_FALSE(two.shows_done(operation, noon));
  EXPECT_FALSE(two.shows_done(operation, noon));
  EXPECT_TRUE(two.shows_done(operation, noon));
  Polls many{1000};
  EXPECT_FALSE(many.shows_done(operation, noon + 59s));
  EXPECT_TRUE(many.shows_done(operation, noon + 60s));
}

TEST(Polls, ShowAnOperationDoneForAsLongAsItIsThere) {
  Polls polls{1};
  Operations operations;
  operations.push_back(finished("kept", noon));
  auto const& kept = operations.front();
  EXPECT_FALSE(polls.shows_done(kept, noon));
  EXPECT_TRUE(polls.shows_done(kept, noon));
  for (std::size_t i = 0; i < 2 * most_operations_kept; ++i) {
    polls.shows_done(finished(std::to_string(i), noon), noon);
    polls.forget_gone(operations);
  }
  EXPECT_TRUE(polls.shows_done(kept, noon));
  EXPECT_FALSE(polls.shows_done(finished("0", noon), noon)) << "this one was gone";
}

}  // namespace
}  // namespace lakebase::emulator::tests
