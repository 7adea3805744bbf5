#include <optional>
#include <type_traits>

#include <gtest/gtest.h>

#include <lakebase/enum.hpp>
#include <lakebase/json.hpp>
#include <lakebase/postgres/branch.hpp>

namespace lakebase::tests {
namespace {

using postgres::BranchStatusState;
using State = Enum<BranchStatusState>;

TEST(Enum, IsMadeOfAnEnumeratorAndComparesWithOne) {
  State const state = BranchStatusState::ready;
  EXPECT_EQ(state, BranchStatusState::ready);
  EXPECT_NE(state, BranchStatusState::init);
  EXPECT_EQ(state.wire(), "READY");
  std::optional<State> const member = BranchStatusState::ready;
  EXPECT_TRUE(member == BranchStatusState::ready);
}

TEST(Enum, KeepsAWordThatItDoesNotKnow) {
  auto const state = State::from_wire("HIBERNATING");
  EXPECT_EQ(state.value(), BranchStatusState::unrecognized);
  EXPECT_EQ(state.wire(), "HIBERNATING");
  EXPECT_EQ(to_json(state), R"("HIBERNATING")");
  EXPECT_EQ(from_json<State>(R"("HIBERNATING")"), state);
  EXPECT_NE(state, State::from_wire("OTHER"));
}

TEST(Enum, KnowsEachOfItsWords) {
  for (auto const word : enum_names(BranchStatusState{})) {
    EXPECT_NE(State::from_wire(word).value(), BranchStatusState::unrecognized) << word;
    auto const state = State::from_wire(word);
    EXPECT_EQ(state.wire(), word);
  }
}

TEST(Enum, OrdersByItsWords) {
  EXPECT_LT(State::from_wire("ARCHIVED"), State::from_wire("ZZZ"));
}

TEST(Enum, IsUnrecognizedWhenItIsMadeOfNothing) {
  EXPECT_EQ(State{}.value(), BranchStatusState::unrecognized);
  State const none;
  EXPECT_EQ(none.wire(), "");
}

}  // namespace
}  // namespace lakebase::tests
