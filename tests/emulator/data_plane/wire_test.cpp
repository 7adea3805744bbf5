#include "data_plane/protocol/wire.hpp"

#include <gtest/gtest.h>

namespace lakebase::emulator::wire {
namespace {

TEST(ErrorMessage, RoundTrips) {
  std::string const text = error_message({"FATAL", "28P01", "no", "try again", "really"});
  EXPECT_EQ(text[0], 'E');
  EXPECT_EQ(read_uint32(text.data() + 1) + 1, text.size());
  auto fields = parse_error(std::string_view{text}.substr(5));
  EXPECT_EQ(fields.severity, "FATAL");
  EXPECT_EQ(fields.code, "28P01");
  EXPECT_EQ(fields.message, "no");
  EXPECT_EQ(fields.hint, "try again");
  EXPECT_EQ(fields.detail, "really");
}

}  // namespace
}  // namespace lakebase::emulator::wire
