#include "json/reader.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include <lakebase/error.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

std::string_view type_name(JsonElement json) {
  using simdjson::dom::element_type;
  switch (json.type()) {
    case element_type::ARRAY:
      return "a list";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "a boolean";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

std::string describe_failure(simdjson::error_code error, std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "the text is empty, JSON was expected";
  if (error == simdjson::DEPTH_ERROR) return "the JSON is nested deeper than 1,024 levels";
  if (error == simdjson::UTF8_ERROR) return "the JSON is not valid UTF-8";
  return fmt::format("the text is not JSON: {}", simdjson::error_message(error));
}

// 2^63 as a double; every smaller integral double fits.
constexpr double int64_end = 9223372036854775808.0;

}  // namespace

void throw_wrong_type(JsonPath const& path, std::string_view wanted, std::string_view found) {
  auto const where = path.text();
  throw ParseError{
      where, {.message = fmt::format("{}: {} was expected, {} was found", where.empty() ? "$" : where, wanted, found)}};
}

void throw_wrong_type(JsonElement json, JsonPath const& path, std::string_view wanted) {
  throw_wrong_type(path, wanted, type_name(json));
}

JsonDocument::JsonDocument(std::string_view text) : parser_(borrow_parser(text.size())) {
  auto const error = parser_->parse(text.data(), text.size()).get(root_);
  if (error != simdjson::SUCCESS) throw ParseError{"", {.message = describe_failure(error, text)}};
}

void read(JsonElement json, JsonPath const& path, bool& out) {
  if (json.get(out) != simdjson::SUCCESS) throw_wrong_type(json, path, "a boolean");
}

void read(JsonElement json, JsonPath const& path, std::int64_t& out) {
  static constexpr std::string_view wanted = "a 64-bit integer";
  if (json.get(out) == simdjson::SUCCESS) return;
  double number = 0;
  if (json.is<double>() && json.get(number) == simdjson::SUCCESS) {
    if (number != std::trunc(number) || number < -int64_end || number >= int64_end) {
      throw_wrong_type(path, wanted, fmt::format("{}", number));
    }
    out = static_cast<std::int64_t>(number);
    return;
  }
  auto const text = read_text(json, path, wanted);
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) throw_wrong_type(path, wanted, "other text");
}

void read(JsonElement json, JsonPath const& path, double& out) {
  if (json.get(out) != simdjson::SUCCESS) throw_wrong_type(json, path, "a number");
}

void read(JsonElement json, JsonPath const&, JsonText& out) {
  out.text = simdjson::minify(json);
}

void read(JsonElement json, JsonPath const& path, Duration& out) {
  auto const text = read_text(json, path, "a duration such as \"3.5s\"");
  try {
    out = Duration::parse(text);
  } catch (ParseError const&) {
    throw_wrong_type(path, "a duration such as \"3.5s\"", "other text");
  }
}

void read(JsonElement json, JsonPath const& path, Timestamp& out) {
  auto const text = read_text(json, path, "an RFC 3339 time");
  try {
    out = Timestamp::parse(text);
  } catch (ParseError const&) {
    throw_wrong_type(path, "an RFC 3339 time", "other text");
  }
}

void read(JsonElement json, JsonPath const& path, FieldMask& out) {
  out = FieldMask::parse(read_text(json, path));
}

simdjson::dom::object read_object(JsonElement json, JsonPath const& path) {
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS) throw_wrong_type(json, path, "an object");
  return object;
}

simdjson::dom::array read_array(JsonElement json, JsonPath const& path) {
  simdjson::dom::array array;
  if (json.get(array) != simdjson::SUCCESS) throw_wrong_type(json, path, "a list");
  return array;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
