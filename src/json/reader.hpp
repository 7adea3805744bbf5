#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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

namespace lakebase {
inline namespace v0 {
namespace detail {

using JsonElement = simdjson::dom::element;

/// A whole document, validated. Must outlive the elements read from it.
class JsonDocument {
 public:
  /// @throws ParseError if the text is not a single JSON value
  explicit JsonDocument(std::string_view text);

  JsonElement root() const noexcept { return root_; }

 private:
  LentParser parser_;
  JsonElement root_;
};

/// @throws ParseError saying what was expected at `path`, and what is there
[[noreturn]] void throw_wrong_type(JsonElement json, JsonPath const& path, std::string_view wanted);

inline std::string_view read_text(JsonElement json, JsonPath const& path, std::string_view wanted = "a string") {
  std::string_view text;
  if (json.get(text) != simdjson::SUCCESS) throw_wrong_type(json, path, wanted);
  return text;
}

// Allocates just the length that is needed: assignment may take twice as much.
inline void read(JsonElement json, JsonPath const& path, std::string& out) {
  out = std::string{read_text(json, path)};
}
inline void read(JsonElement json, JsonPath const& path, std::optional<std::string>& out) {
  out.emplace(read_text(json, path));
}
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

/// Times and durations that are unset may come as an empty string.
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
    read(item, here, out.emplace_hint(out.end(), key, T{})->second);  // the service sends them sorted
  }
}

template <class Member>
void read_member(JsonElement json, JsonPath const& path, Member& out) {
  out = {};
  if (!json.is_null()) read(json, path, out);
}

/// As `==`, which compilers make a call of the standard library of; the length of a member's name is known to them.
inline bool is_same_name(std::string_view key, std::string_view name) {
  return key.size() == name.size() && std::memcmp(key.data(), name.data(), name.size()) == 0;
}

/// Walks the members of the object and those of the model side by side, since the service sends them in about the order
/// of `describe`; each one out of order or unknown costs another walk over the model's. If a name comes twice, the last
/// one counts, as in Python.
template <Described T>
void read(JsonElement json, JsonPath const& path, T& out) {
  auto const object = read_object(json, path);
  auto const end = object.end();
  for (auto field = object.begin(); field != end;) {
    auto key = field.key();
    bool is_known = false;
    T::describe([&](std::string_view name, auto member) {
      if (!is_same_name(key, name) || field == end) return;
      read_member(field.value(), JsonPath{&path, name}, out.*member);
      is_known = true;
      if (++field != end) key = field.key();
    });
    if (!is_known) ++field;
  }
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
