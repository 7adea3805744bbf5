#include "mcp/protocol/transport/stdio_posix.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include "small_server.hpp"

namespace lakebase::mcp {
namespace {

class McpStdio : public testing::Test {
 protected:
  McpStdio() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) throw std::runtime_error("no sockets");
    mine_ = ends[0];
    theirs_ = ends[1];
    thread_ = std::jthread{[this] { serve_stdio(server_, theirs_, theirs_); }};
  }
  ~McpStdio() override {
    end();
    ::close(mine_);
    ::close(theirs_);
  }

  void end() {
    ::shutdown(mine_, SHUT_WR);
    if (thread_.joinable()) thread_.join();
  }
  void write(std::string const& text) { ASSERT_EQ(::send(mine_, text.data(), text.size(), 0), ssize_t(text.size())); }
  void send(Json const& message) { write(json_line(message) + '\n'); }
  Json read() {
    std::string line;
    char c = 0;
    while (::recv(mine_, &c, 1, 0) == 1 && c != '\n') line += c;
    return line.empty() ? Json() : Json::parse(line);
  }
  Json answer(Json const& message) {
    send(message);
    return read();
  }
  static Json code(Json const& message) { return member(member(message, "error"), "code"); }

  Watch watch_;
  Server server_{small_features(watch_)};
  int mine_ = -1;
  int theirs_ = -1;
  std::jthread thread_;
};

TEST_F(McpStdio, SpeaksBothEras) {
  auto const discovered = answer(modern(1, "server/discover"));
  EXPECT_EQ(discovered["result"]["supportedVersions"], Json::array({"2026-07-28"}));
  EXPECT_EQ(discovered["result"]["resultType"], "complete");
  for (std::string const version : {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"}) {
    EXPECT_EQ(answer(initialize(version))["result"]["protocolVersion"], version);
  }
  EXPECT_EQ(answer(initialize("2026-07-28"))["result"]["protocolVersion"], "2025-11-25");
  EXPECT_EQ(answer(legacy("p", "ping")), (Json{{"jsonrpc", "2.0"}, {"id", "p"}, {"result", Json::object()}}));
  EXPECT_EQ(code(answer(modern(2, "ping"))), -32601);
  EXPECT_EQ(code(answer(modern(3, "initialize"))), -32601);
  EXPECT_EQ(
      answer(modern(4, "tools/call", {{"name", "echo"}, {"arguments", {{"a", 1}}}}))["result"]["structuredContent"],
      (Json{{"a", 1}}));
}

TEST_F(McpStdio, AnswersGarbageByTheProtocol) {
  write("{\"jsonrpc\":\n");
  EXPECT_EQ(code(read()), -32700);
  write("\"\xff\"\n");
  EXPECT_EQ(code(read()), -32700);
  write(std::string(10'000, '[') + "\n");
  EXPECT_EQ(code(read()), -32700);
  write("\n  \r\n[]\n");
  EXPECT_EQ(code(read()), -32600) << "a batch";
  for (auto const* id : {"null", "true", "1.5", "{}", "[]"}) {
    write(std::string{R"({"jsonrpc":"2.0","method":"ping","id":)"} + id + "}\n");
    auto const message = read();
    EXPECT_EQ(code(message), -32600) << id;
    EXPECT_FALSE(message.contains("id")) << id;
  }
  auto const unknown = [](std::string const& version) {
    auto message = modern(1, "tools/list");
    message["params"]["_meta"][std::string{version_key}] = version;
    return message;
  };
  EXPECT_EQ(code(answer(unknown("2099-01-01"))), -32022);
  EXPECT_EQ(code(answer(legacy(1, "tools/list"))), -32600) << "before initialize";
  EXPECT_TRUE(answer(modern("9", "server/discover")).contains("result")) << "goes on";
}

TEST_F(McpStdio, PassesOverALineThatIsTooLong) {
  std::string const part(1024 * 1024, 'x');
  for (int i = 0; i < 20; ++i) write(part);
  write("\n");
  EXPECT_EQ(code(read()), -32600);
  EXPECT_TRUE(answer(modern(1, "server/discover")).contains("result"));
}

TEST_F(McpStdio, CancelsACall) {
  send(modern(7, "tools/call", {{"name", "wait"}}));
  ASSERT_TRUE(watch_.has_begun());
  EXPECT_TRUE(answer(modern(8, "server/discover")).contains("result")) << "others do not wait";
  EXPECT_EQ(code(answer(modern(7, "tools/list"))), -32600) << "the id is in use";
  send(notification("notifications/cancelled", {{"requestId", 7}}));
  EXPECT_TRUE(watch_.was_stopped());
}

TEST_F(McpStdio, EndsWithItsInputWhateverIsAtWork) {
  send(modern(7, "tools/call", {{"name", "wait"}}));
  send(modern(8, "subscriptions/listen", {{"notifications", {{"toolsListChanged", true}}}}));
  ASSERT_TRUE(watch_.has_begun());
  end();
  EXPECT_TRUE(watch_.was_stopped());
}

TEST_F(McpStdio, ListensWithTheRequestsId) {
  auto const granted = answer(modern(5, "subscriptions/listen", {{"notifications", {{"toolsListChanged", true}}}}));
  EXPECT_EQ(granted["method"], "notifications/subscriptions/acknowledged");
  EXPECT_EQ(granted["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], 5);
  EXPECT_EQ(granted["params"]["notifications"], (Json{{"toolsListChanged", true}}));
  server_.list_changed("tools");
  auto const changed = read();
  EXPECT_EQ(changed["method"], "notifications/tools/list_changed");
  EXPECT_EQ(changed["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], 5);
}

TEST_F(McpStdio, AsksInTheLegacyEraByARequest) {
  EXPECT_TRUE(answer(initialize("2025-11-25")).contains("result"));
  auto const asked = answer(legacy(1, "tools/call", {{"name", "ask"}}));
  EXPECT_EQ(asked["method"], "elicitation/create");
  send({{"jsonrpc", "2.0"}, {"id", asked["id"]}, {"result", {{"action", "decline"}}}});
  EXPECT_EQ(read()["result"]["structuredContent"], (Json{{"action", "decline"}}));
}

TEST_F(McpStdio, AsksInTheModernEraByAResult) {
  auto const asked = answer(modern(1, "tools/call", {{"name", "ask"}}))["result"];
  EXPECT_EQ(asked["resultType"], "input_required");
  Json const responses{{"name", {{"action", "accept"}}}};
  auto const without_state =
      answer(modern(2, "tools/call", {{"name", "ask"}, {"inputResponses", responses}}))["result"];
  EXPECT_EQ(without_state["resultType"], "input_required") << "an answer to a question that was not asked";
  Json again{{"name", "ask"}, {"inputResponses", responses}, {"requestState", asked["requestState"]}};
  EXPECT_EQ(answer(modern(3, "tools/call", again))["result"]["structuredContent"], (Json{{"action", "accept"}}));
  again["arguments"] = {{"other", true}};
  EXPECT_EQ(code(answer(modern(4, "tools/call", again))), -32602) << "the state of another call";
  again["requestState"] = "x.y";
  EXPECT_EQ(code(answer(modern(5, "tools/call", again))), -32602);
}

TEST_F(McpStdio, HasBatchesInOneVersion) {
  EXPECT_TRUE(answer(initialize("2025-03-26")).contains("result"));
  send(Json::array({legacy(1, "ping"), legacy(2, "ping")}));
  EXPECT_EQ(read()["id"], 1);
  EXPECT_EQ(read()["id"], 2);
}

}  // namespace
}  // namespace lakebase::mcp
