#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <lakebase/described.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/field.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {

template <class T>
inline constexpr bool is_tuple = false;
template <class... Ts>
inline constexpr bool is_tuple<std::tuple<Ts...>> = true;

/// What rows of these types are: the struct itself, the std::tuple itself, or a std::tuple of them.
template <class... Ts>
struct RowOfTypes : std::type_identity<std::tuple<Ts...>> {};
template <class T>
requires(lakebase::detail::Described<T> || is_tuple<T>) struct RowOfTypes<T> : std::type_identity<T> {
};
template <class... Ts>
using RowOf = typename RowOfTypes<Ts...>::type;

/// How many members a struct describes.
template <lakebase::detail::Described T>
constexpr std::size_t member_count() {
  std::size_t count = 0;
  T::describe([&](auto const&...) { ++count; });
  return count;
}

/// The names of its members, in their order.
template <lakebase::detail::Described T>
constexpr auto member_names() {
  std::array<std::string_view, member_count<T>()> names{};
  std::size_t i = 0;
  T::describe([&](std::string_view name, auto const&...) { names[i++] = name; });
  return names;
}

/// Whether no name is there twice.
template <std::size_t count>
constexpr bool all_differ(std::array<std::string_view, count> const& names) {
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (names[i] == names[j]) return false;
    }
  }
  return true;
}

/// The type of a member, by its pointer.
template <class T, class Member>
using MemberOf = std::remove_cvref_t<decltype(std::declval<T&>().*std::declval<Member>())>;

template <class T>
constexpr bool find_references() {
  bool found = RefersToResult<T>;
  if constexpr (lakebase::detail::Described<T>) {
    T::describe([&](auto const&, auto member) { found = found || RefersToResult<MemberOf<T, decltype(member)>>; });
  }
  return found;
}
/// Whether something in it is a std::string_view.
template <class T>
inline constexpr bool refers_to_result = find_references<T>();
template <class... Ts>
inline constexpr bool refers_to_result<std::tuple<Ts...>> = (find_references<Ts>() || ...);

/// Finds the column of each name. @throws InvalidArgument that lists what is missing, surplus or there twice
LAKEBASE_PQ_EXPORT void find_columns(pg_result const* result, std::string_view const* names, int* columns,
                                     std::size_t count);
/// @throws InvalidArgument if there are more or fewer columns
LAKEBASE_PQ_EXPORT void require_columns(pg_result const* result, std::size_t count);

/// Reads rows as a T. Columns are looked up when it is made.
template <class T>
class RowReader {
  static_assert(lakebase::detail::Described<T>,
                "a row is read as a std::tuple, or as a struct whose `describe` lists its members and their columns");

 public:
  explicit RowReader(pg_result const*) {}
  Anything read(int, int) const { return {}; }
};

template <class... Ts>
class RowReader<std::tuple<Ts...>> {
 public:
  explicit RowReader(pg_result const* result) : result_(result), binary_(is_in_binary(result)) {
    require_columns(result, sizeof...(Ts));
  }

  /// `number` is the row's among all of a stream.
  std::tuple<Ts...> read(int row, int number) const { return read(row, number, std::index_sequence_for<Ts...>{}); }
  /// Goes on to another result of the same columns.
  void move_to(pg_result const* result) noexcept { result_ = result; }

 private:
  template <std::size_t... columns>
  std::tuple<Ts...> read(int row, int number, std::index_sequence<columns...>) const {
    return std::tuple<Ts...>{field_at(result_, row, static_cast<int>(columns), number, binary_).template as<Ts>()...};
  }

  pg_result const* result_;
  bool binary_;
};

template <lakebase::detail::Described T>
class RowReader<T> {
 public:
  explicit RowReader(pg_result const* result) : result_(result), binary_(is_in_binary(result)) {
    find_columns(result, names.data(), columns_.data(), names.size());
  }

  /// `number` is the row's among all of a stream.
  T read(int row, int number) const {
    T value{};
    std::size_t i = 0;
    T::describe([&](auto const&, auto member) {
      value.*member =
          field_at(result_, row, columns_[i++], number, binary_).template as<MemberOf<T, decltype(member)>>();
    });
    return value;
  }
  /// Goes on to another result of the same columns.
  void move_to(pg_result const* result) noexcept { result_ = result; }

 private:
  static constexpr auto names = member_names<T>();
  static_assert(all_differ(names), "the struct's `describe` gives two members the same column");

  pg_result const* result_;
  bool binary_;
  std::array<int, names.size()> columns_{};
};

}  // namespace detail

/// The rows of a stream, see `RowStream::rows`.
template <class T, class Source>
class TypedStream;

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

  /// All columns, as a struct or a std::tuple: `row.as<Person>()`, `row.as<std::tuple<int, std::string>>()`. A struct
  /// lists its members by `describe`, as the models of this SDK do, each with its column:
  ///
  ///     struct Person {
  ///       std::int64_t id{};
  ///       std::optional<std::string> nickname{};
  ///       template <class Field>
  ///       static constexpr void describe(Field&& field) {
  ///         field("id", &Person::id);
  ///         field("nickname", &Person::nickname);
  ///       }
  ///     };
  ///
  /// @throws InvalidArgument that names the columns which a struct misses, which it does not have, and which are there
  ///         twice, or if the number of columns is another one than the tuple's
  /// @throws ParseError as `Field::as`
  template <class T>
  [[nodiscard]] T as() const {
    return detail::RowReader<T>{result_}.read(row_, number_);
  }

 private:
  template <class T, class Source>
  friend class TypedStream;

  pg_result const* result_;
  int row_;
  int number_;
};

/// A row that keeps its result alive: `auto row = connection.exec("…")[0];`, `auto row = result.keep(0);`. It can be
/// copied.
///
/// Thread safety: safe to read from several threads at once.
/// Exceptions: what each function names.
/// Lifetime: shares the result; fields refer to that, so a temporary gives none.
class OwnedRow {
 public:
  /// Made by a result.
  OwnedRow(std::shared_ptr<pg_result const> result, int row) noexcept : result_(std::move(result)), row_(row) {}

  /// Number of columns.
  [[nodiscard]] int size() const noexcept { return row().size(); }
  /// Column by position, from 0, or by name. @throws InvalidArgument if there is none
  template <class Column>
  [[nodiscard]] Field operator[](Column const& column) const& {
    return row()[column];
  }
  template <class Column>
  Field operator[](Column const& column) const&& = delete;  // keep the row in a variable: a field refers to it
  /// All columns, as of `Row::as`.
  template <class T>
  [[nodiscard]] T as() const& {
    return row().as<T>();
  }
  /// The same of a temporary, which can give no std::string_view.
  template <class T>
  [[nodiscard]] T as() const&& {
    static_assert(!detail::refers_to_result<T>,
                  "keep the row in a variable, a std::string_view refers to it; or take std::string");
    return row().as<T>();
  }
  /// As a row that refers to this one.
  operator Row() const& noexcept { return row(); }  // NOLINT(google-explicit-constructor)
  operator Row() const&& = delete;                  // keep the Result in a variable: a row refers to it

 private:
  [[nodiscard]] Row row() const noexcept { return {result_.get(), row_}; }

  std::shared_ptr<pg_result const> result_;
  int row_;
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
