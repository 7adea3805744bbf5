#include "http/json_text.hpp"

#include <charconv>
#include <cmath>

namespace lakebase::inline v0::detail {

Json parse_json(std::string_view text) {
  constexpr int deepest = 100;
  bool too_deep = false;
  auto json = Json::parse(
      text,
      [&](int depth, Json::parse_event_t, Json const&) {
        too_deep = too_deep || depth > deepest;
        return !too_deep;
      },
      false);
  return too_deep ? Json(Json::value_t::discarded) : json;
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

}  // namespace lakebase::inline v0::detail
