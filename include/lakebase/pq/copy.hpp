#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <lakebase/pq/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {
struct CopyState;
}

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
