#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <lakebase/error.hpp>
#include <lakebase/pq/export.hpp>

struct pg_result;

namespace lakebase::inline v0::pq {

namespace detail {
struct ClearResult {
  LAKEBASE_PQ_EXPORT void operator()(pg_result* result) const noexcept;
};
using ResultPointer = std::unique_ptr<pg_result, ClearResult>;

/// Where a value stands, for errors.
struct ValuePlace {
  pg_result const* result = nullptr;
  int column = 0;
  int row = 0;  // of all rows of the statement
};
[[noreturn]] LAKEBASE_PQ_EXPORT void throw_bad_value(ValuePlace const& place, std::string_view text,
                                                     std::string_view wanted);
[[noreturn]] LAKEBASE_PQ_EXPORT void throw_null_value(ValuePlace const& place, std::string_view wanted);

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
inline constexpr std::string_view type_name = "the type asked for";
template <>
inline constexpr std::string_view type_name<bool> = "bool";
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
}  // namespace detail

/// One value of a row, as text. Valid as long as the Result it came from.
class Field {
 public:
  /// Made by a row.
  Field(std::string_view text, bool null, detail::ValuePlace place = {}) noexcept
      : text_(text), place_(place), null_(null) {}

  /// Whether the value is NULL.
  bool is_null() const noexcept { return null_; }
  /// As PostgreSQL writes it; empty for NULL.
  std::string_view text() const noexcept { return text_; }

  /// As a number, `bool`, `std::string`, `std::string_view`, or `std::optional` of one of these.
  /// @throws ParseError with column, row and types where the text is none, does not fit, or is NULL and T has no place
  ///         for that
  template <class T>
  T as() const {
    if constexpr (detail::IsOptional<T>::value) {
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

/// One row. Valid as long as the Result it came from.
class LAKEBASE_PQ_EXPORT Row {
 public:
  /// Made by a result.
  Row(pg_result const* result, int row) noexcept : Row(result, row, row) {}
  /// Made by a stream, whose results hold one row each: `number` is the row's among all of them.
  Row(pg_result const* result, int row, int number) noexcept : result_(result), row_(row), number_(number) {}

  /// Number of columns.
  int size() const noexcept;
  /// Column by position, from 0. @throws InvalidArgument where there is none
  Field operator[](int column) const;
  /// Column by name. @throws InvalidArgument where there is none
  Field operator[](std::string_view column) const;
  /// The field of a column, by name.
  Field operator[](char const* column) const { return (*this)[std::string_view{column}]; }

 private:
  pg_result const* result_;
  int row_;
  int number_;
};

/// What a statement gave: rows, or a count of rows changed. Can be moved, not copied; needs no connection.
class LAKEBASE_PQ_EXPORT Result {
 public:
  /// No rows.
  Result() noexcept = default;
  /// Made by the calls that return results.
  explicit Result(detail::ResultPointer result) noexcept : result_(std::move(result)) {}

  /// Number of rows.
  int size() const noexcept;
  /// Whether there is no row.
  bool empty() const noexcept { return size() == 0; }
  /// Number of columns.
  int columns() const noexcept;
  /// Name of a column, from 0; empty where there is none.
  std::string_view column_name(int column) const noexcept;
  /// @throws InvalidArgument where there is no such row
  Row operator[](int row) const;
  /// The only value of the only row, `exec("SELECT count(*) FROM t").value<int>()`.
  /// @throws InvalidArgument where there are no rows, several, or several columns
  template <class T>
  T value() const {
    return only_field().as<T>();
  }
  /// How many rows were inserted, changed, deleted or read; 0 for other statements.
  std::uint64_t affected_rows() const noexcept;
  /// What the server calls the statement, e.g. `INSERT 0 1`.
  std::string_view command() const noexcept;
  /// libpq's own; null where this is empty.
  pg_result const* native() const noexcept { return result_.get(); }

  /// Forward iterator over the rows.
  class iterator {
   public:
    using value_type = Row;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    iterator() = default;
    iterator(pg_result const* result, int row) noexcept : result_(result), row_(row) {}
    Row operator*() const noexcept { return Row{result_, row_}; }
    iterator& operator++() noexcept {
      ++row_;
      return *this;
    }
    void operator++(int) noexcept { ++row_; }
    friend bool operator==(iterator const& left, iterator const& right) noexcept { return left.row_ == right.row_; }

   private:
    pg_result const* result_ = nullptr;
    int row_ = 0;
  };
  /// The first row.
  iterator begin() const noexcept { return {result_.get(), 0}; }
  /// After the last row.
  iterator end() const noexcept { return {result_.get(), size()}; }

 private:
  Field only_field() const;

  detail::ResultPointer result_{};
};

}  // namespace lakebase::inline v0::pq
