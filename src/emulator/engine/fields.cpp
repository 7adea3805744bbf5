#include "engine/fields.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "engine/errors.hpp"

namespace lakebase::emulator {
namespace {

ServiceError wrong_type(std::string const& path, std::string_view wanted) {
  return malformed(fmt::format("Could not parse request object: field '{}' must be {}.", path, wanted));
}

constexpr int deepest_nesting = 100;
constexpr std::size_t longest_identifier = 63;

// Sees the keys of each object while a document is parsed: a body that says two things means neither.
struct KeysOnce {
  std::optional<std::string> twice{};

  bool operator()(int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) open_.emplace_back();
    if (event == Json::parse_event_t::object_end) open_.pop_back();
    if (event == Json::parse_event_t::key && !open_.back().insert(value.get_ref<std::string const&>()).second &&
        !twice) {
      twice = value.get<std::string>();
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> open_{};
};

std::string element_path(std::string const& list, std::size_t index) {
  return fmt::format("{}[{}]", list, index);
}

std::string text_of(Json const& value, std::string const& path) {
  if (!value.is_string()) throw wrong_type(path, "a string");
  auto text = value.get<std::string>();
  if (text.find('\0') != std::string::npos) throw invalid(fmt::format("Field '{}' must not hold NUL.", path));
  return text;
}

}  // namespace

Fields::Fields(Json const& object, std::string path) : object_(&object), path_(std::move(path)) {
  if (!object.is_object()) throw wrong_type(path_, "an object");
}

Json const* Fields::find(std::string_view name) const {
  if (object_ == nullptr) return nullptr;
  auto const member = object_->find(std::string(name));
  return member == object_->end() || member->is_null() ? nullptr : &*member;
}

std::string Fields::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

std::optional<std::string> Fields::text(std::string_view name) const {
  auto const* const value = find(name);
  if (value == nullptr) return std::nullopt;
  std::string text = text_of(*value, path_of(name));
  if (text.empty()) return std::nullopt;
  return text;
}

std::string Fields::required_text(std::string_view name) const {
  auto const value = text(name);
  if (!value) throw required_field(path_of(name));
  return *value;
}

std::string Fields::choice(std::string_view name, std::vector<std::string_view> const& values) const {
  auto const value = text(name);
  if (!value) return {};
  if (std::find(values.begin(), values.end(), *value) != values.end()) return *value;
  throw invalid(fmt::format("Field '{}' must be one of {}, got '{}'.", path_of(name), fmt::join(values, ", "), *value));
}

std::string Fields::identifier(std::string_view name, std::string const& default_name) const {
  auto result = text(name).value_or(default_name);
  if (result.size() > longest_identifier) {
    throw invalid(fmt::format("Field '{}' must not be longer than {} bytes.", path_of(name), longest_identifier));
  }
  return result;
}

std::optional<bool> Fields::flag(std::string_view name) const {
  auto const* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) throw wrong_type(path_of(name), "true or false");
  return value->get<bool>();
}

std::optional<double> Fields::number(std::string_view name) const {
  auto const* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) throw wrong_type(path_of(name), "a number");
  return value->get<double>();
}

std::optional<std::int64_t> Fields::integer(std::string_view name) const {
  auto const* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
    throw wrong_type(path_of(name), "a 64-bit integer");
  }
  if (value->is_number_integer()) return value->get<std::int64_t>();
  if (value->is_string()) {
    auto const& text = value->get_ref<std::string const&>();
    std::int64_t parsed = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (error == std::errc{} && end == text.data() + text.size() && !text.empty()) return parsed;
  }
  throw wrong_type(path_of(name), "an integer");
}

std::optional<Duration> Fields::duration(std::string_view name) const {
  auto const* const value = find(name);
  if (value == nullptr) return std::nullopt;
  auto const parsed = parse_duration(text_of(*value, path_of(name)));
  if (!parsed) throw wrong_type(path_of(name), "a duration in seconds such as \"3600s\"");
  return parsed;
}

std::optional<TimePoint> Fields::time(std::string_view name) const {
  auto const* const value = find(name);
  if (value == nullptr) return std::nullopt;
  auto const parsed = parse_time(text_of(*value, path_of(name)));
  if (!parsed) throw wrong_type(path_of(name), "an RFC 3339 time such as \"2026-01-31T12:00:00Z\"");
  return parsed;
}

std::map<std::string, std::string> Fields::text_map(std::string_view name) const {
  std::map<std::string, std::string> texts;
  auto const* const value = find(name);
  if (value == nullptr) return texts;
  if (!value->is_object()) throw wrong_type(path_of(name), "an object");
  for (auto const& [key, member] : value->items()) texts[key] = text_of(member, path_of(name) + "." + key);
  return texts;
}

std::vector<std::string> Fields::text_list(std::string_view name) const {
  std::vector<std::string> texts;
  auto const* const value = find(name);
  if (value == nullptr) return texts;
  if (!value->is_array()) throw wrong_type(path_of(name), "a list");
  for (auto const& element : *value) texts.push_back(text_of(element, element_path(path_of(name), texts.size())));
  return texts;
}

std::vector<Fields> Fields::list(std::string_view name) const {
  std::vector<Fields> elements;
  auto const* const value = find(name);
  if (value == nullptr) return elements;
  if (!value->is_array()) throw wrong_type(path_of(name), "a list");
  for (auto const& element : *value) {
    if (!element.is_object()) throw wrong_type(element_path(path_of(name), elements.size()), "an object");
    elements.emplace_back(element, path_of(name));
  }
  return elements;
}

Fields Fields::message(std::string_view name) const {
  auto const* const value = find(name);
  if (value != nullptr) return Fields{*value, path_of(name)};
  Fields absent;
  absent.path_ = path_of(name);
  return absent;
}

bool is_nested_deeper(std::string_view json, int levels) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (in_text && json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      in_text = !in_text;
    } else if (!in_text && (json[i] == '[' || json[i] == '{')) {
      if (++depth > levels) return true;
    } else if (!in_text && (json[i] == ']' || json[i] == '}')) {
      --depth;
    }
  }
  return false;
}

Json parse_body(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return Json::object();
  if (is_nested_deeper(body, deepest_nesting))
    throw malformed("Could not parse request object: the body is nested too deeply.");
  KeysOnce keys;
  Json parsed = Json::parse(body, std::ref(keys), false);
  if (keys.twice) {
    throw malformed(
        fmt::format("Could not parse request object: a part of the body has the field '{}' twice.", *keys.twice));
  }
  if (parsed.is_discarded()) throw malformed("Could not parse request object: the body is not valid JSON.");
  if (!parsed.is_object()) throw malformed("Could not parse request object: the body must be a JSON object.");
  return parsed;
}

}  // namespace lakebase::emulator
