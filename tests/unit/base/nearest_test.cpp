#include "base/text/nearest.hpp"

#include <gtest/gtest.h>

namespace lakebase::tests {
namespace {

TEST(Nearest, FindsTheWordThatFewestLettersMake) {
  EXPECT_EQ(detail::nearest("titel", {"id", "title", "tilted"}), "title");
  EXPECT_EQ(detail::nearest("film", {"films", "files"}), "films");
  EXPECT_EQ(detail::nearest("released_on", {"release_date", "released_at"}), "released_at");
}

TEST(Nearest, FindsNothingThatIsFar) {
  EXPECT_EQ(detail::nearest("price", {"id", "title", std::string(100, 'p')}), "");
  EXPECT_EQ(detail::nearest("price", {}), "");
}

}  // namespace
}  // namespace lakebase::tests
