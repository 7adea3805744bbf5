#include "durable_file_posix.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "data_plane/unique_fd_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_errno(fs::path const& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

void write_all(int file, std::string_view text, fs::path const& path) {
  while (!text.empty()) {
    auto const count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(path);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void write_fresh(fs::path const& fresh, std::string_view text, WriteStep const& step) {
  ::unlink(fresh.c_str());
  step("open");
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd const file{::open(fresh.c_str(), flags, S_IRUSR | S_IWUSR)};
  if (!file) throw_errno(fresh);
  step("write");
  write_all(file.get(), text, fresh);
  step("sync");
  if (::fsync(file.get()) != 0) throw_errno(fresh);
}

void sync_folder(fs::path const& file) {
  auto const path = file.has_parent_path() ? file.parent_path() : fs::path{"."};
  UniqueFd const folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder || ::fsync(folder.get()) != 0) throw_errno(path);
}

void rename_file(fs::path const& from, fs::path const& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) throw_errno(to);
}

// As well as it can be done.
void put_back(fs::path const& file, fs::path const& fresh, std::string_view before) noexcept {
  try {
    if (before.empty()) {
      ::unlink(file.c_str());
      return;
    }
    write_fresh(fresh, before, [](std::string_view) {});
    rename_file(fresh, file);
  } catch (std::exception const&) {
    // Then the disk holds the new text, or will: there is nothing more to be done about it.
  }
}

}  // namespace

void replace_durably(fs::path const& file, std::string_view text, std::string_view before, WriteStep const& wanted) {
  WriteStep const step = wanted ? wanted : [](std::string_view) {};
  fs::path fresh = file;
  fresh += ".new";
  bool renamed = false;
  try {
    write_fresh(fresh, text, step);
    step("rename");
    rename_file(fresh, file);
    renamed = true;
    step("sync folder");
    sync_folder(file);
  } catch (...) {
    if (renamed) put_back(file, fresh, before);
    ::unlink(fresh.c_str());
    throw;
  }
}

}  // namespace lakebase::emulator
