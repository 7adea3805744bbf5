#include "common/loopback.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace lakebase::emulator {

bool is_loopback_v4(std::string_view text) {
  if (!text.starts_with("127.")) return false;
  int parts = 0;
  for (;;) {
    int number = 256;
    auto const dot = std::min(text.find('.'), text.size());
    auto const [end, error] = std::from_chars(text.data(), text.data() + dot, number);
    if (error != std::errc{} || end != text.data() + dot || number < 0 || number > 255) return false;
    ++parts;
    if (dot == text.size()) return parts == 4;
    text.remove_prefix(dot + 1);
  }
}

bool is_loopback(std::string_view text) {
  return text == "::1" || is_loopback_v4(text);
}

}  // namespace lakebase::emulator
