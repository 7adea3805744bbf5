#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/field_mask.hpp>

namespace lakebase::tests {
namespace {

// Of a temporary they are a copy, which a loop keeps alive.
static_assert(std::is_same_v<decltype(FieldMask{}.paths()), std::vector<std::string>>);

TEST(FieldMask, JoinsPathsByCommasWithoutChangingTheirCase) {
  EXPECT_EQ((FieldMask{"spec.ttl", "spec.is_protected"}.to_string()), "spec.ttl,spec.is_protected");
  EXPECT_EQ(FieldMask{}.to_string(), "");
}

TEST(FieldMask, ReadsWhatItWrites) {
  FieldMask const mask{"a", "b.c"};
  EXPECT_EQ(FieldMask::parse(mask.to_string()), mask);
  EXPECT_TRUE(FieldMask::parse("").empty());
}

TEST(FieldMask, DropsBlanksAndEmptyPaths) {
  EXPECT_EQ(FieldMask::parse(" a , ,b.c\t,,"), (FieldMask{"a", "b.c"}));
  EXPECT_TRUE(FieldMask::parse(" , ").empty());
}

}  // namespace
}  // namespace lakebase::tests
