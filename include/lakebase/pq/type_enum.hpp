#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <lakebase/enum.hpp>
#include <lakebase/pq/type_text.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {

/// PostgreSQL's type of an enum: what `enum_sql(E)` beside it returns, or text.
template <class E>
constexpr std::string_view sql_of_enum() {
  if constexpr (requires { enum_sql(E{}); }) {
    return enum_sql(E{});
  } else {
    return "text";
  }
}

}  // namespace detail

/// Enums by name, as the models of this SDK have them. Beside the enum, whose enumerators count from 0:
///
///     enum class Mood { sad, happy };
///     constexpr auto enum_names(Mood) { return std::array<std::string_view, 2>{"sad", "happy"}; }
///     constexpr std::string_view enum_sql(Mood) { return "mood"; }  // if the column is of a type of its own
///
/// Another name is an error; `Enum<Mood>`, for enums with an `unrecognized`, keeps it.
template <lakebase::detail::ApiEnum E>
struct TypeText<E> {
  /// In errors.
  static constexpr std::string_view name = "an enum";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = detail::sql_of_enum<E>();
  /// The enumerator of that name.
  static E read(std::string_view text) {
    for (std::size_t i = 0; i < lakebase::detail::enum_words<E>.size(); ++i) {
      if (lakebase::detail::enum_words<E>[i] == text) return static_cast<E>(i);
    }
    bad_text("it has no enumerator of that name");
  }
  /// The name, of types that are none of PostgreSQL's own.
  static std::optional<E> read_binary(unsigned oid, std::string_view bytes) {
    if (!detail::is_user_type(oid)) return std::nullopt;
    return read(bytes);
  }
  /// Its name. A value without one is refused.
  static void write(E value, std::string& text) {
    auto const index = static_cast<std::size_t>(value);
    if (index >= lakebase::detail::enum_words<E>.size()) bad_value("an enumerator that has no name");
    text += lakebase::detail::enum_words<E>[index];
  }
};

/// Enums by name; an unknown one is kept.
template <class E>
struct TypeText<Enum<E>> {
  /// In errors.
  static constexpr std::string_view name = "Enum";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = detail::sql_of_enum<E>();
  /// Any name.
  static Enum<E> read(std::string_view text) { return Enum<E>::from_wire(text); }
  /// The name, of types that are none of PostgreSQL's own.
  static std::optional<Enum<E>> read_binary(unsigned oid, std::string_view bytes) {
    if (!detail::is_user_type(oid)) return std::nullopt;
    return read(bytes);
  }
  /// Its name.
  static void write(Enum<E> const& value, std::string& text) { text += value.wire(); }
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
