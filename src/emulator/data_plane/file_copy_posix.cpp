#include "data_plane/file_copy_posix.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_errno(fs::path const& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

void write_all(int to, char const* bytes, std::size_t size, fs::path const& path) {
  while (size > 0) {
    ssize_t written = ::write(to, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno(path);
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
}

void read_and_write(int from, int to, fs::path const& path) {
  constexpr std::size_t size = std::size_t{256} * 1024;
  auto buffer = std::make_unique<char[]>(size);
  for (;;) {
    ssize_t count = ::read(from, buffer.get(), size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(path);
    if (count == 0) return;
    write_all(to, buffer.get(), static_cast<std::size_t>(count), path);
  }
}

void copy_content(int from, int to, fs::path const& path) {
  if (::ioctl(to, FICLONE, from) == 0) return;
  constexpr std::size_t step = 1U << 30U;
  bool any = false;
  for (;;) {
    ssize_t count = ::copy_file_range(from, nullptr, to, nullptr, step, 0);
    if (count == 0) return;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && !any) return read_and_write(from, to, path);
    if (count < 0) throw_errno(path);
    any = true;
  }
}

void copy_folder(fs::path const& from, fs::path const& to, fs::path const& relative, RunAs const& owner,
                 WantedFiles const& wanted) {
  owner.make_private_directory(to / relative);
  std::error_code error;
  fs::directory_iterator entry{from / relative, error};
  for (; !error && entry != fs::directory_iterator{}; entry.increment(error)) {
    fs::path const inner = relative / entry->path().filename();
    if (!wanted(inner)) continue;
    std::error_code vanished;
    fs::file_status const status = entry->symlink_status(vanished);
    if (fs::is_directory(status)) copy_folder(from, to, inner, owner, wanted);
    if (fs::is_regular_file(status)) copy_file(from / inner, to / inner, owner);
  }
  // A folder may vanish as well: a database that was dropped.
  if (error && error != std::errc::no_such_file_or_directory)
    throw std::system_error(error, (from / relative).string());
}

}  // namespace

bool copy_file(fs::path const& from, fs::path const& to, RunAs const& owner) {
  UniqueFd source{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!source && errno == ENOENT) return false;
  if (!source) throw_errno(from);
  UniqueFd target{::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  if (!target) throw_errno(to);
  owner.own(target.get());
  copy_content(source.get(), target.get(), to);
  return true;
}

void copy_tree(fs::path const& from, fs::path const& to, RunAs const& owner, WantedFiles const& wanted) {
  copy_folder(from, to, {}, owner, wanted);
}

UniqueFd open_log(fs::path const& path, RunAs const& owner) {
  UniqueFd log{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  if (!log) throw_errno(path);
  owner.own(log.get());
  return log;
}

}  // namespace lakebase::emulator
