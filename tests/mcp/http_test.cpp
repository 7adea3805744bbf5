#include "mcp/protocol/transport/http_posix.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <httplib.h>

#include "mcp/protocol/transport/guard.hpp"
#include "small_server.hpp"

namespace lakebase::mcp {
namespace {

using httplib::Headers;

class McpHttp : public testing::Test {
 protected:
  httplib::Result post(Json const& message, Headers headers = {}) {
    return post_text(json_line(message), std::move(headers));
  }
  httplib::Result post_text(std::string const& body, Headers headers = {}, char const* type = "application/json") {
    if (!headers.count("Authorization")) headers.emplace("Authorization", "Bearer secret");
    if (!headers.count("Accept")) headers.emplace("Accept", "application/json, text/event-stream");
    httplib::Client client{"127.0.0.1", http_.port()};
    return client.Post("/mcp", headers, body, type);
  }
  static Headers modern_headers(std::string const& method, std::string const& name = {}) {
    Headers headers{{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", method}};
    if (!name.empty()) headers.emplace("Mcp-Name", name);
    return headers;
  }
  std::string open_session() {
    auto const opened = post(initialize("2025-11-25"));
    return opened ? opened->get_header_value("MCP-Session-Id") : std::string{};
  }
  static int code(httplib::Result const& response) { return Json::parse(response->body)["error"]["code"].get<int>(); }

  Watch watch_;
  Server server_{small_features(watch_)};
  HttpServer http_{server_, {.token = "secret"}};
};

TEST(McpGuard, KnowsThisMachine) {
  for (auto const* host : {"localhost", "localhost:80", "127.0.0.1:8080", "[::1]:1"})
    EXPECT_TRUE(is_local_host(host)) << host;
  for (auto const* host : {"", "evil.example.com", "localhost.evil.example.com", "127.0.0.1.evil.example.com",
                           "localhost@evil", "localhost/x"}) {
    EXPECT_FALSE(is_local_host(host)) << host;
  }
  EXPECT_TRUE(is_local_origin("http://localhost:3000"));
  EXPECT_FALSE(is_local_origin("null"));
  EXPECT_FALSE(is_local_origin("http://evil.example.com"));
  EXPECT_FALSE(is_local_origin("file://localhost"));
  EXPECT_TRUE(shows_token("bearer t", "t"));
  EXPECT_FALSE(shows_token("Bearer u", "t"));
  EXPECT_FALSE(shows_token("t", "t"));
}

// Each is wrong in what is named and in all that is checked after it.
TEST_F(McpHttp, ChecksInOrder) {
  auto broken = modern(1, "tools/list");
  broken["params"]["_meta"][std::string{version_key}] = "v9";
  auto const text = json_line(broken);
  EXPECT_EQ(post_text("{", {{"Host", "evil.example.com"}, {"Authorization", "no"}}, "text/plain")->status, 403);
  EXPECT_EQ(post_text("{", {{"Origin", "http://evil.example.com"}, {"Authorization", "no"}}, "text/plain")->status,
            403);
  auto const unauthorized = post_text("{", {{"Authorization", "Bearer wrong"}}, "text/plain");
  EXPECT_EQ(unauthorized->status, 401);
  EXPECT_TRUE(unauthorized->has_header("WWW-Authenticate"));
  EXPECT_EQ(post_text("{", {}, "text/plain")->status, 415);
  EXPECT_EQ(code(post_text("{")), -32700);
  EXPECT_EQ(code(post_text("[" + text + "]")), -32600);
  EXPECT_EQ(code(post_text(R"({"jsonrpc":"2.0","method":"tools/list","id":1})", modern_headers("x"))), -32602);
  EXPECT_EQ(code(post_text(text, modern_headers("x"))), -32020);
  auto const unsupported = post_text(text, {{"MCP-Protocol-Version", "v9"}});
  EXPECT_EQ(unsupported->status, 400);
  EXPECT_EQ(code(unsupported), -32022);
  EXPECT_EQ(code(post(modern(1, "unknown"), modern_headers("x"))), -32020);
  auto const unknown = post(modern(1, "unknown"), modern_headers("unknown"));
  EXPECT_EQ(unknown->status, 404);
  EXPECT_EQ(code(unknown), -32601);
  auto const no_tool = post(modern(1, "tools/call", {{"name", "none"}}), modern_headers("tools/call", "none"));
  EXPECT_EQ(no_tool->status, 200);
  EXPECT_EQ(code(no_tool), -32602);
  auto incapable = modern(1, "tools/call", {{"name", "ask"}});
  incapable["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] = Json::object();
  auto const refused = post(incapable, modern_headers("tools/call", "ask"));
  EXPECT_EQ(refused->status, 400);
  EXPECT_EQ(code(refused), -32021);
}

TEST_F(McpHttp, HasSessionsInTheLegacyEra) {
  EXPECT_EQ(post(legacy(1, "ping"))->status, 400);
  EXPECT_EQ(post(legacy(1, "ping"), {{"MCP-Session-Id", "unknown"}})->status, 404);
  auto const session = open_session();
  ASSERT_FALSE(session.empty());
  EXPECT_EQ(post(legacy(1, "ping"), {{"MCP-Session-Id", session}})->status, 200);
  EXPECT_EQ(post(legacy(1, "ping"), {{"MCP-Session-Id", session}, {"MCP-Protocol-Version", "1999-01-01"}})->status,
            400);
  EXPECT_EQ(post(legacy(1, "ping"), {{"MCP-Session-Id", session}, {"Accept", "application/json"}})->status, 406);
  EXPECT_EQ(post(legacy(1, "unknown"), {{"MCP-Session-Id", session}})->status, 200);
  EXPECT_EQ(post(notification("notifications/initialized", Json::object()), {{"MCP-Session-Id", session}})->status,
            202);
  httplib::Client client{"127.0.0.1", http_.port()};
  Headers const headers{{"MCP-Session-Id", session}, {"Authorization", "Bearer secret"}};
  EXPECT_EQ(client.Delete("/mcp", headers)->status, 200);
  EXPECT_EQ(post(legacy(1, "ping"), {{"MCP-Session-Id", session}})->status, 404);
  EXPECT_EQ(client.Get("/mcp", {{"Authorization", "Bearer secret"}})->status, 405);
}

TEST_F(McpHttp, EndsTheWorkOfAClientThatHasGone) {
  httplib::Client client{"127.0.0.1", http_.port()};
  std::jthread const caller{[&] {
    auto headers = modern_headers("tools/call", "wait");
    headers.emplace("Authorization", "Bearer secret");
    headers.emplace("Accept", "application/json, text/event-stream");
    static_cast<void>(
        client.Post("/mcp", headers, json_line(modern(1, "tools/call", {{"name", "wait"}})), "application/json"));
  }};
  ASSERT_TRUE(watch_.has_begun());
  client.stop();
  EXPECT_TRUE(watch_.was_stopped());
}

TEST_F(McpHttp, RefusesABodyThatIsTooLong) {
  auto const response = post_text(std::string(3 * 1024 * 1024, '['));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 413);
}

}  // namespace
}  // namespace lakebase::mcp
