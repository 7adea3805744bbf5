#include "data_plane/file_copy_posix.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

#include "data_plane/unique_fd_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

/// PostgreSQL's are four deep. Each takes a descriptor and a piece of the stack.
constexpr int deepest_copied = 200;

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

/// None: it has vanished, or is none of what is copied. A pipe is not waited for, and a link not followed.
UniqueFd open_source(int folder, char const* name, fs::path const& path) {
  UniqueFd source{::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  if (!source && errno != ENOENT && errno != ELOOP && errno != ENXIO) throw_errno(path);
  return source;
}

mode_t kind_of(int fd, fs::path const& path) {
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) throw_errno(path);
  return facts.st_mode & S_IFMT;
}

void copy_open_file(int source, int folder, char const* name, fs::path const& path) {
  UniqueFd const target{::openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!target) throw_errno(path);
  copy_content(source, target.get(), path);
}

UniqueFd make_folder(int parent, char const* name, fs::path const& path) {
  if (::mkdirat(parent, name, 0700) != 0) throw_errno(path);
  UniqueFd made{::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!made) throw_errno(path);
  return made;
}

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Directory open_directory(UniqueFd folder, fs::path const& path) {
  Directory directory{::fdopendir(folder.get())};
  if (!directory) throw_errno(path);
  folder.release();
  return directory;
}

struct TreeCopy {
  fs::path const& from;
  fs::path const& to;
  WantedFiles const& wanted;

  void copy_folder(UniqueFd source, int target, fs::path const& relative, int depth) const {
    if (depth > deepest_copied) throw std::system_error(ELOOP, std::generic_category(), (from / relative).string());
    Directory const directory = open_directory(std::move(source), from / relative);
    for (;;) {
      errno = 0;
      dirent const* entry = ::readdir(directory.get());
      if (entry == nullptr && errno != 0) throw_errno(from / relative);
      if (entry == nullptr) return;
      fs::path const inner = relative / entry->d_name;
      if (inner.filename() == "." || inner.filename() == ".." || !wanted(inner)) continue;
      copy_entry(::dirfd(directory.get()), target, inner, depth);
    }
  }

 private:
  void copy_entry(int folder, int target, fs::path const& inner, int depth) const {
    std::string const name = inner.filename().string();
    UniqueFd source = open_source(folder, name.c_str(), from / inner);
    if (!source) return;
    mode_t const kind = kind_of(source.get(), from / inner);
    if (kind == S_IFREG) copy_open_file(source.get(), target, name.c_str(), to / inner);
    if (kind != S_IFDIR) return;
    UniqueFd const made = make_folder(target, name.c_str(), to / inner);
    copy_folder(std::move(source), made.get(), inner, depth + 1);
  }
};

}  // namespace

void copy_data_file(fs::path const& from, fs::path const& to) {
  UniqueFd const source = open_source(AT_FDCWD, from.c_str(), from);
  if (source && kind_of(source.get(), from) == S_IFREG) copy_open_file(source.get(), AT_FDCWD, to.c_str(), to);
}

void copy_data_tree(fs::path const& from, fs::path const& to, WantedFiles const& wanted) {
  UniqueFd source{::open(from.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!source) throw_errno(from);
  UniqueFd const made = make_folder(AT_FDCWD, to.c_str(), to);
  TreeCopy{from, to, wanted}.copy_folder(std::move(source), made.get(), {}, 1);
}

}  // namespace lakebase::emulator
