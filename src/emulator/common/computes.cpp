#include "common/computes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace lakebase::emulator {
namespace {
constexpr int usual_version = 17;
}

int choose_version(std::vector<int> const& found, std::optional<int> wanted) {
  auto const is_found = [&](int version) { return std::find(found.begin(), found.end(), version) != found.end(); };
  if (wanted && is_found(*wanted)) return *wanted;
  return is_found(usual_version) ? usual_version : *std::max_element(found.begin(), found.end());
}

std::optional<std::uint64_t> parse_lsn(std::string_view text) {
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  auto const* const end = text.data() + text.size();
  auto const first = std::from_chars(text.data(), end, high, 16);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '/') return std::nullopt;
  auto const second = std::from_chars(first.ptr + 1, end, low, 16);
  if (second.ec != std::errc{} || second.ptr != end) return std::nullopt;
  return (std::uint64_t{high} << 32U) | low;
}

std::string lsn_text(std::uint64_t lsn) {
  return fmt::format("{:X}/{:X}", lsn >> 32U, lsn & 0xFFFFFFFFU);
}

}  // namespace lakebase::emulator
