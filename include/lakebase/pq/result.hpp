#pragma once

#include <charconv>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <lakebase/error.hpp>
#include <lakebase/pq/export.hpp>

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
[[noreturn]] LAKEBASE_PQ_EXPORT void throw_bad_value(ValuePlace const& place, std::string_view text,
                                                     std::string_view wanted);
[[noreturn]] LAKEBASE_PQ_EXPORT void throw_null_value(ValuePlace const& place, std::string_view wanted);

/// What errors call a type that values can be read as; empty for others.
template <class T>
inline constexpr std::string_view type_name{};
template <>
inline constexpr std::string_view type_name<bool> = "bool";
template <>
inline constexpr std::string_view type_name<signed char> = "signed char";
template <>
inline constexpr std::string_view type_name<unsigned char> = "unsigned char";
template <>
inline constexpr std::string_view type_name<short> = "short";
template <>
inline constexpr std::string_view type_name<unsigned short> = "unsigned short";
template <>
inline constexpr std::string_view type_name<int> = "int";
template <>
inline constexpr std::string_view type_name<unsigned> = "unsigned";
template <>
inline constexpr std::string_view type_name<long> = "long";
template <>
inline constexpr std::string_view type_name<unsigned long> = "unsigned long";
template <>
inline constexpr std::string_view type_name<long long> = "long long";
template <>
inline constexpr std::string_view type_name<unsigned long long> = "unsigned long long";
template <>
inline constexpr std::string_view type_name<float> = "float";
template <>
inline constexpr std::string_view type_name<double> = "double";
template <>
inline constexpr std::string_view type_name<long double> = "long double";
template <>
inline constexpr std::string_view type_name<std::string> = "std::string";
template <>
inline constexpr std::string_view type_name<std::string_view> = "std::string_view";

/// What a T without regard to NULL is read as.
template <class T>
struct WithoutOptional : std::type_identity<T> {};
template <class T>
struct WithoutOptional<std::optional<T>> : std::type_identity<T> {};

template <class T>
inline constexpr bool takes_null = !std::same_as<typename WithoutOptional<T>::type, T>;
template <class T>
concept Readable = !type_name<typename WithoutOptional<T>::type>.empty();
template <class T>
concept RefersToResult = std::same_as<typename WithoutOptional<T>::type, std::string_view>;
}  // namespace detail

/// One value of a row, as text.
///
/// Thread safety: safe to read from several threads; it only reads its Result.
/// Exceptions: `as` throws ParseError; the rest throws nothing.
/// Lifetime: refers to its Result, which has to exist as long.
class Field {
 public:
  /// Made by a row.
  Field(std::string_view text, bool null, detail::ValuePlace place = {}) noexcept
      : text_(text), place_(place), null_(null) {}

  /// Whether the value is NULL.
  [[nodiscard]] bool is_null() const noexcept { return null_; }
  /// As PostgreSQL writes it; empty for NULL.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

  /// As a number, `bool`, `std::string`, `std::string_view`, or `std::optional` of one of these. Not as `char`, which
  /// could be a letter or a number: read PostgreSQL's type `"char"` as text, and small numbers as `std::int8_t`.
  /// @throws ParseError with column, row and types if the text is not one, does not fit, or is NULL and T cannot hold
  ///         that
  template <class T>
  [[nodiscard]] T as() const {
    static_assert(!std::same_as<typename detail::WithoutOptional<T>::type, char>,
                  "a char is a letter or a number: read std::string, or std::int8_t");
    static_assert(detail::Readable<T> || std::same_as<typename detail::WithoutOptional<T>::type, char>,
                  "a value is read as bool, a number, std::string, std::string_view, or std::optional of one of these");
    if constexpr (!detail::Readable<T>) {
      detail::throw_bad_value(place_, text_, {});  // not reached: one of the assertions above has failed
    } else if constexpr (detail::takes_null<T>) {
      if (null_) return std::nullopt;
      return as<typename T::value_type>();
    } else {
      if (null_) detail::throw_null_value(place_, detail::type_name<T>);
      return convert<T>();
    }
  }

 private:
  template <class T>
  T convert() const {
    if constexpr (std::same_as<T, bool>) {
      if (text_ == "t" || text_ == "true") return true;
      if (text_ == "f" || text_ == "false") return false;
      detail::throw_bad_value(place_, text_, detail::type_name<T>);
    } else if constexpr (std::integral<T> || std::floating_point<T>) {
      T value{};
      auto const [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
      if (error != std::errc{} || end != text_.data() + text_.size()) {
        detail::throw_bad_value(place_, text_, detail::type_name<T>);
      }
      return value;
    } else {
      return T{text_};
    }
  }

  std::string_view text_;
  detail::ValuePlace place_;
  bool null_;
};

/// One row.
///
/// Thread safety: safe to read from several threads; it only reads its Result.
/// Exceptions: what each function names.
/// Lifetime: refers to its Result, which has to exist as long; a row of a stream is valid until the next one.
class LAKEBASE_PQ_EXPORT Row {
 public:
  /// Made by a result.
  Row(pg_result const* result, int row) noexcept : Row(result, row, row) {}
  /// Made by a stream, whose results hold one row each: `number` is the row's among all of them.
  Row(pg_result const* result, int row, int number) noexcept : result_(result), row_(row), number_(number) {}

