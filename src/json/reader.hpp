#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include <lakebase/described.hpp>
#include <lakebase/enum.hpp>
#include <lakebase/field_mask.hpp>
#include <lakebase/json.hpp>
#include <lakebase/time.hpp>

#include "json/parser_cache.hpp"
#include "json/path.hpp"
#include "json/shape.hpp"

namespace lakebase::inline v0::detail {

using JsonElement = simdjson::dom::element;

/// A whole document, validated. Must outlive the elements read from it.
class JsonDocument {
 public:
  /// @throws ParseError where the text is not one JSON value
  explicit JsonDocument(std::string_view text);

  JsonElement root() const noexcept { return root_; }

 private:
  LentParser parser_;
  JsonElement root_;
};

std::string_view read_text(JsonElement json, JsonPath const& path, std::string_view wanted = "a string");

void read(JsonElement json, JsonPath const& path, std::string& out);
void read(JsonElement json, JsonPath const& path, bool& out);
void read(JsonElement json, JsonPath const& path, std::int64_t& out);
void read(JsonElement json, JsonPath const& path, double& out);
void read(JsonElement json, JsonPath const& path, JsonText& out);
void read(JsonElement json, JsonPath const& path, Duration& out);
void read(JsonElement json, JsonPath const& path, Timestamp& out);
void read(JsonElement json, JsonPath const& path, FieldMask& out);
simdjson::dom::object read_object(JsonElement json, JsonPath const& path);
simdjson::dom::array read_array(JsonElement json, JsonPath const& path);

template <class E>
void read(JsonElement json, JsonPath const& path, Enum<E>& out) {
  out = Enum<E>::from_wire(read_text(json, path));
}

template <Described T>
void read(JsonElement json, JsonPath const& path, T& out);

/// Times and durations may come as an empty string where they are unset.
template <class T>
bool means_unset(JsonElement json) {
  if constexpr (std::is_same_v<T, Duration> || std::is_same_v<T, Timestamp>) {
    std::string_view text;
    return json.get(text) == simdjson::SUCCESS && text.empty();
  } else {
    return false;
  }
}

template <class T>
void read(JsonElement json, JsonPath const& path, std::optional<T>& out) {
  if (means_unset<T>(json)) {
    out.reset();
  } else {
    read(json, path, out.emplace());
  }
}

template <class T>
void read(JsonElement json, JsonPath const& path, std::vector<T>& out) {
  auto const array = read_array(json, path);
  out.clear();
  out.reserve(array.size());
  for (auto const item : array) {
    JsonPath const here{&path, {}, out.size()};
    read(item, here, out.emplace_back());
  }
}

template <class T>
void read(JsonElement json, JsonPath const& path, std::map<std::string, T>& out) {
  out.clear();
  for (auto const [key, item] : read_object(json, path)) {
    JsonPath const here{&path, key};
    read(item, here, out[std::string{key}]);
  }
}

/// Index of the member of that name; the number of members where there is none. The search begins at `expected`, since
/// the service sends members in about the order of `describe`.
template <Described T>
std::size_t find_member(std::string_view key, std::size_t expected) {
  constexpr auto& names = member_names<T>;
  for (std::size_t i = expected; i < names.size(); ++i) {
    if (names[i] == key) return i;
  }
  for (std::size_t i = 0; i < expected; ++i) {
    if (names[i] == key) return i;
  }
  return names.size();
}

/// Reads into the member of that index. Of a name that comes twice the last counts, as in Python.
template <Described T>
void read_member(std::size_t index, JsonElement json, JsonPath const& path, T& out) {
  std::size_t next = 0;
  T::describe([&](std::string_view, auto member) {
    if (next++ != index) return;
    auto& field = out.*member;
    field = {};
    if (!json.is_null()) read(json, path, field);
  });
}

template <Described T>
void read(JsonElement json, JsonPath const& path, T& out) {
  std::size_t expected = 0;
  for (auto const [key, value] : read_object(json, path)) {
    auto const index = find_member<T>(key, expected);
    if (index == member_names<T>.size()) continue;
    read_member(index, value, JsonPath{&path, key}, out);
    expected = index + 1;
  }
}

}  // namespace lakebase::inline v0::detail
