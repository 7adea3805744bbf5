#include "data_plane/folders/file_copy_posix.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "system/descriptor_io_posix.hpp"
#include "system/thread_group_posix.hpp"
#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

/// PostgreSQL's folders are four deep. Each level takes a descriptor and some of the stack.
constexpr int deepest_copied = 200;

/// A path, which is joined only for an error.
struct Where {
  fs::path const& folder;
  std::string_view below;
};

[[noreturn]] void throw_errno(Where const& where) {
  int const error = errno;
  throw std::system_error(error, std::generic_category(), (where.folder / where.below).string());
}

void read_and_write(int from, int to, Where const& where) {
  constexpr std::size_t size = std::size_t{256} * 1024;
  auto buffer = std::make_unique<char[]>(size);
  for (;;) {
    ssize_t count = ::read(from, buffer.get(), size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(where);
    if (count == 0) return;
    if (!write_all(to, {buffer.get(), static_cast<std::size_t>(count)})) throw_errno(where);
  }
}

void copy_content(int from, int to, Where const& where) {
  if (::ioctl(to, FICLONE, from) == 0) return;
  constexpr std::size_t step = 1U << 30U;
  bool any = false;
  for (;;) {
    ssize_t count = ::copy_file_range(from, nullptr, to, nullptr, step, 0);
    if (count == 0) return;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && !any) return read_and_write(from, to, where);
    if (count < 0) throw_errno(where);
    any = true;
  }
}

/// None: it has vanished, or is not copied. A pipe is not waited for, and a link is not followed.
UniqueFd open_source(int folder, char const* name, Where const& where) {
  UniqueFd source{::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  if (!source && errno != ENOENT && errno != ELOOP && errno != ENXIO) throw_errno(where);
  return source;
}

struct stat facts_of(int fd, Where const& where) {
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) throw_errno(where);
  return facts;
}

bool is_folder(int fd, Where const& where) {
  return S_ISDIR(facts_of(fd, where).st_mode);
}

void copy_open_file(int source, std::int64_t size, int folder, char const* name, Where const& where) {
  UniqueFd const target{::openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!target) throw_errno(where);
  if (size > 0) copy_content(source, target.get(), where);
}

UniqueFd open_folder(int parent, char const* name, Where const& where) {
  UniqueFd folder{::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!folder) throw_errno(where);
  return folder;
}

UniqueFd make_folder(int parent, char const* name, Where const& where) {
  if (::mkdirat(parent, name, 0700) != 0) throw_errno(where);
  return open_folder(parent, name, where);
}

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Directory open_directory(UniqueFd folder, Where const& where) {
  Directory directory{::fdopendir(folder.get())};
  if (!directory) throw_errno(where);
  folder.release();
  return directory;
}

/// Two threads share the folders at depth two, those of the databases, in which nearly all files are.
class TreeCopy {
 public:
  TreeCopy(fs::path const& from, fs::path const& to, WantedFiles const& wanted)
      : from_(from), to_(to), wanted_(wanted), source_(open_folder(AT_FDCWD, from.c_str(), {from, {}})) {}

  void run() {
    target_ = make_folder(AT_FDCWD, to_.c_str(), {to_, {}});
    copy_folder(open_folder(source_.get(), ".", {from_, {}}), target_.get(), {}, 1);
    ThreadGroup second;
    if (shared_.size() > 1) second.start([this] { copy_shared(); });
    copy_shared();
    second.join_all();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  static constexpr int depth_of_shared = 2;

  void copy_folder(UniqueFd source, int target, std::string const& relative, int depth) {
    if (depth > deepest_copied) throw std::system_error(ELOOP, std::generic_category(), (from_ / relative).string());
    Directory const directory = open_directory(std::move(source), {from_, relative});
    for (;;) {
      errno = 0;
      dirent const* entry = ::readdir(directory.get());
      if (entry == nullptr && errno != 0) throw_errno({from_, relative});
      if (entry == nullptr) return;
      std::string const name = entry->d_name;
      if (name == "." || name == "..") continue;
      std::string const inner = relative.empty() ? name : relative + '/' + name;
      if (wanted_(inner)) copy_entry(::dirfd(directory.get()), target, name, inner, depth);
    }
  }

  void copy_entry(int folder, int target, std::string const& name, std::string const& inner, int depth) {
    UniqueFd source = open_source(folder, name.c_str(), {from_, inner});
    if (!source) return;
    auto const facts = facts_of(source.get(), {from_, inner});
    if (S_ISREG(facts.st_mode)) copy_open_file(source.get(), facts.st_size, target, name.c_str(), {to_, inner});
    if (!S_ISDIR(facts.st_mode)) return;
    UniqueFd const made = make_folder(target, name.c_str(), {to_, inner});
    if (depth == depth_of_shared) {
      shared_.push_back(inner);
    } else {
      copy_folder(std::move(source), made.get(), inner, depth + 1);
    }
  }

  // Runs on both threads.
  void copy_shared() noexcept {
    try {
      for (std::size_t index = 0; !failed_ && (index = next_++) < shared_.size();) copy_from_above(shared_[index]);
    } catch (...) {
      if (!failed_.exchange(true)) failure_ = std::current_exception();
    }
  }

  // Opens both sides again, one name after the other, so that no link is followed.
  void copy_from_above(std::string const& relative) {
    auto const slash = relative.rfind('/');
    std::string const parent = relative.substr(0, slash);
    std::string const name = relative.substr(slash + 1);
    UniqueFd const source_parent = open_source(source_.get(), parent.c_str(), {from_, parent});
    if (!source_parent || !is_folder(source_parent.get(), {from_, parent})) return;
    UniqueFd source = open_source(source_parent.get(), name.c_str(), {from_, relative});
    if (!source || !is_folder(source.get(), {from_, relative})) return;
    UniqueFd const target_parent = open_folder(target_.get(), parent.c_str(), {to_, parent});
    UniqueFd const target = open_folder(target_parent.get(), name.c_str(), {to_, relative});
    copy_folder(std::move(source), target.get(), relative, depth_of_shared + 1);
  }

  fs::path const& from_;
  fs::path const& to_;
  WantedFiles const& wanted_;
  UniqueFd const source_;
  UniqueFd target_;
  std::vector<std::string> shared_;  ///< Folders that are created, and still empty.
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::exception_ptr failure_;
};

}  // namespace

void copy_data_file(fs::path const& from, fs::path const& to) {
  UniqueFd const source = open_source(AT_FDCWD, from.c_str(), {from, {}});
  if (!source) return;
  auto const facts = facts_of(source.get(), {from, {}});
  if (S_ISREG(facts.st_mode)) copy_open_file(source.get(), facts.st_size, AT_FDCWD, to.c_str(), {to, {}});
}

void copy_data_tree(fs::path const& from, fs::path const& to, WantedFiles const& wanted) {
  TreeCopy{from, to, wanted}.run();
}

}  // namespace lakebase::emulator
