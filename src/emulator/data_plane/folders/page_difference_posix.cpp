#include "data_plane/folders/page_difference_posix.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string_view>
#include <system_error>

#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t page = 8192;
constexpr std::size_t pages_at_once = 32;
using Pages = std::array<char, page * pages_at_once>;

/// None: there is no such regular file.
UniqueFd open_file(fs::path const& path) {
  UniqueFd file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  struct stat facts {};
  if (file && (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode))) return UniqueFd{};
  return file;
}

/// Less than all only at the end of the file.
std::size_t read_pages(int file, Pages& pages, fs::path const& path) {
  std::size_t size = 0;
  while (size < pages.size()) {
    ssize_t const count = ::read(file, pages.data() + size, pages.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw std::system_error(errno, std::generic_category(), path.string());
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return size;
}

std::int64_t file_beyond(fs::path const& path, fs::path const& former) {
  UniqueFd const file = open_file(path);
  if (!file) return 0;
  UniqueFd const old = open_file(former);
  auto const pages = std::make_unique<std::array<Pages, 2>>();
  auto& [now, then] = *pages;
  std::int64_t beyond = 0;
  for (bool more = true; more;) {
    auto const size = read_pages(file.get(), now, path);
    auto const known = old ? read_pages(old.get(), then, former) : 0;
    for (std::size_t at = 0; at < size; at += page) {
      auto const length = std::min(page, size - at);
      bool const is_same = at + length <= known &&
                           std::string_view{now.data() + at, length} == std::string_view{then.data() + at, length};
      if (!is_same) beyond += static_cast<std::int64_t>(length);
    }
    more = size == now.size();
  }
  return beyond;
}

}  // namespace

std::int64_t size_beyond(fs::path const& data, fs::path const& former) {
  if (data == former) return 0;
  std::int64_t beyond = 0;
  for (fs::directory_entry const& database : fs::directory_iterator{data / "base"}) {
    if (!fs::is_directory(database.symlink_status())) continue;
    auto const there = former / "base" / database.path().filename();
    for (fs::directory_entry const& file : fs::directory_iterator{database.path()}) {
      beyond += file_beyond(file.path(), there / file.path().filename());
    }
  }
  return beyond;
}

}  // namespace lakebase::emulator
