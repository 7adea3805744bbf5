#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <lakebase/described.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/param.hpp>
#include <lakebase/pq/row.hpp>
#include <lakebase/pq/type_text.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {

struct CopyState;

/// A row on its way into a COPY in the text format. One that is not ended leaves nothing behind.
class CopyRow {
 public:
  /// @throws InvalidArgument if the table takes another number of columns, or the COPY is not in the text format
  LAKEBASE_PQ_EXPORT CopyRow(CopyState* state, std::size_t columns);
  LAKEBASE_PQ_EXPORT ~CopyRow();
  CopyRow(CopyRow const&) = delete;
  CopyRow& operator=(CopyRow const&) = delete;

  /// `name`: of the column, if it is known.
  template <class T>
  void add(T const& value, std::string_view name = {}) {
    name_ = name;
    require_writable<T, Appendable<T>>();
    if constexpr (Appendable<T>) add_value(value);
  }
  LAKEBASE_PQ_EXPORT void add(Param const& param);
  /// Sends the rows if there are enough of them.
  LAKEBASE_PQ_EXPORT void end();

 private:
  template <class T>
  void add_value(T const& value) {
    if (column_++ > 0) text_ += '\t';
    auto const begin = text_.size();
    try {
      if (!append_value(value, text_)) {
        text_ += "\\N";
        return;
      }
    } catch (Error const& error) {
      refuse(error);
    }
    if constexpr (!is_plain<Bare<T>>) escape(begin);
  }
  [[noreturn]] LAKEBASE_PQ_EXPORT void refuse(Error const& error) const;
  LAKEBASE_PQ_EXPORT void escape(std::size_t begin);

  CopyState& state_;
  std::string& text_;
  std::size_t begin_;
  std::string_view name_{};
  int column_ = 0;
  bool ended_ = false;
};

}  // namespace detail

/// A `COPY … FROM STDIN`: data on its way into a table.
///
/// Thread safety: for one thread at a time, as its connection.
/// Exceptions: PgError, ConnectionError, StatementTimeout and Cancelled, as the calls of Statements; the destructor
/// throws nothing.
/// Lifetime: keeps the session open, or a pool's connection lent, as long as it exists. Destroying it without `finish`
/// cancels the copy: no row is kept.
class [[nodiscard]] LAKEBASE_PQ_EXPORT CopyIn {
 public:
  /// Made by `Statements::copy_in`.
  explicit CopyIn(std::unique_ptr<detail::CopyState> state) noexcept;
  ~CopyIn();
  /// Takes over the COPY that is under way.
  CopyIn(CopyIn&&) noexcept;
  CopyIn& operator=(CopyIn&&) noexcept;

  /// Sends bytes in the format of the statement; they need not end at the end of a row.
  void write(std::string_view bytes);
  /// Sends one row, in the text format, which is COPY's own unless the statement sets something else:
  /// `copy.row(1, "tea", std::nullopt)`. Takes what a Param is made of, and does the escaping. Rows are sent in pieces
  /// of about 64 KB, so that an error of the server may come with a later row, or with `finish`.
  /// @throws InvalidArgument for a value that PostgreSQL does not have, with its column and row, of those that were
  ///         sent by `row` from 0, and for another number of columns than the table takes: the row is left out, and the
  ///         copy can go on; also if the statement sets `FORMAT`, `DELIMITER`, `NULL`, `HEADER` or `ENCODING`
  template <class... Ts>
  requires(!detail::ParamList<Ts> && ...) void row(Ts const&... values) {
    detail::CopyRow row{state_.get(), sizeof...(Ts)};
    (row.add(values), ...);
    row.end();
  }
  /// The same, with `{}` for NULL: `copy.row({1, "tea", {}})`.
  void row(Params const& values);
  /// Sends the members of a struct that lists them by `describe`, see `Row::as`, in that order.
  template <lakebase::detail::Described T>
  void row_of(T const& value) {
    detail::CopyRow row{state_.get(), detail::member_count<T>()};
    T::describe([&](std::string_view name, auto member) { row.add(value.*member, name); });
    row.end();
  }
  /// Ends the copy. @return the number of rows
  std::uint64_t finish();

 private:
  std::unique_ptr<detail::CopyState> state_;
};

/// A `COPY … TO STDOUT`: data on its way out of a table.
///
/// Thread safety: for one thread at a time, as its connection.
/// Exceptions: PgError, ConnectionError, StatementTimeout and Cancelled, as the calls of Statements; the destructor
/// throws nothing.
/// Lifetime: keeps the session open, or a pool's connection lent, as long as it exists. Destroying it early cancels the
/// copy.
class [[nodiscard]] LAKEBASE_PQ_EXPORT CopyOut {
 public:
  /// Made by `Statements::copy_out`.
  explicit CopyOut(std::unique_ptr<detail::CopyState> state) noexcept;
  ~CopyOut();
  /// Takes over the COPY that is under way.
  CopyOut(CopyOut&&) noexcept;
  CopyOut& operator=(CopyOut&&) noexcept;

  /// The next piece, in the text format one row with its line end; valid until the next call. None at the end.
  [[nodiscard]] std::optional<std::string_view> read() &;
  std::optional<std::string_view> read() && = delete;  // keep the CopyOut in a variable: the piece refers to it

 private:
  std::unique_ptr<detail::CopyState> state_;
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
