#include "data_plane/wire.hpp"

#include <gtest/gtest.h>

namespace lakebase::emulator::wire {
namespace {

std::string body(std::uint32_t protocol, std::vector<std::pair<std::string, std::string>> const& parameters) {
  std::string text;
  append_uint32(text, protocol);
  for (auto const& [name, value] : parameters) text.append(name).append(1, '\0').append(value).append(1, '\0');
  return text + '\0';
}

std::string stripped(std::string const& options) {
  Startup startup;
  startup.parameters = {{"user", "u"}, {"options", options}};
  startup.strip_endpoint_option();
  auto const* left = startup.find("options");
  return left == nullptr ? "(none)" : *left;
}

TEST(Startup, RoundTripsItsParameters) {
  auto startup = Startup::parse(body(protocol_3_0, {{"user", "alice@example.com"}, {"database", "app"}}));
  ASSERT_TRUE(startup);
  EXPECT_EQ(startup->user(), "alice@example.com");
  EXPECT_EQ(startup->database(), "app");
  EXPECT_EQ(startup->packet().substr(4), body(protocol_3_0, startup->parameters));
}

TEST(Startup, TakesTheUserAsTheDatabaseWhereNoneIsNamed) {
  EXPECT_EQ(Startup::parse(body(protocol_3_0, {{"user", "alice"}}))->database(), "alice");
}

TEST(Startup, RefusesBrokenLayouts) {
  std::string const good = body(protocol_3_0, {{"user", "alice"}});
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(Startup::parse(good.substr(0, size))) << size;
  EXPECT_FALSE(Startup::parse(good + "more"));
}

TEST(Startup, NegotiatesLaterProtocolsDown) {
  auto startup = Startup::parse(body(protocol_3_0 + 2, {{"user", "alice"}, {"_pq_.later", "1"}}));
  ASSERT_TRUE(startup);
  EXPECT_EQ(startup->negotiation(), message('v', std::string{"\0\0\0\0\0\0\0\1_pq_.later\0", 19}));
  EXPECT_EQ(startup->packet().substr(4), body(protocol_3_0, {{"user", "alice"}}));
  EXPECT_EQ(Startup::parse(body(protocol_3_0, {{"user", "alice"}}))->negotiation(), "");
}

TEST(Startup, StripsTheEndpointOption) {
  EXPECT_EQ(stripped("endpoint=ep-1"), "(none)");
  EXPECT_EQ(stripped("-c geqo=off endpoint=ep-1  -c jit=on"), "-c geqo=off -c jit=on");
  EXPECT_EQ(stripped("-c search_path=a\\ endpoint=b"), "-c search_path=a\\ endpoint=b");
}

TEST(ErrorMessage, RoundTrips) {
  std::string const text = error_message({"FATAL", "28P01", "no", "try again"});
  EXPECT_EQ(text[0], 'E');
  EXPECT_EQ(read_uint32(text.data() + 1) + 1, text.size());
  auto fields = parse_error(std::string_view{text}.substr(5));
  EXPECT_EQ(fields.severity, "FATAL");
  EXPECT_EQ(fields.code, "28P01");
  EXPECT_EQ(fields.message, "no");
  EXPECT_EQ(fields.hint, "try again");
}

}  // namespace
}  // namespace lakebase::emulator::wire
