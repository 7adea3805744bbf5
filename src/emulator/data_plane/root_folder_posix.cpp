#include "data_plane/root_folder_posix.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <system_error>

#include "data_plane/data_plane.hpp"
#include "data_plane/socket_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view longest_socket_name = "/123456/.s.PGSQL.5432";

}  // namespace

void scatter_subfolders(fs::path const& folder) noexcept {
  UniqueFd const fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  int flags = 0;
  if (!fd || ::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) != 0) return;
  flags |= FS_TOPDIR_FL;
  ::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags);
}

RootFolder::RootFolder(fs::path const& path, RunAs const& run_as) {
  if (path.empty()) throw DataPlaneError("the data plane needs a folder for its files");
  make_passable_directory(path, run_as);
  path_ = fs::canonical(path);
  branches_ = path_ / "branches";
  lock();
  make_passable_directory(branches_, run_as);
  scatter_subfolders(branches_);
  choose_socket_folder(run_as);
  remove_unfinished();
}

RootFolder::~RootFolder() {
  std::error_code error;
  fs::remove_all(sockets_, error);
}

void RootFolder::lock() {
  fs::path const file = path_ / "lock";
  lock_ = UniqueFd{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!lock_) throw std::system_error(errno, std::generic_category(), file.string());
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    throw DataPlaneError("another emulator is using " + path_.string());
  }
}

void RootFolder::choose_socket_folder(RunAs const& run_as) {
  sockets_ = path_ / "s";
  std::error_code error;
  fs::remove_all(sockets_, error);
  if (sockets_.native().size() + longest_socket_name.size() > longest_socket_path) {
    std::string pattern = "/tmp/lakebase-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), pattern);
    sockets_ = pattern;
  }
  make_passable_directory(sockets_, run_as);
}

fs::path RootFolder::next_socket_directory() {
  return sockets_ / std::to_string(++socket_directories_);
}

fs::path RootFolder::unfinished() const {
  std::random_device random;
  return branches_ / fmt::format(".unfinished-{:08x}{:08x}", random(), random());
}

void RootFolder::remove_unfinished() const {
  for (fs::directory_entry const& entry : fs::directory_iterator{branches_}) {
    std::error_code error;
    if (entry.path().filename().string().starts_with('.')) fs::remove_all(entry.path(), error);
  }
}

}  // namespace lakebase::emulator
