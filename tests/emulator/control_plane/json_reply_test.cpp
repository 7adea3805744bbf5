#include "http/json_reply.hpp"

#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

TEST(JsonReply, TellsAnError) {
  auto const reply = error_reply({404, "NOT_FOUND", "no such thing"});
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, R"({"error_code":"NOT_FOUND","message":"no such thing"})");
  EXPECT_EQ(reply.content_type, "application/json");
}

// Such bytes come from a client, or from a server with another encoding.
TEST(JsonReply, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(json(error_reply({400, "BAD_REQUEST", "a\xff"}).body).at("message"), "a\xef\xbf\xbd");
}

TEST(JsonReply, HasAnIdOfItsOwn) {
  auto const first = with_request_id({});
  auto const second = with_request_id({});
  ASSERT_EQ(first.headers.size(), 1U);
  EXPECT_EQ(first.headers.front().first, "x-request-id");
  EXPECT_NE(first.headers, second.headers);
}

}  // namespace
}  // namespace lakebase::emulator::tests
