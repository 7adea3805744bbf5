#include "system/private_file_posix.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "system/descriptor_io_posix.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

constexpr mode_t for_owner = S_IRUSR | S_IWUSR;
constexpr mode_t for_everybody = for_owner | S_IRGRP | S_IROTH;
constexpr mode_t group_and_others = S_IRWXG | S_IRWXO;
constexpr std::size_t largest_named_file = 65536;
constexpr std::size_t largest_own_file = std::size_t{1} << 20;

[[noreturn]] void throw_file_error(fs::path const& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

void require_ours(struct stat const& found, fs::path const& path) {
  if (found.st_uid == ::geteuid() || found.st_uid == 0) return;
  throw std::runtime_error(fmt::format(
      "{} belongs to another account (user id {}), which could replace what is in it; give it to the account "
      "that runs the emulator, or choose another place",
      path.string(), found.st_uid));
}

std::string owner_of(struct stat const& facts) try {
  return account_name(facts.st_uid);
} catch (std::exception const&) {
  return fmt::format("user id {}", facts.st_uid);
}

struct OpenFile {
  UniqueFd fd;
  struct stat facts {};
};

/// Without a descriptor if the file does not exist.
OpenFile open_regular(fs::path const& path, int more_flags) {
  OpenFile file;
  // O_NONBLOCK: opening a pipe would wait for its other end.
  file.fd = UniqueFd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | more_flags)};
  if (!file.fd && errno == ENOENT) return file;
  if (!file.fd && errno == ELOOP)
    throw std::runtime_error(fmt::format("{} is a link; it must be a file", path.string()));
  if (!file.fd || ::fstat(file.fd.get(), &file.facts) != 0) throw_file_error(path);
  if (!S_ISREG(file.facts.st_mode)) throw std::runtime_error(fmt::format("{} is not a file", path.string()));
  return file;
}

std::string read_text(int fd, fs::path const& path, std::size_t most) {
  std::string text;
  char buffer[8192];
  for (;;) {
    ssize_t const count = ::read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_file_error(path);
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > most) throw std::runtime_error(fmt::format("{} holds more than {} bytes", path.string(), most));
  }
}

/// Without a descriptor if the file does not exist.
OpenFile open_own(fs::path const& path) {
  OpenFile file = open_regular(path, O_NOFOLLOW);
  if (file.fd) require_ours(file.facts, path);
  return file;
}

void write_text(int fd, std::string_view text, fs::path const& path) {
  if (!write_all(fd, text)) throw_file_error(path);
}

fs::path fresh_name(fs::path path) {
  path += ".new";
  return path;
}

/// How `replace` writes the file.
struct Manner {
  mode_t mode = for_owner;
  bool synced = false;
  WriteStep step = [](std::string_view) {};
};

Manner with_step(Manner manner, WriteStep const& step) {
  if (step) manner.step = step;
  return manner;
}

/// Readable only for its owner from the beginning.
void write_fresh(fs::path const& fresh, std::string_view text, Manner const& manner) {
  ::unlink(fresh.c_str());
  manner.step("open");
  UniqueFd const file{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, for_owner)};
  if (!file) throw_file_error(fresh);
  manner.step("write");
  write_text(file.get(), text, fresh);
  if (manner.mode != for_owner && ::fchmod(file.get(), manner.mode) != 0) throw_file_error(fresh);
  if (!manner.synced) return;
  manner.step("sync");
  if (::fsync(file.get()) != 0) throw_file_error(fresh);
}

void replace(fs::path const& path, std::string_view text, Manner const& manner) {
  auto const fresh = fresh_name(path);
  try {
    write_fresh(fresh, text, manner);
    manner.step("rename");
    if (std::rename(fresh.c_str(), path.c_str()) != 0) throw_file_error(path);
  } catch (...) {
    ::unlink(fresh.c_str());
    throw;
  }
}

void sync_folder_of(fs::path const& file) {
  auto const path = file.has_parent_path() ? file.parent_path() : fs::path{"."};
  UniqueFd const folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder || ::fsync(folder.get()) != 0) throw_file_error(path);
}

}  // namespace

void throw_closed(fs::path const& folder, int error) {
  struct stat facts {};
  std::string const owner = ::stat(folder.c_str(), &facts) == 0 ? owner_of(facts) : std::string{};
  throw std::runtime_error(fmt::format("cannot look into {}: {}{}", folder.string(), std::strerror(error),
                                       owner.empty() ? owner : fmt::format(" (belongs to {})", owner)));
}

bool require_folder_or_nothing(fs::path const& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) throw_closed(path, errno);
    return false;
  }
  if (!S_ISDIR(facts.st_mode)) throw std::runtime_error(fmt::format("{} is no folder", path.string()));
  return true;
}

