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

#include "data_plane/account_work_posix.hpp"
#include "data_plane/data_plane.hpp"
#include "data_plane/private_file_posix.hpp"
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

RootFolder::RootFolder(fs::path const& path, RunAs const& run_as) : run_as_(run_as) {
  if (path.empty()) throw DataPlaneError("the data plane needs a folder for its files");
  fresh_ = make_own_folder(path);
  path_ = fs::canonical(path);
  lock();
  branches_ = path_ / "branches";
  logs_ = path_ / "logs";
  make_own_folder(branches_);
  make_own_folder(logs_);
  scatter_subfolders(branches_);
}

RootFolder::~RootFolder() {
  remove_sockets();
}

void RootFolder::open() {
  choose_socket_folder();
  // Whoever shall trust the certificates must reach ca.pem; the folders below are PostgreSQL's way only.
  if (run_as_.switches || fresh_) let_others_pass(path_);
  for (fs::path const& folder : {branches_, sockets_}) {
    if (run_as_.switches) let_others_pass(folder);
    require_reachable(folder, run_as_);
  }
  remove_unfinished();
}

void RootFolder::lock() {
  fs::path const file = path_ / "lock";
  constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  lock_ = UniqueFd{::open(file.c_str(), flags, 0600)};
  if (!lock_) throw std::system_error(errno, std::generic_category(), file.string());
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    throw DataPlaneError("another emulator is using " + path_.string());
  }
}

void RootFolder::choose_socket_folder() {
  sockets_ = path_ / "s";
  remove_sockets();
  if (sockets_.native().size() + longest_socket_name.size() <= longest_socket_path) {
    make_own_folder(sockets_);
    return;
  }
  std::string pattern = "/tmp/lakebase-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), pattern);
  sockets_ = pattern;
}

void RootFolder::remove_sockets() const {
  std::error_code error;
  if (sockets_.empty()) return;
  for (fs::directory_iterator entry{sockets_, error}, end; !error && entry != end; entry.increment(error)) {
    remove_account_folder(entry->path(), run_as_);
  }
  fs::remove(sockets_, error);
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
    if (entry.path().filename().string().starts_with('.')) remove_account_folder(entry.path(), run_as_);
  }
}

}  // namespace lakebase::emulator
