#include "mcp/protocol/era/modern.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/text/base64.hpp"
#include "mcp/protocol/message/protocol_error.hpp"

namespace lakebase::mcp {
namespace {

constexpr std::string_view prefix = "io.modelcontextprotocol/";

[[noreturn]] void mismatch(std::string_view header, std::string_view why) {
  throw ProtocolError(Code::header_mismatch, fmt::format("The header {} {}.", header, why));
}

// `=?base64?…?=` is text that a header could not hold; anything else is meant literally.
std::string header_text(std::string_view header, std::string_view value) {
  constexpr std::string_view begin = "=?base64?", end = "?=";
  if (!value.starts_with(begin) || !value.ends_with(end) || value.size() < begin.size() + end.size()) {
    return std::string{value};
  }
  value.remove_prefix(begin.size());
  value.remove_suffix(end.size());
  auto decoded = detail::decode_base64(value);
  // The decoder takes forms that the protocol does not.
  if (!decoded || detail::base64(*decoded) != value) mismatch(header, "is not base64");
  return *std::move(decoded);
}

std::optional<std::string> value_of(Headers const& headers, std::string const& name) {
  auto const value = headers(name);
  if (!value) return std::nullopt;
  return std::string{detail::trim(*value)};
}

void expect(Headers const& headers, std::string const& name, std::string const& wanted, bool encoded) {
  auto const value = value_of(headers, name);
  if (!value) mismatch(name, "is missing");
  if ((encoded ? header_text(name, *value) : *value) != wanted) mismatch(name, "differs from the body");
}

std::optional<double> number_in(std::string const& text) {
  double number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void check_parameter(Headers const& headers, std::string const& name, Json const& value) {
  auto const header = value_of(headers, name);
  if (value.is_null()) return;
  if (!header) mismatch(name, "is missing");
  auto const text = header_text(name, *header);
  bool equal = false;
  if (value.is_string()) {
    equal = text == value.get<std::string>();
  } else if (value.is_boolean()) {
    equal = text == (value.get<bool>() ? "true" : "false");
  } else if (value.is_number()) {
    equal = number_in(text) == value.get<double>();
  }
  if (!equal) mismatch(name, "differs from the body");
}

void check_parameters(Headers const& headers, Json const& schema, Json const& arguments) {
  auto const& properties = member(schema, "properties");
  if (!properties.is_object()) return;
  for (auto const& [name, property] : properties.items()) {
    auto const& value = member(arguments, name);
    auto const header = text_of(property, "x-mcp-header");
    if (!header.empty()) check_parameter(headers, "Mcp-Param-" + header, value);
    check_parameters(headers, property, value);
  }
}

}  // namespace

Client read_modern_client(Json const& message, Headers const& headers) {
  auto const& meta = member(member(message, "params"), "_meta");
  auto const of = [&](std::string_view name) -> Json const& {
    return member(meta, std::string{prefix} + std::string{name});
  };
  Client client;
  client.version = text_of(meta, version_key);
  if (client.version.empty()) {
    throw ProtocolError(Code::invalid_params, fmt::format("\"_meta\" needs \"{}\".", version_key));
  }
  if (!of("clientCapabilities").is_object()) {
    throw ProtocolError(Code::invalid_params, fmt::format("\"_meta\" needs \"{}clientCapabilities\".", prefix));
  }
  client.capabilities = of("clientCapabilities");
  if (headers) expect(headers, "MCP-Protocol-Version", client.version, false);
  if (std::find(modern_versions.begin(), modern_versions.end(), client.version) == modern_versions.end()) {
    throw ProtocolError(Code::unsupported_version, "This version of the protocol is not spoken here.",
                        {{"supported", modern_versions}, {"requested", client.version}});
  }
  if (auto const& level = of("logLevel"); !level.is_null()) client.log_level = log_level_of(level);
  return client;
}

void check_modern_headers(Json const& message, Headers const& headers, Json const& input_schema) {
  auto const method = text_of(message, "method");
  auto const& params = member(message, "params");
  expect(headers, "Mcp-Method", method, false);
  bool const by_name = method == "tools/call" || method == "prompts/get";
  if (by_name || method == "resources/read") {
    expect(headers, "Mcp-Name", text_of(params, by_name ? "name" : "uri"), true);
  }
  check_parameters(headers, input_schema, member(params, "arguments"));
}

void complete_modern_result(Json& result, Json const& server_info) {
  if (!result.contains("resultType")) result["resultType"] = "complete";
  result["_meta"][std::string{prefix} + "serverInfo"] = server_info;
}

}  // namespace lakebase::mcp
