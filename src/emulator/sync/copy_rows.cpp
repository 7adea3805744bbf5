#include "sync/copy_rows.hpp"

#include <array>

namespace lakebase::emulator {
namespace {

// What stands after the backslash of a byte that cannot stand for itself; 0: it can.
constexpr std::array<char, 256> escapes_of_copy = [] {
  std::array<char, 256> escapes{};
  escapes['\\'] = '\\';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes[0] = '0';
  return escapes;
}();

}  // namespace

void CopyRows::add(std::string_view text) {
  begin_cell();
  buffer_ += text;
}

bool CopyRows::add_text(std::string_view text) {
  begin_cell();
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const escape = escapes_of_copy[static_cast<unsigned char>(text[i])];
    if (escape == 0) continue;
    if (escape == '0') return false;
    buffer_.append(text, begin, i - begin);
    buffer_ += '\\';
    buffer_ += escape;
    begin = i + 1;
  }
  buffer_.append(text, begin);
  return true;
}

void CopyRows::end_row() {
  buffer_ += '\n';
  row_ = buffer_.size();
  cells_ = 0;
  ++rows_;
  if (buffer_.size() >= largest) flush();
}

void CopyRows::drop_row() {
  buffer_.resize(row_);
  cells_ = 0;
}

void CopyRows::flush() {
  if (!buffer_.empty()) sink_(buffer_);
  buffer_.clear();
  row_ = 0;
}

}  // namespace lakebase::emulator
