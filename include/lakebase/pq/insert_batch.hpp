#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <lakebase/described.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/param.hpp>
#include <lakebase/pq/row.hpp>
#include <lakebase/pq/type_array.hpp>
#include <lakebase/pq/type_text.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// The bytes of a number in the binary format; 0 for what goes as text. By the type that the statement casts to, so
/// that binary means nothing else than text would.
template <class T>
constexpr std::size_t binary_size() {
  if constexpr (Number<T>) {
    constexpr auto type = TypeText<T>::sql;
    if (type == "int2") return 2;
    if (type == "int4" || type == "float4") return 4;
    if (type == "int8" || type == "float8") return 8;
  }
  return 0;
}

/// The bits of a number, in the lower bytes.
template <Number T>
std::uint64_t bits_of(T value) noexcept {
  if constexpr (std::same_as<T, float>) return std::bit_cast<std::uint32_t>(value);
  if constexpr (std::same_as<T, double>) return std::bit_cast<std::uint64_t>(value);
  if constexpr (std::integral<T>) return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}

/// A column that rows are inserted into.
struct InsertColumn {
  std::string_view name{};
  /// PostgreSQL's type of its values.
  std::string_view type{};
  /// Whether its values are arrays, which `unnest` would take apart: they go as text.
  bool of_arrays = false;
  /// Numbers go in binary, which costs both ends less.
  bool in_binary = false;
};

template <lakebase::detail::Described T>
constexpr auto insert_columns() {
  std::array<InsertColumn, member_count<T>()> columns{};
  std::size_t i = 0;
  T::describe([&](std::string_view name, auto member) {
    using Value = Bare<MemberOf<T, decltype(member)>>;
    require_writable<Value, Writable<Value>>();
    if constexpr (Writable<Value>) {
      static_assert(!TypeText<Value>::sql.starts_with("record"),
                    "a std::tuple does not tell the name of its composite type: use copy_in, which needs none, or "
                    "specialise lakebase::pq::TypeText for a struct of yours");
      columns[i++] = {name, TypeText<Value>::sql, TypeText<Value>::sql.ends_with("[]"), binary_size<Value>() > 0};
    }
  });
  return columns;
}

/// Rows of a struct on their way into a table: one array for each column.
class InsertBatch {
 public:
  /// `target` is the table with its columns, quoted.
  LAKEBASE_PQ_EXPORT InsertBatch(std::string_view target, InsertColumn const* columns, std::size_t count);

  template <lakebase::detail::Described T>
  void add(T const& row) {
    std::size_t column = 0;
    T::describe([&](auto const&, auto member) {
      if constexpr (Writable<Bare<MemberOf<T, decltype(member)>>>) add_value(row.*member, column++);
    });
    ++rows_;
  }
  [[nodiscard]] bool empty() const noexcept { return rows_ == 0; }
  /// Whether it has enough rows to be sent.
  [[nodiscard]] LAKEBASE_PQ_EXPORT bool full() const noexcept;
  [[nodiscard]] std::string const& sql() const noexcept { return sql_; }
  /// The arrays; the batch is empty afterwards.
  [[nodiscard]] LAKEBASE_PQ_EXPORT Params take();

 private:
  template <class T>
  void add_value(T const& value, std::size_t column) {
    if constexpr (constexpr auto size = binary_size<Bare<T>>(); size > 0) {
      if constexpr (takes_null<T>) {
        if (!value) return add_null(column);
        add_number(bits_of(*value), size, column);
      } else {
        add_number(bits_of(value), size, column);
      }
    } else {
      add_text(value, column);
    }
  }
  template <class T>
  void add_text(T const& value, std::size_t column) {
    auto& text = texts_[column];
    text += text.empty() ? '{' : ',';
    auto const begin = text.size();
    try {
      if (!append_value(value, text)) {
        text += "NULL";
      } else if constexpr (!is_plain<Bare<T>>) {
        if (text.find('\0', begin) != std::string::npos) bad_value("a NUL character");
        quote_element(text, begin);
      }
    } catch (Error const& error) {
      refuse(error, column);
    }
  }
  LAKEBASE_PQ_EXPORT void add_number(std::uint64_t bits, std::size_t size, std::size_t column);
  LAKEBASE_PQ_EXPORT void add_null(std::size_t column);
  [[noreturn]] LAKEBASE_PQ_EXPORT void refuse(Error const& error, std::size_t column) const;

  InsertColumn const* columns_;
  std::string sql_;
  std::vector<std::string> texts_;
  std::size_t rows_ = 0;
  std::size_t sent_ = 0;
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
