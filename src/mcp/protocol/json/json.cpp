#include "mcp/protocol/json/json.hpp"

namespace lakebase::mcp {
namespace {

// Looked at before it is parsed, so that what is refused costs no memory. Brackets in strings do not count.
bool is_too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest_json) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

Json read_json(std::string_view text) {
  if (is_too_deep(text)) return Json(Json::value_t::discarded);
  return Json::parse(text, nullptr, false);
}

std::string json_line(Json const& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json const& member(Json const& value, std::string_view name) {
  static Json const null;
  if (!value.is_object()) return null;
  auto const found = value.find(std::string{name});
  return found == value.end() ? null : *found;
}

std::string text_of(Json const& value, std::string_view name) {
  auto const& found = member(value, name);
  return found.is_string() ? found.get<std::string>() : std::string{};
}

}  // namespace lakebase::mcp
