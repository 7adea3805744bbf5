#include "mcp/protocol/json/json.hpp"

#include <gmock/gmock.h>

#include "mcp/protocol/json/schema.hpp"

namespace lakebase::mcp {
namespace {

struct Inner {
  std::string text;

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("text", &Inner::text);
  }
};

struct Arguments {
  std::string action;
  std::optional<std::string> type = "autoscale";
  std::optional<bool> force{};
  std::optional<std::int64_t> seconds{};
  std::optional<std::vector<std::string>> keys{};
  std::optional<Inner> inner{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("action", &Arguments::action, "What to do.", Choices{"get", "list"});
    field("type", &Arguments::type);
    field("force", &Arguments::force);
    field("seconds", &Arguments::seconds);
    field("keys", &Arguments::keys);
    field("inner", &Arguments::inner);
  }
};

std::string refusal_of(char const* text) {
  try {
    static_cast<void>(read_arguments<Arguments>(Json::parse(text)));
  } catch (BadArgument const& error) {
    return error.what();
  }
  return {};
}

TEST(McpJson, RefusesWhatIsTooDeepAndWhatIsNoUtf8) {
  EXPECT_FALSE(read_json(std::string(100, '[') + std::string(100, ']')).is_discarded());
  EXPECT_TRUE(read_json(std::string(101, '[') + std::string(101, ']')).is_discarded());
  EXPECT_TRUE(read_json(std::string(10'000, '[')).is_discarded());
  EXPECT_FALSE(read_json('"' + std::string(10'000, '[') + '"').is_discarded());
  EXPECT_TRUE(read_json("\"\xff\"").is_discarded());
  EXPECT_TRUE(read_json("{\"a\":").is_discarded());
}

TEST(McpJson, WritesOneLine) {
  EXPECT_EQ(json_line({{"a", "b\nc"}, {"d", "\xff"}}), "{\"a\":\"b\\nc\",\"d\":\"\xef\xbf\xbd\"}");
}

TEST(McpSchema, IsMadeOfWhatATypeDescribes) {
  EXPECT_EQ(schema_of<Arguments>(), Json::parse(R"({
    "type": "object", "additionalProperties": false, "required": ["action"],
    "properties": {
      "action": {"type": "string", "description": "What to do.", "enum": ["get", "list"]},
      "type": {"type": "string", "default": "autoscale"},
      "force": {"type": "boolean"},
      "seconds": {"type": "integer"},
      "keys": {"type": "array", "items": {"type": "string"}},
      "inner": {"type": "object", "additionalProperties": false, "required": ["text"],
                "properties": {"text": {"type": "string"}}}}})"));
}

TEST(McpSchema, ReadsArguments) {
  auto const read = read_arguments<Arguments>(
      Json::parse(R"({"action":"get","force":true,"seconds":2.0,"keys":["a"],"inner":{"text":"t"},"type":null})"));
  EXPECT_EQ(read.action, "get");
  EXPECT_EQ(read.type, "autoscale");
  EXPECT_EQ(read.force, true);
  EXPECT_EQ(read.seconds, 2);
  EXPECT_THAT(*read.keys, testing::ElementsAre("a"));
  EXPECT_EQ(read.inner->text, "t");
}

TEST(McpSchema, NamesTheArgumentThatIsWrong) {
  EXPECT_EQ(refusal_of("{}"), "action is missing");
  EXPECT_EQ(refusal_of(R"({"action":"fly"})"), "action must be one of get, list");
  EXPECT_EQ(refusal_of(R"({"action":1})"), "action must be a string");
  EXPECT_EQ(refusal_of(R"({"action":"get","seconds":1.5})"), "seconds must be an integer");
  EXPECT_EQ(refusal_of(R"({"action":"get","seconds":18446744073709551615})"), "seconds must be an integer");
  EXPECT_EQ(refusal_of(R"({"action":"get","keys":["a",2]})"), "keys[1] must be a string");
  EXPECT_EQ(refusal_of(R"({"action":"get","inner":{}})"), "inner.text is missing");
  EXPECT_EQ(refusal_of(R"({"action":"get","fast":true})"), "there is no argument fast");
}

}  // namespace
}  // namespace lakebase::mcp
