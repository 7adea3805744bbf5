#include "base/text_file.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::uintmax_t longest = std::uintmax_t{16} << 20U;

}  // namespace

std::optional<std::string> read_text_file(std::string const& path) {
  std::error_code error;
  // Checked before it is opened: opening a pipe waits for a writer.
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  if (std::filesystem::file_size(path, error) > longest || error) return std::nullopt;
  std::ifstream stream{path, std::ios::binary};
  if (!stream.is_open()) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  return text;
}

bool is_writable_by_others(std::string const& path) {
  std::error_code error;
  auto const permissions = std::filesystem::status(path, error).permissions();
  using std::filesystem::perms;
  return !error && (permissions & (perms::group_write | perms::others_write)) != perms::none;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
