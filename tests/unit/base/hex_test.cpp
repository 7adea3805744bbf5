#include "base/text/hex.hpp"

#include <gtest/gtest.h>

namespace lakebase::tests {
namespace {

using namespace std::string_view_literals;

TEST(Hex, WritesTwoDigitsForEachByte) {
  EXPECT_EQ(detail::hex(""), "");
  EXPECT_EQ(detail::hex("\x00\x0f\x7f\x80\xff"sv), "000f7f80ff");
}

TEST(Hex, WritesCapitalsIfAsked) {
  std::string text = "%";
  detail::append_hex(text, '\xaf', detail::upper_hex_digits);
  EXPECT_EQ(text, "%AF");
}

}  // namespace
}  // namespace lakebase::tests
