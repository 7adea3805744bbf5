#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string_view>

#include <lakebase/error.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/type_text.hpp>

struct pg_result;

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {
struct ClearResult {
  LAKEBASE_PQ_EXPORT void operator()(pg_result* result) const noexcept;
};
using ResultPointer = std::unique_ptr<pg_result, ClearResult>;

/// The place of a value, for errors.
struct ValuePlace {
  pg_result const* result = nullptr;
  int column = 0;
  int row = 0;  // of all rows of the statement
};
/// The error for a text that was refused for a reason, with its place.
[[noreturn]] LAKEBASE_PQ_EXPORT void throw_bad_value(ValuePlace const& place, std::string_view text,
                                                     std::string_view wanted, ParseError const& reason);
[[noreturn]] LAKEBASE_PQ_EXPORT void throw_null_value(ValuePlace const& place, std::string_view wanted);
LAKEBASE_PQ_EXPORT unsigned type_at(ValuePlace const& place) noexcept;
}  // namespace detail

/// One value of a row, as the server sent it: as text, or in binary if StatementOptions::binary_results was set.
///
/// Thread safety: safe to read from several threads; it only reads its Result.
/// Exceptions: `as` throws ParseError; the rest throws nothing.
/// Lifetime: refers to its Result, which has to exist as long.
class Field {
 public:
  /// Made by a row.
  Field(std::string_view text, bool null, detail::ValuePlace place = {}, bool binary = false) noexcept
      : text_(text), place_(place), null_(null), binary_(binary) {}

  /// Whether the value is NULL.
  [[nodiscard]] bool is_null() const noexcept { return null_; }
  /// Whether it came in binary.
  [[nodiscard]] bool is_binary() const noexcept { return binary_; }
  /// As PostgreSQL writes it; empty for NULL. Of a value that came in binary these are its bytes: use
  /// `as<std::string>()`.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  /// PostgreSQL's number of the value's type, e.g. 23 for `int4`; 0 if it is not known.
  [[nodiscard]] unsigned oid() const noexcept { return detail::type_at(place_); }

  /// As any type that has a TypeText, or as `std::optional` of one. Not as `char`, which could be a letter or a number:
  /// read PostgreSQL's type `"char"` as text, and small numbers as `std::int8_t`.
  /// @throws ParseError with column, row and types if the text is not one, does not fit, or is NULL and T cannot hold
  ///         that
  template <class T>
  [[nodiscard]] T as() const {
    using Value = detail::Bare<T>;
    static_assert(!std::same_as<Value, char>, "a char is a letter or a number: read std::string, or std::int8_t");
    static_assert(!detail::Variant<Value>,
                  "which of its types a std::variant holds is not guessed: read one of them, or specialise "
                  "lakebase::pq::TypeText for the variant");
    static_assert(Readable<Value> || std::same_as<Value, char> || detail::Variant<Value>,
                  "a value is read as bool, a number, std::string, std::string_view, or std::optional of one of these; "
                  "with <lakebase/pq/types.hpp> also as a time, std::vector, bytes, Uuid, Numeric, JsonText, Range, "
                  "std::tuple, or an enum with enum_names; specialise lakebase::pq::TypeText for other types; a whole "
                  "row is read as a struct whose "
                  "`describe` lists its members and their columns");
    if constexpr (Readable<Value>) {
      if (null_) {
        if constexpr (detail::takes_null<T>) {
          return std::nullopt;
        } else {
          detail::throw_null_value(place_, TypeText<Value>::name);
        }
      }
      return read<Value>();
    } else {
      detail::throw_null_value(place_, {});  // not reached: one of the assertions above has failed
    }
  }

 private:
  template <class T>
  T read() const {
    try {
      return binary_ ? detail::read_binary<T>(oid(), text_) : TypeText<T>::read(text_);
    } catch (ParseError const& error) {
      detail::throw_bad_value(place_, text_, TypeText<T>::name, error);
    }
  }

  std::string_view text_;
  detail::ValuePlace place_;
  bool null_;
  bool binary_;
};

namespace detail {
/// A value of a result; the column exists.
LAKEBASE_PQ_EXPORT Field field_at(pg_result const* result, int row, int column, int number, bool binary) noexcept;
/// Whether the values of a result are in binary.
LAKEBASE_PQ_EXPORT bool is_in_binary(pg_result const* result) noexcept;
}  // namespace detail

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
