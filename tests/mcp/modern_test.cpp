#include "mcp/protocol/era/modern.hpp"

#include <map>

#include <gmock/gmock.h>

#include "mcp/protocol/message/protocol_error.hpp"

namespace lakebase::mcp {
namespace {

using Given = std::map<std::string, std::string>;

Headers headers(Given given) {
  return [given = std::move(given)](std::string const& name) -> std::optional<std::string> {
    auto const found = given.find(name);
    return found == given.end() ? std::nullopt : std::optional{found->second};
  };
}

Json request(std::string const& version, Json params = Json::object()) {
  params["_meta"] = {{version_key, version}, {"io.modelcontextprotocol/clientCapabilities", Json::object()}};
  return {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "tools/call"}, {"params", std::move(params)}};
}

template <class Check>
int code_of(Check check) {
  try {
    check();
  } catch (ProtocolError const& error) {
    return static_cast<int>(error.code());
  }
  return 0;
}

int client_code(Json const& message, Headers const& given = {}) {
  return code_of([&] { static_cast<void>(read_modern_client(message, given)); });
}

int header_code(Json const& message, Given given, Json const& schema = {}) {
  return code_of([&] { check_modern_headers(message, headers(std::move(given)), schema); });
}

TEST(McpEra, IsToldByTheMessageThenByTheHeader) {
  auto const bare = Json{{"jsonrpc", "2.0"}, {"id", 1}, {"method", "initialize"}};
  EXPECT_EQ(era_of(request("2026-07-28"), ""), Era::modern);
  EXPECT_EQ(era_of(request("2026-07-28"), "2025-11-25"), Era::modern);
  EXPECT_EQ(era_of(bare, ""), Era::legacy);
  EXPECT_EQ(era_of(bare, "2025-11-25"), Era::legacy);
  EXPECT_EQ(era_of(bare, "2026-07-28"), Era::modern);
  EXPECT_EQ(era_of(bare, "2027-01-01"), Era::modern);
  EXPECT_EQ(era_of(bare, "z999"), Era::legacy);
}

TEST(McpModern, WantsMetaBeforeHeadersAndHeadersBeforeTheVersion) {
  auto incomplete = request("2026-07-28");
  incomplete["params"]["_meta"].erase("io.modelcontextprotocol/clientCapabilities");
  EXPECT_EQ(client_code(incomplete, headers({})), -32602);
  EXPECT_EQ(client_code({{"method", "tools/list"}}, headers({})), -32602);
  EXPECT_EQ(client_code(request("v999"), headers({{"MCP-Protocol-Version", "2026-07-28"}})), -32020);
  EXPECT_EQ(client_code(request("2026-07-28"), headers({{"MCP-Protocol-Version", "2025-11-25"}})), -32020);
  EXPECT_EQ(client_code(request("2026-07-28"), headers({})), -32020);
  EXPECT_EQ(client_code(request("v999"), headers({{"MCP-Protocol-Version", "v999"}})), -32022);
  EXPECT_EQ(client_code(request("2099-01-01")), -32022);
  EXPECT_EQ(client_code(request("2026-07-28"), headers({{"MCP-Protocol-Version", " 2026-07-28 "}})), 0);
}

TEST(McpModern, ComparesMethodAndName) {
  auto const message = request("2026-07-28", {{"name", "t"}});
  EXPECT_EQ(header_code(message, {{"Mcp-Method", "tools/call"}, {"Mcp-Name", "t"}}), 0);
  EXPECT_EQ(header_code(message, {{"Mcp-Method", "tools/call"}, {"Mcp-Name", "=?base64?dA==?="}}), 0);
  EXPECT_EQ(header_code(message, {{"Mcp-Method", "TOOLS/CALL"}, {"Mcp-Name", "t"}}), -32020);
  EXPECT_EQ(header_code(message, {{"Mcp-Method", "tools/call"}}), -32020);
  EXPECT_EQ(header_code(message, {{"Mcp-Name", "t"}}), -32020);
  EXPECT_EQ(header_code(message, {{"Mcp-Method", "tools/call"}, {"Mcp-Name", "u"}}), -32020);
}

TEST(McpModern, ComparesAnnotatedArguments) {
  auto const schema = Json::parse(R"({"properties": {
    "text": {"x-mcp-header": "Text"},
    "nested": {"properties": {"count": {"x-mcp-header": "Count"}, "flag": {"x-mcp-header": "Flag"}}}}})");
  auto const code = [&](char const* arguments, Given given) {
    given.insert({{"Mcp-Method", "tools/call"}, {"Mcp-Name", "t"}});
    auto const message = request("2026-07-28", {{"name", "t"}, {"arguments", Json::parse(arguments)}});
    return header_code(message, std::move(given), schema);
  };
  EXPECT_EQ(code(R"({"text":"a"})", {{"Mcp-Param-Text", "a"}}), 0);
  EXPECT_EQ(code(R"({"text":"a"})", {{"Mcp-Param-Text", "=?base64?YQ==?="}}), 0);
  EXPECT_EQ(code(R"({"text":"a"})", {{"Mcp-Param-Text", "=?base64?YQ?="}}), -32020) << "no padding";
  EXPECT_EQ(code(R"({"text":"a"})", {{"Mcp-Param-Text", "=?base64?Y!==?="}}), -32020) << "another alphabet";
  EXPECT_EQ(code(R"({"text":"=?base64?YQ=="})", {{"Mcp-Param-Text", "=?base64?YQ=="}}), 0)
      << "without its end, literal";
  EXPECT_EQ(code(R"({"text":"a"})", {}), -32020);
  EXPECT_EQ(code(R"({"text":null})", {}), 0);
  EXPECT_EQ(code("{}", {{"Mcp-Param-Other", "x"}}), 0);
  EXPECT_EQ(code(R"({"nested":{"count":42}})", {{"Mcp-Param-Count", "42.0"}}), 0);
  EXPECT_EQ(code(R"({"nested":{"count":42}})", {{"Mcp-Param-Count", "43"}}), -32020);
  EXPECT_EQ(code(R"({"nested":{"flag":true}})", {{"Mcp-Param-Flag", "true"}}), 0);
}

TEST(McpEra, KnowsWhatAClientCanBeAsked) {
  Client client;
  EXPECT_FALSE(can_ask(client, "elicitation/create"));
  client.capabilities = Json::parse(R"({"elicitation":{}})");
  EXPECT_TRUE(can_ask(client, "elicitation/create"));
  EXPECT_FALSE(can_ask(client, "sampling/createMessage"));
  client.capabilities = Json::parse(R"({"elicitation":{"url":{}}})");
  EXPECT_FALSE(can_ask(client, "elicitation/create")) << "URLs only";
}

}  // namespace
}  // namespace lakebase::mcp
