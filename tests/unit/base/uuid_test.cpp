#include "base/text/uuid.hpp"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lakebase::tests {
namespace {

using ::testing::MatchesRegex;

TEST(MakeUuid, IsARandomOneInItsUsualForm) {
  for (int i = 0; i < 100; ++i) {
    auto const uuid = detail::make_uuid();
    EXPECT_EQ(uuid.size(), 36U);
    EXPECT_THAT(uuid, MatchesRegex("[0-9a-f]+-[0-9a-f]+-4[0-9a-f]+-[89ab][0-9a-f]+-[0-9a-f]+"));
    EXPECT_EQ(uuid.find_first_not_of("0123456789abcdef-"), std::string::npos);
    for (auto const dash : {8U, 13U, 18U, 23U}) EXPECT_EQ(uuid[dash], '-') << uuid;
  }
}

TEST(MakeUuid, IsAnotherOneEachTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(detail::make_uuid());
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(RequestIdOrNew, KeepsWhatTheCallerGave) {
  EXPECT_EQ(detail::request_id_or_new("mine"), "mine");
}

TEST(RequestIdOrNew, MakesOneWhereNoneOrAnEmptyOneWasGiven) {
  EXPECT_EQ(detail::request_id_or_new({})->size(), 36U);
  EXPECT_EQ(detail::request_id_or_new("")->size(), 36U);
}

}  // namespace
}  // namespace lakebase::tests
