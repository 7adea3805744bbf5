#include "fixtures.hpp"

namespace lakebase::mcp::fixtures {
namespace {

Question form(std::string const& key, std::string const& text, Json properties, Json required = Json::array()) {
  Json schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return {.key = key,
          .method = "elicitation/create",
          .params = {{"message", text}, {"requestedSchema", std::move(schema)}}};
}

Question name_form(std::string const& key) {
  return form(key, "What is your name?", {{"name", {{"type", "string"}}}}, Json::array({"name"}));
}

Question sampling(std::string const& text) {
  return {
      .key = "sample",
      .method = "sampling/createMessage",
      .params = {{"messages", Json::array({{{"role", "user"}, {"content", text_content(text)}}})}, {"maxTokens", 100}}};
}

Question roots() {
  return {.key = "roots", .method = "roots/list"};
}

using Questions = std::vector<Question>;

// Asks one round after another, and shows the last answers.
Tool asking_tool(std::string const& name, std::vector<Questions> rounds) {
  return {.name = name, .description = "Asks the client.", .run = [rounds = std::move(rounds)](Call& call) {
            Json answers;
            for (auto const& questions : rounds) answers = call.ask(questions);
            return ToolResult::text("state-ok " + json_line(answers));
          }};
}

Tool legacy_tool(std::string const& name, std::string const& argument,
                 std::function<Question(std::string const&)> question) {
  Json schema{
      {"type", "object"}, {"properties", {{argument, {{"type", "string"}}}}}, {"required", Json::array({argument})}};
  return {.name = name,
          .description = "Asks the client what an argument says.",
          .input_schema = std::move(schema),
          .run = [argument, question = std::move(question)](Call& call) {
            return ToolResult::text(json_line(call.ask(question(text_of(call.arguments(), argument)))));
          }};
}

Json defaults() {
  return Json::parse(R"({
    "name": {"type": "string", "default": "John Doe"}, "age": {"type": "integer", "default": 30},
    "score": {"type": "number", "default": 95.5},
    "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
    "verified": {"type": "boolean", "default": true}})");
}

Json enums() {
  return Json::parse(R"({
    "untitledSingle": {"type": "string", "enum": ["a", "b", "c"]},
    "titledSingle": {"type": "string", "oneOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "B"}]},
    "legacyEnum": {"type": "string", "enum": ["a", "b"], "enumNames": ["A", "B"]},
    "untitledMulti": {"type": "array", "items": {"type": "string", "enum": ["a", "b", "c"]}},
    "titledMulti": {"type": "array", "items": {"anyOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "B"}]}}})");
}

Tool capabilities_tool() {
  return {.name = "test_input_required_result_capabilities",
          .description = "Asks what the client can be asked.",
          .run = [](Call& call) {
            Questions questions;
            for (auto const& question : {name_form("user_name"), sampling("Say hello."), roots()}) {
              if (call.can_ask(question.method)) questions.push_back(question);
            }
            return ToolResult::text(json_line(call.ask(questions)));
          }};
}

}  // namespace

void add_input_fixtures(Features& features) {
  auto& tools = features.tools;
  std::string const prefix = "test_input_required_result_";
  Json const flag{{"ok", {{"type", "boolean"}}}};
  tools.push_back(legacy_tool("test_sampling", "prompt", [](std::string const& text) { return sampling(text); }));
  tools.push_back(legacy_tool("test_elicitation", "message", [](std::string const& text) {
    return form("user", text, {{"username", {{"type", "string"}}}, {"email", {{"type", "string"}}}},
                Json::array({"username", "email"}));
  }));
  tools.push_back(
      asking_tool("test_elicitation_sep1034_defaults", {{form("defaults", "Are these right?", defaults())}}));
  tools.push_back(asking_tool("test_elicitation_sep1330_enums", {{form("enums", "Choose.", enums())}}));
  tools.push_back(asking_tool("test_missing_capability", {{sampling("Say hello.")}}));
  tools.push_back(asking_tool("test_streaming_elicitation", {{name_form("user_name")}}));
  tools.push_back(asking_tool(prefix + "elicitation", {{name_form("user_name")}}));
  tools.push_back(asking_tool(prefix + "sampling", {{sampling("Say hello.")}}));
  tools.push_back(asking_tool(prefix + "list_roots", {{roots()}}));
  tools.push_back(asking_tool(prefix + "request_state", {{form("confirm", "Is it all right?", flag)}}));
  tools.push_back(asking_tool(prefix + "multiple_inputs", {{name_form("user_name"), sampling("Say hello."), roots()}}));
  tools.push_back(
      asking_tool(prefix + "multi_round", {{name_form("step1")}, {form("step2", "Is it all right?", flag)}}));
  tools.push_back(asking_tool(prefix + "tampered_state", {{form("confirm", "Is it all right?", flag)}}));
  tools.push_back(capabilities_tool());
  features.prompts.push_back(
      {.name = prefix + "prompt", .description = "Asks the client.", .get = [](Call& call) {
         auto const answer = call.ask(form("context", "What about?", {{"about", {{"type", "string"}}}}));
         return Json::array({{{"role", "user"}, {"content", text_content(json_line(answer))}}});
       }});
}

}  // namespace lakebase::mcp::fixtures
