#include "json/writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <simdjson.h>

#include <lakebase/error.hpp>

#include "json/parser_cache.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

void escape_into(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
}

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> text{};
  auto const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

}  // namespace

void JsonWriter::write(std::string_view text) {
  if (!simdjson::validate_utf8(text)) {
    throw ParseError{path_,
                     {.message = "a string is not valid UTF-8", .hint = "Encode text as UTF-8 before sending it."}};
  }
  out_ += '"';
  for (auto rest = text; !rest.empty();) {
    auto const plain = static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), needs_escape) - rest.begin());
    out_.append(rest.substr(0, plain));
    if (plain == rest.size()) break;
    escape_into(out_, rest[plain]);
    rest.remove_prefix(plain + 1);
  }
  out_ += '"';
}

void JsonWriter::write(bool value) {
  out_ += value ? "true" : "false";
}

void JsonWriter::write(std::int64_t value) {
  append_number(out_, value);
}

void JsonWriter::write(double value) {
  if (!std::isfinite(value)) throw ParseError{path_, {.message = "JSON has no infinity and no NaN"}};
  append_number(out_, value);
  // "-0" alone would be read as an integer, which has no negative zero.
  if (value == 0 && std::signbit(value)) out_ += ".0";
}

void JsonWriter::write(JsonText const& json) {
  auto const parser = borrow_parser(json.text.size());
  if (auto const error = parser->parse(json.text).error(); error != simdjson::SUCCESS) {
    throw ParseError{path_, {.message = fmt::format("a JsonText is not JSON: {}", simdjson::error_message(error))}};
  }
  out_ += json.text;
}

bool JsonWriter::mask_names_path() const {
  return mask_ != nullptr && std::find(mask_->paths().begin(), mask_->paths().end(), path_) != mask_->paths().end();
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
