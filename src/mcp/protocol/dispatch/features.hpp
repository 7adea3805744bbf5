#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mcp/protocol/dispatch/call.hpp"
#include "mcp/protocol/json/schema.hpp"

namespace lakebase::mcp {

/// Content of a result.
[[nodiscard]] Json text_content(std::string const& text);

struct ToolResult {
  Json content = Json::array();
  /// For tools with an output schema.
  std::optional<Json> structured{};
  bool is_error = false;

  [[nodiscard]] static ToolResult text(std::string const& text) {
    return {.content = Json::array({text_content(text)})};
  }
  [[nodiscard]] static ToolResult error(std::string const& text) {
    return {.content = Json::array({text_content(text)}), .is_error = true};
  }
  /// The same as text too, for clients that do not read structures.
  [[nodiscard]] static ToolResult of(Json structured) {
    auto content = Json::array({text_content(json_line(structured))});
    return {.content = std::move(content), .structured = std::move(structured)};
  }
};

struct Tool {
  /// One to 64 of `A-Za-z0-9_.-`
  std::string name;
  std::string title{};
  std::string description;
  Json input_schema = {{"type", "object"}};
  std::optional<Json> output_schema{};
  /// `readOnlyHint` and its like.
  Json annotations = Json::object();
  /// An exception other than those of the protocol is a result with `isError`.
  std::function<ToolResult(Call&)> run;
};

/// A tool whose arguments are an `Arguments`, which describes them. Those that are `fixed` are not the caller's.
template <class Arguments, class Run>
[[nodiscard]] Tool typed_tool(std::string name, std::string description, Run run, Json fixed = Json::object()) {
  Json schema = schema_of<Arguments>();
  for (auto const& [argument, value] : fixed.items()) {
    schema["properties"].erase(argument);
    std::erase(schema["required"].get_ref<Json::array_t&>(), Json(argument));
  }
  return {.name = std::move(name),
          .description = std::move(description),
          .input_schema = std::move(schema),
          .run = [run = std::move(run), fixed = std::move(fixed)](Call& call) {
            if (fixed.empty()) return run(call, read_arguments<Arguments>(call.arguments()));
            auto arguments = call.arguments();
            arguments.update(fixed);
            return run(call, read_arguments<Arguments>(arguments));
          }};
}

struct Resource {
  std::string uri;
  std::string name;
  std::string description{};
  std::string mime_type{};
  /// The list `contents`; none if it is not there.
  std::function<std::optional<Json>(Call&, std::string const& uri)> read;
};

struct ResourceTemplate {
  /// With `{name}` for what is between two slashes.
  std::string uri_template;
  std::string name;
  std::string description{};
  std::string mime_type{};
  std::function<std::optional<Json>(Call&, std::string const& uri)> read;
};

/// Whether a URI has the form of a template.
[[nodiscard]] bool matches_template(std::string_view uri_template, std::string_view uri);

struct PromptArgument {
  std::string name;
  std::string description{};
  bool required = false;
};

struct Prompt {
  std::string name;
  std::string title{};
  std::string description;
  std::vector<PromptArgument> arguments{};
  /// The list `messages`.
  std::function<Json(Call&)> get;
};

/// All that a server offers.
struct Features {
  std::string name;
  std::string version;
  std::string instructions{};
  std::vector<Tool> tools{};
  std::vector<Resource> resources{};
  std::vector<ResourceTemplate> resource_templates{};
  std::vector<Prompt> prompts{};
  /// Values for an argument of a prompt or a template (`ref`, `argument`, `context` of the request).
  std::function<std::vector<std::string>(Call&)> complete{};
  /// Whether its lists may change, and whether clients may be told of changed resources.
  bool lists_change = false;
  bool resources_change = false;
  /// How long clients may keep lists and resources.
  std::chrono::milliseconds cache_time{0};
};

}  // namespace lakebase::mcp
