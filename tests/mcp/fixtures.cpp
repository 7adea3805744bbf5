#include "fixtures.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace lakebase::mcp::fixtures {
namespace {

using namespace std::chrono_literals;

// The smallest picture, and the smallest sound.
constexpr char const* png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
constexpr char const* wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";

Json image() {
  return {{"type", "image"}, {"data", png}, {"mimeType", "image/png"}};
}

Json embedded(std::string const& uri) {
  return {{"type", "resource"},
          {"resource", {{"uri", uri}, {"mimeType", "text/plain"}, {"text", "An embedded resource."}}}};
}

Json message(Json content) {
  return {{"role", "user"}, {"content", std::move(content)}};
}

// As a tool does that waits for something: it ends at once with the call.
void pause(Call const& call, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock{mutex};
  static_cast<void>(never.wait_for(lock, call.stop(), time, [] { return false; }));
  if (call.stop().stop_requested()) throw Stopped{};
}

Tool content_tool(std::string const& name, Json content) {
  return {.name = name, .description = "Returns a fixed content.", .run = [content = std::move(content)](Call&) {
            return ToolResult{.content = content};
          }};
}

Tool progress_tool() {
  return {.name = "test_tool_with_progress", .description = "Tells how far it is.", .run = [](Call& call) {
            for (double const done : {0.0, 50.0, 100.0}) {
              call.progress(done, 100.0, "working");
              pause(call, 50ms);
            }
            return ToolResult::text("done");
          }};
}

Tool logging_tool(std::string const& name) {
  return {.name = name, .description = "Sends log messages.", .run = [](Call& call) {
            for (auto const* text : {"started", "working", "finished"}) {
              call.log("info", text);
              pause(call, 50ms);
            }
            return ToolResult::text("done");
          }};
}

struct WaitArguments {
  std::int64_t milliseconds = 0;

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("milliseconds", &WaitArguments::milliseconds, "How long to wait.");
  }
};

Tool header_tool() {
  Json schema{{"type", "object"},
              {"properties",
               {{"region", {{"type", "string"}, {"x-mcp-header", "region"}}},
                {"count", {{"type", "integer"}, {"x-mcp-header", "count"}}},
                {"query", {{"type", "string"}}}}}};
  return {.name = "test_header_parameters",
          .description = "Has arguments that headers repeat.",
          .input_schema = std::move(schema),
          .run = [](Call& call) { return ToolResult::text(json_line(call.arguments())); }};
}

Tool schema_tool() {
  auto schema = Json::parse(R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {"address": {"$anchor": "addressDef", "type": "object",
                          "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
    "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"},
                   "contactMethod": {"type": "string", "enum": ["phone", "email"]},
                   "phone": {"type": "string"}, "email": {"type": "string"}},
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": false})");
  return {.name = "json_schema_2020_12_tool",
          .description = "Has a schema with keywords of 2020-12.",
          .input_schema = std::move(schema),
          .run = [](Call&) { return ToolResult::text("ok"); }};
}

void add_tools(Features& features, std::function<void(std::string const&)> const& list_changed) {
  auto& tools = features.tools;
  tools.push_back(content_tool("test_simple_text", Json::array({text_content("A simple text.")})));
  tools.push_back(content_tool("test_image_content", Json::array({image()})));
  tools.push_back(
      content_tool("test_audio_content", Json::array({{{"type", "audio"}, {"data", wav}, {"mimeType", "audio/wav"}}})));
  tools.push_back(content_tool("test_embedded_resource", Json::array({embedded("test://embedded-resource")})));
  tools.push_back(content_tool("test_multiple_content_types", Json::array({text_content("Several contents."), image(),
                                                                           embedded("test://mixed-resource")})));
  tools.push_back({.name = "test_error_handling", .description = "Fails.", .run = [](Call&) -> ToolResult {
                     throw std::runtime_error("This tool fails on purpose.");
                   }});
  tools.push_back(progress_tool());
  tools.push_back(logging_tool("test_tool_with_logging"));
  tools.push_back(logging_tool("test_logging_tool"));
  tools.push_back(typed_tool<WaitArguments>("test_wait", "Waits.", [](Call& call, WaitArguments const& arguments) {
    pause(call, std::chrono::milliseconds{arguments.milliseconds});
    return ToolResult::of({{"waited", arguments.milliseconds}});
  }));
  tools.push_back(header_tool());
  tools.push_back(schema_tool());
  for (std::string const kind : {"tool", "prompt"}) {
    tools.push_back({.name = "test_trigger_" + kind + "_change",
                     .description = "Tells that a list has changed.",
                     .run = [list_changed, kind](Call&) {
                       list_changed(kind + 's');
                       return ToolResult::text("told");
                     }});
  }
}

void add_resources(Features& features) {
  auto const text = [](Call&, std::string const& uri) -> std::optional<Json> {
    return Json::array({{{"uri", uri}, {"mimeType", "text/plain"}, {"text", "The text of " + uri}}});
  };
  features.resources = {
      {.uri = "test://static-text", .name = "text", .description = "A text.", .mime_type = "text/plain", .read = text},
      {.uri = "test://static-binary",
       .name = "binary",
       .description = "A picture.",
       .mime_type = "image/png",
       .read = [](Call&, std::string const& uri) -> std::optional<Json> {
         return Json::array({{{"uri", uri}, {"mimeType", "image/png"}, {"blob", png}}});
       }},
      {.uri = "test://watched-resource",
       .name = "watched",
       .description = "To subscribe to.",
       .mime_type = "text/plain",
       .read = text}};
  features.resource_templates = {{.uri_template = "test://template/{id}/data",
                                  .name = "template",
                                  .description = "A text for each id.",
                                  .mime_type = "text/plain",
                                  .read = text}};
}

void add_prompts(Features& features) {
  auto& prompts = features.prompts;
  prompts.push_back({.name = "test_simple_prompt", .description = "A prompt.", .get = [](Call&) {
                       return Json::array({message(text_content("A simple prompt."))});
                     }});
  prompts.push_back({.name = "test_prompt_with_arguments",
                     .description = "A prompt with arguments.",
                     .arguments = {{"arg1", "The first.", true}, {"arg2", "The second.", true}},
                     .get = [](Call& call) {
                       auto const& given = call.arguments();
                       return Json::array(
                           {message(text_content(text_of(given, "arg1") + " and " + text_of(given, "arg2")))});
                     }});
  prompts.push_back(
      {.name = "test_prompt_with_embedded_resource",
       .description = "A prompt with a resource.",
       .arguments = {{"resourceUri", "Which.", true}},
       .get = [](Call& call) { return Json::array({message(embedded(text_of(call.arguments(), "resourceUri")))}); }});
  prompts.push_back({.name = "test_prompt_with_image", .description = "A prompt with a picture.", .get = [](Call&) {
                       return Json::array({message(image())});
                     }});
}

}  // namespace

Features features(std::function<void(std::string const& kind)> list_changed) {
  Features result{.name = "fixtures", .version = "1.0.0", .lists_change = true, .resources_change = true};
  add_tools(result, list_changed);
  add_resources(result);
  add_prompts(result);
  add_input_fixtures(result);
  result.complete = [](Call& call) {
    auto const begun = text_of(member(call.params(), "argument"), "value");
    return std::vector<std::string>{begun + "-one", begun + "-two"};
  };
  return result;
}

}  // namespace lakebase::mcp::fixtures
