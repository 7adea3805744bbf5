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

/// Data on its way into a table. Letting go of it without `finish` gives the copy up: no row is kept. Keeps the
/// session open, or a pool's connection lent, for as long as it lives.
class [[nodiscard]] LAKEBASE_PQ_EXPORT CopyIn {
 public:
  /// Made by `Statements::copy_in`.
  explicit CopyIn(std::unique_ptr<detail::CopyState> state) noexcept;
  ~CopyIn();
  /// Takes over the COPY that is under way.
  CopyIn(CopyIn&&) noexcept;
  CopyIn& operator=(CopyIn&&) noexcept;

  /// Sends bytes in the format of the statement; they need not end where a row does.
  void write(std::string_view bytes);
  /// Ends the copy. @return the number of rows
  std::uint64_t finish();

 private:
  std::unique_ptr<detail::CopyState> state_;
};

/// Data on its way out of a table. Letting go of it early cancels the copy. Keeps the session open, or a
/// pool's connection lent, for as long as it lives.
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
