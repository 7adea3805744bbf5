#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <lakebase/described.hpp>
#include <lakebase/export.hpp>
#include <lakebase/json.hpp>
#include <lakebase/time.hpp>

namespace lakebase {
inline namespace v0 {
namespace data_api {

namespace detail {

using lakebase::detail::Described;

/// The texts of the values of an array, and of the members of an object. Views into `json`.
/// @throws ParseError if it is none
LAKEBASE_EXPORT std::vector<std::string_view> elements_of(std::string_view json);
LAKEBASE_EXPORT std::vector<std::pair<std::string, std::string_view>> members_of(std::string_view json);
/// The text of a scalar: that of a string without quotes, and any other as it is written.
LAKEBASE_EXPORT std::string scalar_text(std::string_view json);
LAKEBASE_EXPORT double read_double(std::string_view json, std::string_view name);
[[noreturn]] LAKEBASE_EXPORT void throw_wrong_value(std::string_view json, std::string_view name,
                                                    std::string_view wanted);

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// Reads a value by the type of the member that it is for. Numbers never pass through a double, unless they become one.
template <class T>
void read_value(std::string_view json, std::string_view name, T& out) {
  if constexpr (is_optional<T>) {
    if (json == "null") {
      out.reset();
    } else {
      read_value(json, name, out.emplace());
    }
  } else if constexpr (std::same_as<T, JsonText>) {
    out.text = std::string{json};
  } else if constexpr (std::same_as<T, std::string>) {
    if (json == "null") throw_wrong_value(json, name, "text");
    out = scalar_text(json);  // a numeric comes as a number, with all its digits
  } else if constexpr (std::same_as<T, bool>) {
    if (json != "true" && json != "false") throw_wrong_value(json, name, "a boolean");
    out = json == "true";
  } else if constexpr (std::integral<T>) {
    auto const [end, error] = std::from_chars(json.data(), json.data() + json.size(), out);
    if (error != std::errc{} || end != json.data() + json.size()) {
      throw_wrong_value(json, name, "an integer of this size");
    }
  } else if constexpr (std::floating_point<T>) {
    out = static_cast<T>(read_double(json, name));
  } else if constexpr (std::same_as<T, Timestamp>) {
    out = Timestamp::parse(scalar_text(json));
  } else if constexpr (is_list<T>) {
    out.clear();
    for (auto const element : elements_of(json)) {
      typename T::value_type item{};
      read_value(element, name, item);
      out.push_back(std::move(item));
    }
  } else {
    static_assert(Described<T>,
                  "members are bool, numbers, std::string, Timestamp, JsonText, std::vector, std::optional, "
                  "or a struct with describe");
    auto const members = members_of(json);
    T::describe([&](std::string_view wanted, auto member) {
      for (auto const& [key, value] : members) {
        if (key == wanted) return read_value(value, wanted, out.*member);
      }
    });
  }
}

template <class T>
void write_value(std::string& json, T const& value) {
  if constexpr (is_optional<T>) {
    if (value) {
      write_value(json, *value);
    } else {
      json += "null";
    }
  } else if constexpr (std::same_as<T, JsonText>) {
    json += value.text.empty() ? std::string_view{"null"} : std::string_view{value.text};
  } else if constexpr (std::convertible_to<T, std::string_view>) {
    json += lakebase::detail::encode_string(value);
  } else if constexpr (std::same_as<T, bool>) {
    json += value ? "true" : "false";
  } else if constexpr (std::integral<T>) {
    json += std::to_string(value);
  } else if constexpr (std::floating_point<T>) {
    char digits[32];
    auto const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    // JSON has no NaN; PostgreSQL reads it from text.
    bool const is_number = value - value == 0;
    if (!is_number) json += '"';
    json.append(digits, end);
    if (!is_number) json += '"';
  } else if constexpr (std::same_as<T, Timestamp>) {
    json += lakebase::detail::encode_string(value.to_string());
  } else if constexpr (is_list<T>) {
    char separator = '[';
    for (auto const& item : value) {
      json += separator;
      write_value(json, item);
      separator = ',';
    }
    json += value.empty() ? "[]" : "]";
  } else {
    static_assert(Described<T>,
                  "members are bool, numbers, std::string, Timestamp, JsonText, std::vector, std::optional, "
                  "or a struct with describe");
    char separator = '{';
    T::describe([&](std::string_view name, auto member) {
      auto const& item = value.*member;
      if constexpr (is_optional<std::remove_cvref_t<decltype(item)>>) {
        if (!item) return;  // the column's default
      }
      json += separator;
      json += lakebase::detail::encode_string(name);
      json += ':';
      write_value(json, item);
      separator = ',';
    });
    json += separator == '{' ? "{}" : "}";
  }
}

}  // namespace detail

/// The rows of a response, in JSON as they came.
///
/// Thread safety: a plain value.
/// Exceptions: what a function names, and std::bad_alloc.
/// Lifetime: owns its text.
struct Rows {
  /// An array, unless a function has returned something else. `[]` if the request asked for no rows.
  JsonText json{};
  /// Number of rows that meet the conditions, whatever limit and offset are; unset if it was not asked for.
  std::optional<std::int64_t> total{};

  /// Each row as its text. @throws ParseError if the response is not an array
  [[nodiscard]] std::vector<JsonText> texts() const {
    std::vector<JsonText> rows;
    for (auto const row : detail::elements_of(json.text)) rows.push_back({std::string{row}});
    return rows;
  }
  /// Each row as a struct with `describe`, or as a scalar. Columns that it does not name are passed over.
  /// @throws ParseError for a value of another type; it names the member
  template <class T>
  [[nodiscard]] std::vector<T> as() const {
    std::vector<T> rows;
    detail::read_value(json.text, {}, rows);
    return rows;
  }
};

}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
