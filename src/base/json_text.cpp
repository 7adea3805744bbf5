#include "base/json_text.hpp"

#include <charconv>
#include <cmath>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// Checked before anything is parsed: millions of brackets would take seconds.
bool is_deeper_than(int deepest, std::string_view text) noexcept {
  int depth = 0;
  bool is_in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char const c = text[at];
    if (is_in_string) {
      if (c == '\\') ++at;
      if (c == '"') is_in_string = false;
    } else if (c == '"') {
      is_in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Json parse_json(std::string_view text) {
  constexpr int deepest = 100;
  if (is_deeper_than(deepest, text)) return Json(Json::value_t::discarded);
  return Json::parse(text, nullptr, false);
}

std::string text_of(Json const& object, char const* key) {
  if (!object.is_object()) return {};
  auto const member = object.find(key);
  if (member == object.end()) return {};
  if (member->is_string()) return member->get<std::string>();
  if (member->is_number() || member->is_boolean()) return member->dump();
  return {};
}

std::optional<double> number_of(Json const& object, char const* key) {
  auto const text = text_of(object, key);
  double value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::string dump(Json const& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