  /// Number of columns.
  [[nodiscard]] int size() const noexcept;
  /// Column by position, from 0. @throws InvalidArgument if there is none
  [[nodiscard]] Field operator[](int column) const;
  /// Column by name. @throws InvalidArgument if there is none
  [[nodiscard]] Field operator[](std::string_view column) const;
  /// The field of a column, by name.
  [[nodiscard]] Field operator[](char const* column) const { return (*this)[std::string_view{column}]; }

 private:
  pg_result const* result_;
  int row_;
  int number_;
};

/// What a statement returned: rows, or a count of rows changed. Can be moved, not copied; needs no connection.
///
/// Thread safety: safe to read from several threads at once.
/// Exceptions: what each function names.
/// Lifetime: rows, fields and texts refer to it, so a temporary gives none: `auto row = c.exec("…")[0]` does not
/// compile. Keep the result in a variable, or take a value out of it by `value`. `for (Row row : c.exec("…"))` is
/// right. It may outlive its connection.
class LAKEBASE_PQ_EXPORT Result {
 public:
  /// No rows.
  Result() noexcept = default;
  /// Made by the calls that return results.
  explicit Result(detail::ResultPointer result) noexcept : result_(std::move(result)) {}

  /// Number of rows.
  [[nodiscard]] int size() const noexcept;
  /// Whether there is no row.
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  /// Number of columns.
  [[nodiscard]] int columns() const noexcept;
  /// Name of a column, from 0; empty if there is none.
  [[nodiscard]] std::string_view column_name(int column) const& noexcept;
  /// The same, as a text of its own.
  [[nodiscard]] std::string column_name(int column) const&& { return std::string{column_name(column)}; }
  /// @throws InvalidArgument if there is no such row
  [[nodiscard]] Row operator[](int row) const&;
  Row operator[](int row) const&& = delete;  // keep the Result in a variable: a row refers to it
  /// The only value of the only row, `exec("SELECT count(*) FROM t").value<int>()`.
  /// @throws InvalidArgument if there are no rows, several, or several columns
  template <class T>
  [[nodiscard]] T value() const& {
    return only_field().as<T>();
  }
  /// The same of a temporary, which can give no std::string_view.
  template <class T>
  [[nodiscard]] T value() const&& {
    static_assert(!detail::RefersToResult<T>,
                  "keep the Result in a variable, a std::string_view refers to it; or take std::string");
    return only_field().as<T>();
  }
  /// How many rows were inserted, changed, deleted or read; 0 for other statements.
  [[nodiscard]] std::uint64_t affected_rows() const noexcept;
  /// What the server calls the statement, e.g. `INSERT 0 1`.
  [[nodiscard]] std::string_view command() const& noexcept;
  /// The same, as a text of its own.
  [[nodiscard]] std::string command() const&& { return std::string{command()}; }
  /// libpq's own; null if this is empty.
  [[nodiscard]] pg_result const* native() const& noexcept { return result_.get(); }
  pg_result const* native() const&& = delete;  // keep the Result in a variable: it owns what libpq gave

  class iterator;
  /// The first row.
  [[nodiscard]] iterator begin() const& noexcept;
  iterator begin() const&& = delete;  // keep the Result in a variable: an iterator refers to it
  /// After the last row.
  [[nodiscard]] iterator end() const& noexcept;
  iterator end() const&& = delete;  // keep the Result in a variable: an iterator refers to it

 private:
  Field only_field() const;

  detail::ResultPointer result_{};
};

/// Iterator over the rows: random access for the algorithms of `std::ranges`, an input iterator for older ones, as rows
/// are made on demand.
class Result::iterator {
 public:
  using value_type = Row;
  using reference = Row;
  using pointer = void;
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::random_access_iterator_tag;
  using iterator_category = std::input_iterator_tag;

  iterator() = default;
  /// Made by a result.
  iterator(pg_result const* result, int row) noexcept : result_(result), row_(row) {}

  Row operator*() const noexcept { return Row{result_, row_}; }
  Row operator[](difference_type distance) const noexcept { return *(*this + distance); }
  iterator& operator+=(difference_type distance) noexcept {
    row_ += static_cast<int>(distance);
    return *this;
  }
  iterator& operator-=(difference_type distance) noexcept { return *this += -distance; }
  iterator& operator++() noexcept { return *this += 1; }
  iterator& operator--() noexcept { return *this += -1; }
  iterator operator++(int) noexcept { return std::exchange(*this, *this + 1); }
  iterator operator--(int) noexcept { return std::exchange(*this, *this - 1); }
  friend iterator operator+(iterator it, difference_type distance) noexcept { return it += distance; }
  friend iterator operator+(difference_type distance, iterator it) noexcept { return it += distance; }
  friend iterator operator-(iterator it, difference_type distance) noexcept { return it -= distance; }
  friend difference_type operator-(iterator const& left, iterator const& right) noexcept {
    return difference_type{left.row_} - right.row_;
  }
  friend bool operator==(iterator const& left, iterator const& right) noexcept { return left.row_ == right.row_; }
  friend auto operator<=>(iterator const& left, iterator const& right) noexcept { return left.row_ <=> right.row_; }

 private:
  pg_result const* result_ = nullptr;
  int row_ = 0;
};

inline Result::iterator Result::begin() const& noexcept {
  return {result_.get(), 0};
}
inline Result::iterator Result::end() const& noexcept {
  return {result_.get(), size()};
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
