#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <lakebase/pq/type_text.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// A range of PostgreSQL: `int4range`, `int8range`, `numrange`, `tsrange`, `tstzrange`, `daterange`. Of whole numbers
/// and dates, PostgreSQL returns every range in one form: with its lower bound and without its upper one.
template <class T>
struct Range {
  /// None: from ever.
  std::optional<T> lower{};
  /// None: for ever.
  std::optional<T> upper{};
  /// Whether `lower` is in it.
  bool lower_inclusive = true;
  /// Whether `upper` is in it.
  bool upper_inclusive = false;
  /// Nothing is in it. Its bounds mean nothing then.
  bool empty = false;

  friend bool operator==(Range const& left, Range const& right) {
    if (left.empty || right.empty) return left.empty == right.empty;
    return left.lower == right.lower && left.upper == right.upper &&
           (!left.lower || left.lower_inclusive == right.lower_inclusive) &&
           (!left.upper || left.upper_inclusive == right.upper_inclusive);
  }
};

namespace detail {

/// A range's text, taken apart.
struct RangeText {
  /// @throws BadText if the text is no range
  LAKEBASE_PQ_EXPORT explicit RangeText(std::string_view text);

  std::optional<std::string> lower{};
  std::optional<std::string> upper{};
  bool lower_inclusive = false;
  bool upper_inclusive = false;
  bool empty = false;
};

/// Puts quotes around the part of a range or a row that begins at `begin`, if it needs them.
LAKEBASE_PQ_EXPORT void quote_part(std::string& text, std::size_t begin);

/// The type of ranges of a type; empty if there is none.
constexpr std::string_view sql_of_range(std::string_view type) {
  if (type == "int2" || type == "int4") return "int4range";
  if (type == "int8") return "int8range";
  if (type == "numeric") return "numrange";
  if (type == "timestamp") return "tsrange";
  if (type == "timestamptz") return "tstzrange";
  if (type == "date") return "daterange";
  return {};
}

inline constexpr std::string_view range_begin = "Range<";
inline constexpr std::string_view range_end = ">";

}  // namespace detail

/// `[1,5)`, `(,5]`, `empty`.
template <class T>
requires(!detail::sql_of_range(TypeText<T>::sql).empty()) struct TypeText<Range<T>> {
  /// In errors.
  static constexpr std::string_view name =
      detail::Joined<detail::range_begin, TypeText<T>::name, detail::range_end>::text;
  /// PostgreSQL's type.
  static constexpr std::string_view sql = detail::sql_of_range(TypeText<T>::sql);
  /// In any form.
  static Range<T> read(std::string_view text) requires Readable<T> {
    detail::RangeText const parts{text};
    Range<T> range{
        .lower_inclusive = parts.lower_inclusive, .upper_inclusive = parts.upper_inclusive, .empty = parts.empty};
    if (parts.lower) range.lower = TypeText<T>::read(*parts.lower);
    if (parts.upper) range.upper = TypeText<T>::read(*parts.upper);
    return range;
  }
  /// With quotes as needed.
  static void write(Range<T> const& value, std::string& text) requires Writable<T> {
    if (value.empty) {
      text += "empty";
      return;
    }
    auto const write_bound = [&](std::optional<T> const& bound) {
      if (!bound) return;
      auto const begin = text.size();
      TypeText<T>::write(*bound, text);
      detail::quote_part(text, begin);
    };
    text += value.lower && value.lower_inclusive ? '[' : '(';
    write_bound(value.lower);
    text += ',';
    write_bound(value.upper);
    text += value.upper && value.upper_inclusive ? ']' : ')';
  }
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
