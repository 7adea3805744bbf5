#include "background_posix.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "data_plane/folders/folder_lock_posix.hpp"
#include "folder_contents.hpp"
#include "system/descriptor_io_posix.hpp"
#include "system/private_file_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr off_t longest_kept_log = 8 * 1024 * 1024;
constexpr std::size_t most_shown_of_log = 2000;
/// After a kill, an emulator may have to recover its servers' data.
constexpr auto start_limit = 90s;
constexpr auto stop_limit = 15s;
constexpr auto exit_limit = 200ms;
constexpr auto pause = 10ms;

[[noreturn]] void throw_errno(char const* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// In the child, which has one thread: detaches it from the terminal, and from pipes whose end somebody waits for.
void settle_in_background(int log, int kept) {
  ::setsid();
  int const nowhere = ::open("/dev/null", O_RDONLY);
  if (nowhere < 0 || ::dup2(nowhere, 0) < 0 || ::dup2(log, 1) < 0 || ::dup2(log, 2) < 0) ::_exit(1);
  if (kept > 3) ::syscall(SYS_close_range, 3U, static_cast<unsigned>(kept - 1), 0U);
  ::syscall(SYS_close_range, static_cast<unsigned>(kept + 1), ~0U, 0U);
}

std::string end_of_log(fs::path const& path, off_t from) {
  std::string text = read_own_tail(path, static_cast<std::uintmax_t>(from), most_shown_of_log);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// Waits while another process starts the same emulator, or while it stops.
Background await_start(fs::path const& folder) {
  auto const deadline = Clock::now() + start_limit;
  for (auto found = look_for(folder); Clock::now() < deadline; found = look_for(folder)) {
    if (found.state != Background::State::starting) return found;
    std::this_thread::sleep_for(pause);
  }
  throw std::runtime_error(fmt::format("the emulator in {} takes too long to start", folder.string()));
}

/// The lock is free a moment before the process is gone. Not for long: if nobody collects it, it never is.
void await_exit(pid_t process) {
  auto const deadline = Clock::now() + exit_limit;
  while (::kill(process, 0) == 0 && Clock::now() < deadline) std::this_thread::sleep_for(pause);
}

struct Log {
  UniqueFd file;
  off_t size = 0;
};

Log log_of_next_life(fs::path const& path) {
  Log log{open_log(path)};
  struct stat facts {};
  if (::fstat(log.file.get(), &facts) != 0) throw_errno("fstat");
  log.size = facts.st_size;
  if (log.size > longest_kept_log && ::ftruncate(log.file.get(), 0) == 0) log.size = 0;
  return log;
}

}  // namespace

Background look_for(fs::path const& folder) {
  auto const holder = lock_holder(folder);
  if (!holder) return {};
  Background found{Background::State::starting, holder->process ? std::to_string(*holder->process) : "", {}};
  found.exports = read_own_file(folder / environment_file);
  if (!found.exports.empty()) found.state = Background::State::serving;
  return found;
}

void make_data_folder(fs::path const& folder) {
  require_no_strangers(folder);
  make_own_folder(folder);
}

Background start_in_background(fs::path const& folder,
                               std::function<int(std::function<void()> const& serving)> const& serve) {
  if (auto const found = await_start(folder); found.state == Background::State::serving) return found;
  fs::path const log_path = folder / log_file;
  Log const log = log_of_next_life(log_path);
  Pipe word;
  pid_t const child = ::fork();
  if (child < 0) throw_errno("fork");
  if (child == 0) {
    settle_in_background(log.file.get(), word.write_end.get());
    ::_exit(serve([&] {
      static_cast<void>(::write(word.write_end.get(), "", 1));
      word.write_end.reset();
    }));
  }
  word.write_end.reset();
  // The child writes a byte when it serves, and none if it ends before.
  if (unsigned char byte = 0; !read_byte(word.read_end.get(), byte)) {
    ::waitpid(child, nullptr, 0);
    // Another process may have started it first.
    if (auto const found = await_start(folder); found.state == Background::State::serving) return found;
    throw std::runtime_error(
        fmt::format("the emulator did not start; {} says:\n{}", log_path.string(), end_of_log(log_path, log.size)));
  }
  return look_for(folder);
}

bool stop_background(fs::path const& folder) {
  auto const holder = lock_holder(folder);
  if (!holder) return false;
  if (!holder->process) {
    throw std::runtime_error(
        fmt::format("an emulator uses {}, but its process cannot be determined: repeat this as its "
                    "account",
                    folder.string()));
  }
  if (::kill(*holder->process, SIGTERM) != 0 && errno != ESRCH) {
    throw std::runtime_error(fmt::format("process {}, which serves {}, cannot be stopped: {}", *holder->process,
                                         folder.string(), std::strerror(errno)));
  }
  auto const deadline = Clock::now() + stop_limit;
  for (auto now = holder; now && now->process == holder->process; now = lock_holder(folder)) {
    if (Clock::now() >= deadline) {
      throw std::runtime_error(
          fmt::format("process {}, which serves {}, does not stop", *holder->process, folder.string()));
    }
    std::this_thread::sleep_for(pause);
  }
  await_exit(*holder->process);
  return true;
}

}  // namespace lakebase::emulator
