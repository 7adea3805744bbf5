#include "mcp/protocol/dispatch/seal.hpp"

#include <gmock/gmock.h>

namespace lakebase::mcp {
namespace {

using namespace std::chrono_literals;

TEST(McpSeal, OpensForWhatItIsBoundToUntilItExpires) {
  Seal const seal;
  Seal::Time const now{1'000'000s};
  auto const sealed = seal.close({{"a", 1}}, "this", now + 60s);
  EXPECT_EQ(seal.open(sealed, "this", now + 60s), (Json{{"a", 1}}));
  EXPECT_EQ(seal.open(sealed, "this", now + 61s), std::nullopt);
  EXPECT_EQ(seal.open(sealed, "that", now), std::nullopt);
  EXPECT_EQ(Seal{}.open(sealed, "this", now), std::nullopt);
}

TEST(McpSeal, DoesNotOpenWhatWasAltered) {
  Seal const seal;
  Seal::Time const now{1'000'000s};
  auto const sealed = seal.close({{"a", 1}}, "this", now + 60s);
  EXPECT_EQ(seal.open(sealed + "-TAMPERED", "this", now), std::nullopt);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto altered = sealed;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(seal.open(altered, "this", now), std::nullopt) << i;
    EXPECT_EQ(seal.open(sealed.substr(0, i), "this", now), std::nullopt) << i;
  }
}

}  // namespace
}  // namespace lakebase::mcp