bool make_own_folder(fs::path const& path) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (!error && ::mkdir(path.c_str(), S_IRWXU) == 0) return true;
  if (!error && errno != EEXIST) error.assign(errno, std::generic_category());
  if (error) throw std::runtime_error(fmt::format("cannot make {}: {}", path.string(), error.message()));
  require_folder_or_nothing(path);
  UniqueFd const folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  struct stat facts {};
  if (!folder || ::fstat(folder.get(), &facts) != 0) throw_file_error(path);
  require_ours(facts, path);
  // If the sticky bit is set, as on /tmp, others cannot replace our files.
  bool const open_to_others = (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (facts.st_mode & S_ISVTX) == 0;
  if (open_to_others && ::fchmod(folder.get(), facts.st_mode & 07777U & ~(S_IWGRP | S_IWOTH)) != 0) {
    throw_file_error(path);
  }
  return false;
}

void let_others_pass(fs::path const& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) throw_file_error(path);
  mode_t const wanted = (facts.st_mode & 07777U) | S_IXUSR | S_IXGRP | S_IXOTH;
  if (wanted != (facts.st_mode & 07777U) && ::chmod(path.c_str(), wanted) != 0) throw_file_error(path);
}

void write_private_file(fs::path const& path, std::string_view text) {
  replace(path, text, {});
}

void write_public_file(fs::path const& path, std::string_view text) {
  replace(path, text, {.mode = for_everybody});
}

void replace_durably(fs::path const& path, std::string_view text, WriteStep const& step) {
  Manner const manner = with_step({.synced = true}, step);
  replace(path, text, manner);
  manner.step("sync folder");
  sync_folder_of(path);
}

PrivateFileEnd::PrivateFileEnd(fs::path path, std::uintmax_t size) : path_(std::move(path)), size_(size) {
  file_ = UniqueFd{::open(path_.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  struct stat facts {};
  if (!file_ || ::fstat(file_.get(), &facts) != 0) throw_file_error(path_);
  if (!S_ISREG(facts.st_mode)) throw std::runtime_error(fmt::format("{} is not a file", path_.string()));
  require_ours(facts, path_);
  auto const found = static_cast<std::uintmax_t>(facts.st_size);
  if (found < size_) throw std::runtime_error(fmt::format("{} was cut by somebody else", path_.string()));
  if (found > size_ && !cut()) throw_file_error(path_);
}

void PrivateFileEnd::write(std::string_view text) {
  write_text(file_.get(), text, path_);
}

void PrivateFileEnd::sync() {
  if (::fsync(file_.get()) != 0) throw_file_error(path_);
}

bool PrivateFileEnd::cut() noexcept {
  return ::ftruncate(file_.get(), static_cast<off_t>(size_)) == 0;
}

void cut_private_file(fs::path const& path, std::uintmax_t size) {
  PrivateFileEnd{path, size}.sync();
}

std::string read_own_file(fs::path const& path) {
  OpenFile const file = open_own(path);
  return file.fd ? read_text(file.fd.get(), path, largest_own_file) : std::string{};
}

std::string read_own_tail(fs::path const& path, std::uintmax_t from, std::size_t most) {
  OpenFile const file = open_own(path);
  auto const size = file.fd ? static_cast<std::uintmax_t>(file.facts.st_size) : 0;
  if (size <= from) return {};
  std::string text(static_cast<std::size_t>(std::min<std::uintmax_t>(size - from, most)), '\0');
  ssize_t const count = ::pread(file.fd.get(), text.data(), text.size(), static_cast<off_t>(size - text.size()));
  if (count < 0) throw_file_error(path);
  text.resize(static_cast<std::size_t>(count));
  return text;
}

std::string read_private_file(fs::path const& path) {
  OpenFile const file = open_own(path);
  if (!file.fd) return {};
  if ((file.facts.st_mode & group_and_others) != 0 && ::fchmod(file.fd.get(), for_owner) != 0) throw_file_error(path);
  return read_text(file.fd.get(), path, std::string{}.max_size());
}

std::string kept_secret(fs::path const& path, std::string const& fresh, WriteStep const& step, SecretLife life) {
  if (std::string kept = read_private_file(path); !kept.empty()) return kept;
  if (life == SecretLife::of_the_disk) {
    replace_durably(path, fresh, step);
  } else {
    replace(path, fresh, with_step({}, step));
  }
  return fresh;
}

UniqueFd open_log(fs::path const& path) {
  constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  UniqueFd log{::open(path.c_str(), flags, for_owner)};
  struct stat facts {};
  if (!log || ::fstat(log.get(), &facts) != 0) throw_file_error(path);
  if (!S_ISREG(facts.st_mode)) throw std::runtime_error(fmt::format("{} is not a file", path.string()));
  return log;
}

NamedFile read_named_file(fs::path const& path) {
  OpenFile const file = open_regular(path, 0);
  if (!file.fd) throw std::runtime_error(fmt::format("{} does not exist", path.string()));
  return {read_text(file.fd.get(), path, largest_named_file), (file.facts.st_mode & (S_IRGRP | S_IROTH)) != 0};
}

}  // namespace lakebase::emulator
