#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "common/computes.hpp"

namespace lakebase::emulator {

/// Writes rows in the text format of COPY.
class CopyRows {
 public:
  explicit CopyRows(CopySink sink) : sink_(std::move(sink)) { buffer_.reserve(largest + 4096); }

  void add_null() { add("\\N"); }
  /// @return false if the text holds a zero byte, which no text of PostgreSQL can
  bool add_text(std::string_view text);
  void add_number(std::int64_t number) { add(std::to_string(number)); }
  void end_row();
  /// Forgets the row that was begun.
  void drop_row();
  /// To be called after the last row.
  void flush();

  std::uint64_t rows() const { return rows_; }

 private:
  static constexpr std::size_t largest = std::size_t{64} * 1024;
  void add(std::string_view text);
  void begin_cell() {
    if (cells_++ > 0) buffer_ += '\t';
  }

  CopySink const sink_;
  std::string buffer_;
  /// Where the present row begins.
  std::size_t row_ = 0;
  std::size_t cells_ = 0;
  std::uint64_t rows_ = 0;
};

}  // namespace lakebase::emulator
