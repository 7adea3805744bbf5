#include "own_folder_posix.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/random.hpp"
#include "data_plane/folders/root_folder_posix.hpp"
#include "folder_contents.hpp"
#include "system/private_file_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view temporary_prefix = "lakebase-emulator-";
constexpr std::size_t temporary_digits = 12;
constexpr int most_names_tried = 16;

/// What has determined the temporary folder, in the order of std::filesystem.
std::string temporary_choice() {
  for (char const* const name : {"TMPDIR", "TMP", "TEMP", "TEMPDIR"}) {
    if (char const* const value = std::getenv(name)) return fmt::format("{} is '{}'", name, value);
  }
  return "TMPDIR is not set, and '/tmp'";
}

[[noreturn]] void throw_no_temporary(std::string_view why) {
  throw std::runtime_error(
      fmt::format("cannot create a temporary folder: {}{}; set TMPDIR to a folder that this account can write in",
                  temporary_choice(), why));
}

fs::path temporary_folder() {
  std::error_code error;
  fs::path folder = fs::temp_directory_path(error);
  if (error) throw_no_temporary(", which is no folder");
  return folder;
}

bool make_temporary_folder(fs::path const& path) try {
  return make_own_folder(path);
} catch (std::exception const& error) {
  throw_no_temporary(fmt::format(": {}", error.what()));
}

bool is_temporary_name(std::string_view name) {
  return name.starts_with(temporary_prefix) && name.size() == temporary_prefix.size() + temporary_digits &&
         name.find_first_not_of("0123456789abcdef", temporary_prefix.size()) == name.npos;
}

/// Removes a folder of this account that has a lock which nobody holds: the emulator that created it was killed.
void remove_if_left(fs::path const& path, RunAs const& run_as) try {
  UniqueFd const folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  struct stat facts {};
  if (!folder || ::fstat(folder.get(), &facts) != 0 || facts.st_uid != ::geteuid()) return;
  auto const lock = FolderLock::take_existing(folder.get());
  if (!lock) return;
  remove_root_folder(path / "postgres", run_as);
  std::error_code ignored;
  fs::remove_all(path, ignored);
} catch (std::exception const&) {
  // It stays for the next start; this one does not need it.
}

void remove_left_folders(fs::path const& temporary) {
  RunAs const run_as = RunAs::choose();
  std::error_code error;
  for (fs::directory_iterator entry{temporary, error}, end; !error && entry != end; entry.increment(error)) {
    if (is_temporary_name(entry->path().filename().string())) remove_if_left(entry->path(), run_as);
  }
}

}  // namespace

OwnFolder::OwnFolder(std::optional<fs::path> const& wanted) : is_temporary_(!wanted) {
  if (wanted) {
    take(fs::absolute(*wanted));
  } else {
    remove_left_folders(temporary_folder());
    make_temporary();
  }
  std::error_code ignored;
  fs::remove(path_ / environment_file, ignored);
}

OwnFolder::~OwnFolder() {
  std::error_code ignored;
  fs::remove(path_ / environment_file, ignored);
  if (is_temporary_) fs::remove_all(path_, ignored);
}

void OwnFolder::make_temporary() {
  for (int attempt = 0; !lock_ && attempt < most_names_tried; ++attempt) {
    path_ = temporary_folder() / fmt::format("{}{}", temporary_prefix, random_hex(temporary_digits));
    if (!make_temporary_folder(path_)) continue;
    // None: another emulator that is starting has taken it for a leftover.
    lock_ = FolderLock::take(path_);
  }
  if (!lock_)
    throw std::runtime_error(fmt::format("cannot create a temporary folder; the last attempt was {}", path_.string()));
}

void OwnFolder::take(fs::path const& wanted) {
  path_ = wanted;
  require_no_strangers(path_);
  make_own_folder(path_);
  lock_ = FolderLock::take(path_);
  if (lock_) return;
  auto const holder = lock_holder(path_).value_or(LockHolder{});
  throw std::runtime_error(fmt::format("another emulator is using {}{}: stop it, or choose another folder",
                                       path_.string(),
                                       holder.process ? fmt::format(" (process {})", *holder.process) : std::string{}));
}

void OwnFolder::open() const {
  let_others_pass(path_);
}

Ports kept_ports(fs::path const& folder) {
  Ports ports;
  std::istringstream lines{read_own_file(folder / ports_file)};
  std::string name;
  for (std::uint16_t port = 0; lines >> name >> port;) {
    if (name == "http") ports.http = port;
    if (name == "postgres") ports.postgres = port;
  }
  return ports;
}

void keep_ports(fs::path const& folder, Ports const& ports) {
  std::string text;
  if (ports.http) text += fmt::format("http {}\n", *ports.http);
  if (ports.postgres) text += fmt::format("postgres {}\n", *ports.postgres);
  write_private_file(folder / ports_file, text);
}

std::uint64_t count_seeded_run(fs::path const& folder) {
  std::uint64_t runs = 0;
  std::istringstream{read_own_file(folder / seed_file)} >> runs;
  replace_durably(folder / seed_file, fmt::format("{}\n", ++runs));
  return runs;
}

std::shared_ptr<Timekeeper> kept_time(fs::path const& folder) {
  fs::path const file = folder / clock_file;
  std::vector<Jump> jumps;
  std::istringstream lines{read_own_file(file)};
  for (std::string line; std::getline(lines, line);) {
    TimePoint::rep machine = 0;
    Duration::rep ahead = 0;
    std::istringstream words{line};
    if (!(words >> machine >> ahead)) {
      throw std::runtime_error(
          fmt::format("{} holds '{}', which is no move of the time: remove the file, to go by the machine's clock",
                      file.string(), line));
    }
    jumps.push_back({TimePoint{Duration{machine}}, Duration{ahead}});
  }
  return std::make_shared<Timekeeper>(system_time, std::move(jumps), [file](std::vector<Jump> const& all) {
    std::string text;
    for (auto const& [machine, ahead] : all) {
      text += fmt::format("{} {}\n", machine.time_since_epoch().count(), ahead.count());
    }
    replace_durably(file, text);
  });
}

}  // namespace lakebase::emulator
