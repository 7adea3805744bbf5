#include "data_plane/folders/root_folder_posix.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>

#include "common/computes.hpp"
#include "common/random.hpp"
#include "data_plane/folders/account_work_posix.hpp"
#include "data_plane/folders/data_folder_posix.hpp"
#include "data_plane/folders/leftover_processes_posix.hpp"
#include "system/private_file_posix.hpp"
#include "system/socket_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view longest_socket_name = "/123456/.s.PGSQL.5432";
/// The folder for sockets whose paths would be too long, and the file that names it, for the next run.
constexpr std::string_view outer_sockets = "/tmp/lakebase-sockets-";
constexpr char const* outer_sockets_note = "sockets";
constexpr auto leftovers_limit = std::chrono::seconds{5};

bool made(fs::path const& path) {
  if (path.empty()) throw DataPlaneError("the data plane needs a folder for its files");
  return make_own_folder(path);
}

FolderLock locked(fs::path const& path) {
  if (auto lock = FolderLock::take(path)) return std::move(*lock);
  auto const holder = lock_holder(path).value_or(LockHolder{});
  throw DataPlaneError(fmt::format("another emulator is using {}{}", path.string(),
                                   holder.process ? fmt::format(": process {}", *holder.process) : std::string{}));
}

void remove_sockets(fs::path const& folder, RunAs const& run_as) {
  std::error_code error;
  for (fs::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
    remove_account_folder(entry->path(), run_as);
  }
  fs::remove(folder, error);
}

/// In /tmp anybody could have created something of that name by now.
bool is_own_folder(fs::path const& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == ::geteuid();
}

/// Those of an earlier run that was killed.
void remove_outer_sockets(fs::path const& root, RunAs const& run_as) {
  std::string const noted = read_own_file(root / outer_sockets_note);
  if (noted.empty()) return;
  bool const plain = noted.starts_with(outer_sockets) && noted.find('/', outer_sockets.size()) == std::string::npos;
  if (plain && is_own_folder(noted)) remove_sockets(noted, run_as);
  fs::remove(root / outer_sockets_note);
}

/// Servers of a killed emulator stop by themselves, but not at once, and until then their data must not be used.
void end_servers(fs::path const& branch, RunAs const& run_as) try {
  std::error_code error;
  for (fs::directory_iterator entry{branch, error}, end; !error && entry != end; entry.increment(error)) {
    DataFolder const data{entry->path(), run_as};
    std::string const name = branch.filename().string();
    kill_leftover_processes(data.path(), name, run_as, std::chrono::steady_clock::now() + leftovers_limit);
    remove_leftover_shared_memory(data.read(DataFile::process), run_as);
  }
} catch (DataPlaneError const&) {
  // What has become a link is not a server's data.
}

}  // namespace

void scatter_subfolders(fs::path const& folder) noexcept {
  UniqueFd const fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  int flags = 0;
  if (!fd || ::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) != 0) return;
  flags |= FS_TOPDIR_FL;
  ::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags);
}

RootFolder::RootFolder(fs::path const& path, RunAs const& run_as)
    : run_as_(run_as), fresh_(made(path)), path_(fs::canonical(path)), lock_(locked(path_)) {
  branches_ = path_ / "branches";
  images_ = path_ / "images";
  logs_ = path_ / "logs";
  for (fs::path const& folder : {branches_, images_, logs_}) make_own_folder(folder);
  for (fs::path const& folder : {branches_, images_}) scatter_subfolders(folder);
}

RootFolder::~RootFolder() {
  if (sockets_.empty()) return;
  remove_sockets(sockets_, run_as_);
  std::error_code ignored;
  fs::remove(path_ / outer_sockets_note, ignored);
}

void RootFolder::open(std::function<void(std::string const&)> const& log) {
  choose_socket_folder();
  // Clients must be able to read ca.pem; the folders below are for PostgreSQL only.
  if (run_as_.switches || fresh_) let_others_pass(path_);
  for (fs::path const& folder : {branches_, images_, sockets_}) {
    if (run_as_.switches) let_others_pass(folder);
    require_reachable(folder, run_as_);
  }
  remove_unfinished(log);
}

void RootFolder::choose_socket_folder() {
  remove_outer_sockets(path_, run_as_);
  sockets_ = path_ / "s";
  remove_sockets(sockets_, run_as_);
  if (sockets_.native().size() + longest_socket_name.size() <= longest_socket_path) {
    make_own_folder(sockets_);
    return;
  }
  std::string pattern = std::string{outer_sockets} + "XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), pattern);
  sockets_ = pattern;
  write_private_file(path_ / outer_sockets_note, pattern);
}

void remove_root_folder(fs::path const& path, RunAs const& run_as) {
  remove_outer_sockets(path, run_as);
  remove_sockets(path / "s", run_as);
  std::error_code error;
  for (char const* folder : {"branches", "images"}) {
    for (fs::directory_iterator entry{path / folder, error}, end; !error && entry != end; entry.increment(error)) {
      end_servers(entry->path(), run_as);
      remove_account_folder(entry->path(), run_as);
    }
  }
  fs::remove_all(path, error);
}

fs::path RootFolder::next_socket_directory() {
  return sockets_ / std::to_string(++socket_directories_);
}

fs::path RootFolder::unfinished() const {
  return branches_ / fmt::format(".unfinished-{}", random_hex(16));
}

void RootFolder::remove_unfinished(std::function<void(std::string const&)> const& log) const {
  for (fs::directory_entry const& entry : fs::directory_iterator{branches_}) {
    if (!entry.path().filename().string().starts_with('.')) continue;
    end_servers(entry.path(), run_as_);  // A template is made by one.
    if (auto const left = remove_account_folder(entry.path(), run_as_))
      log("left by a branch or an image: " + left->description());
  }
}

}  // namespace lakebase::emulator
