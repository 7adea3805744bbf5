#include "data_plane/folders/folder_removal_posix.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

/// PostgreSQL's folders are four deep. Each level takes a descriptor and some of the stack.
constexpr int deepest_folder = 200;

struct CloseRemoved {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};
using RemovedDirectory = std::unique_ptr<DIR, CloseRemoved>;

/// Opens a folder for removals in it. Null, with errno, if that fails.
RemovedDirectory open_for_removal(int parent, char const* name) {
  UniqueFd const place{::openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  struct stat facts {};
  if (!place || ::fstat(place.get(), &facts) != 0) return nullptr;
  // By the descriptor, because the name may by now be a link. If it is another account's, this fails, and so does what
  // follows.
  if ((facts.st_mode & S_IRWXU) != S_IRWXU) {
    ::chmod(fmt::format("/proc/self/fd/{}", place.get()).c_str(), S_IRWXU);
  }
  UniqueFd folder{::openat(place.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder) return nullptr;
  RemovedDirectory directory{::fdopendir(folder.get())};
  if (directory) folder.release();
  return directory;
}

class Removal {
 public:
  void empty(int parent, char const* name, fs::path const& path, int depth) {
    if (depth > deepest_folder) return note(path, "folders are too deep in it");
    auto const directory = open_for_removal(parent, name);
    if (!directory) return note(path, std::strerror(errno));
    int const folder = ::dirfd(directory.get());
    while (dirent const* entry = ::readdir(directory.get())) {
      std::string_view const inner = entry->d_name;
      if (inner != "." && inner != "..") remove(folder, entry->d_name, path / inner, depth);
    }
  }

  std::optional<Leftover> left;

 private:
  void remove(int folder, char const* name, fs::path const& path, int depth) {
    if (::unlinkat(folder, name, 0) == 0 || errno == ENOENT) return;
    struct stat facts {};
    int const error = errno;
    if (::fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(facts.st_mode)) {
      return note(path, std::strerror(error));
    }
    if (::unlinkat(folder, name, AT_REMOVEDIR) == 0) return;
    empty(folder, name, path, depth + 1);
    if (::unlinkat(folder, name, AT_REMOVEDIR) != 0 && errno != ENOENT) note(path, std::strerror(errno));
  }

  void note(fs::path const& path, std::string_view reason) {
    if (!left) left = Leftover{path, std::string{reason}};
  }
};

}  // namespace

std::string Leftover::description() const {
  return fmt::format("{} cannot be removed: {}; remove it by hand", path.string(), reason);
}

std::optional<Leftover> empty_folder(fs::path const& path) {
  Removal removal;
  removal.empty(AT_FDCWD, path.c_str(), path, 1);
  return removal.left;
}

}  // namespace lakebase::emulator
