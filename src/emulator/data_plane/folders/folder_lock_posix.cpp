#include "data_plane/folders/folder_lock_posix.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>

#include "system/private_file_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr char const* lock_name = "lock";
constexpr int lock_flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
/// How long to wait for a process to note its id, which it does directly after it has locked the file.
constexpr int looks = 20;
constexpr auto pause_between_looks = 5ms;

// For a lock that belongs to an open file and not to a process: no other thread can release it, and testing it does not
// take it.
struct flock whole_file() {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  return range;
}

bool lock(int file) {
  auto range = whole_file();
  struct stat facts {};
  // Whoever removes a folder holds its lock meanwhile; what we have locked then is a file without a name.
  return ::fcntl(file, F_OFD_SETLK, &range) == 0 && ::fstat(file, &facts) == 0 && facts.st_nlink > 0;
}

void note_process(int file) {
  std::string const text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file, 0) == 0) static_cast<void>(::pwrite(file, text.data(), text.size(), 0));
}

bool is_locked(int file) {
  auto range = whole_file();
  return ::fcntl(file, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

std::optional<pid_t> noted_process(int file) {
  std::array<char, 32> text{};
  ssize_t const size = ::pread(file, text.data(), text.size(), 0);
  pid_t process = 0;
  if (size <= 0 || std::from_chars(text.data(), text.data() + size, process).ec != std::errc{}) return std::nullopt;
  return process > 0 ? std::optional{process} : std::nullopt;
}

/// Whether the process has the file open, as the lock's holder does, and not another one that has got its id since.
bool has_open(pid_t process, int file) {
  struct stat wanted {};
  if (::fstat(file, &wanted) != 0) return false;
  std::error_code error;
  fs::path const folder = fs::path{"/proc"} / std::to_string(process) / "fd";
  for (fs::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
    struct stat facts {};
    bool const there = ::stat(entry->path().c_str(), &facts) == 0;
    if (there && facts.st_dev == wanted.st_dev && facts.st_ino == wanted.st_ino) return true;
  }
  return false;
}

}  // namespace

std::optional<FolderLock> FolderLock::take(fs::path const& folder) {
  fs::path const path = folder / lock_name;
  UniqueFd file{::open(path.c_str(), O_RDWR | O_CREAT | lock_flags, S_IRUSR | S_IWUSR)};
  if (!file) throw std::system_error(errno, std::generic_category(), path.string());
  if (!lock(file.get())) return std::nullopt;
  note_process(file.get());
  return FolderLock{std::move(file)};
}

std::optional<FolderLock> FolderLock::take_existing(int folder) {
  UniqueFd file{::openat(folder, lock_name, O_RDWR | lock_flags)};
  struct stat facts {};
  bool const ours = file && ::fstat(file.get(), &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_uid == ::geteuid();
  if (!ours || !lock(file.get())) return std::nullopt;
  return FolderLock{std::move(file)};
}

std::optional<LockHolder> lock_holder(fs::path const& folder) {
  UniqueFd const file{::open((folder / lock_name).c_str(), O_RDONLY | lock_flags)};
  if (!file && errno != ENOENT && errno != ENOTDIR) throw_closed(folder, errno);
  if (!file) require_folder_or_nothing(folder);
  for (int look = 0; file && is_locked(file.get()); ++look) {
    auto const process = noted_process(file.get());
    if (process && has_open(*process, file.get())) return LockHolder{process};
    if (look == looks) return LockHolder{};
    std::this_thread::sleep_for(pause_between_looks);
  }
  return std::nullopt;
}

}  // namespace lakebase::emulator
