#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <type_traits>

#include <lakebase/described.hpp>
#include <lakebase/enum.hpp>
#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {

class Duration;
class FieldMask;
class Timestamp;

/// Free-form JSON that the API carries without a type, as its text: `{"a": 1}`.
struct JsonText {
  /// Valid JSON; empty: none. What is not JSON is refused when it is sent.
  std::string text{};

  friend bool operator==(JsonText const&, JsonText const&) = default;
};

namespace detail {

template <class T>
inline constexpr bool is_enum = false;
template <class E>
inline constexpr bool is_enum<Enum<E>> = true;

/// What `to_json` and `from_json` take: a model, or a `Duration`, `Timestamp`, `FieldMask`, `Enum` or `JsonText`.
template <class T>
concept HasJson = Described<T> || is_enum<T> || std::is_same_v<T, Duration> || std::is_same_v<T, Timestamp> ||
    std::is_same_v<T, FieldMask> || std::is_same_v<T, JsonText>;

// Instantiated in the library for every model, and for Duration, Timestamp, FieldMask and JsonText.
template <class T>
std::string encode(T const& value);
template <class T>
T decode(std::string_view text);

LAKEBASE_EXPORT std::string encode_string(std::string_view text);
LAKEBASE_EXPORT std::string decode_string(std::string_view json);

}  // namespace detail

/// The JSON text of a model, or of a `Duration`, `Timestamp`, `FieldMask` or `Enum`. Members that are unset are not
/// written; an unknown value of an enum is written as it was read.
/// @throws ParseError if a string is not UTF-8, a number is not finite, or a `JsonText` is not JSON
template <detail::HasJson T>
[[nodiscard]] std::string to_json(T const& value) {
  if constexpr (detail::is_enum<T>) {
    return detail::encode_string(value.wire());
  } else {
    return detail::encode(value);
  }
}

/// Reads a model, or a `Duration`, `Timestamp`, `FieldMask` or `Enum`, from JSON text. Absent, null and unknown members
/// are accepted; a 64-bit integer may be in quotes.
/// @throws ParseError for text that is not JSON, and for a member of another type; it carries the JSON path
template <detail::HasJson T>
[[nodiscard]] T from_json(std::string_view text) {
  if constexpr (detail::is_enum<T>) {
    return T::from_wire(detail::decode_string(text));
  } else {
    return detail::decode<T>(text);
  }
}

}  // namespace v0
}  // namespace lakebase
