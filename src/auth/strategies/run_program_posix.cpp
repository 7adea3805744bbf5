#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <optional>

#include <lakebase/clock.hpp>

#include "auth/strategies/run_program.hpp"
#include "base/after.hpp"
#include "base/file_descriptor_posix.hpp"
#include "base/poll_posix.hpp"

extern char** environ;  // POSIX declares it nowhere

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using SteadyClock = std::chrono::steady_clock;
using Ending = ProgramResult::Ending;

constexpr std::size_t most_output = std::size_t{4} << 20U;

// How the program starts: with its own streams, and nothing of this process but the environment.
class SpawnPlan {
 public:
  SpawnPlan(int output, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setpgroup(&attributes_, 0);  // a group of its own, so that all of it can be ended
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(SpawnPlan const&) = delete;
  SpawnPlan& operator=(SpawnPlan const&) = delete;

  std::optional<pid_t> start(std::vector<std::string> const& arguments) const {
    std::vector<char*> argv;
    for (auto const& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    pid_t process = 0;
    if (posix_spawnp(&process, argv[0], &actions_, &attributes_, argv.data(), environ) != 0) return std::nullopt;
    return process;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// False at the end of the stream.
bool read_some(int file, std::string& text) {
  std::array<char, 4096> buffer;
  auto const size = read(file, buffer.data(), buffer.size());
  if (size > 0 && text.size() < most_output) text.append(buffer.data(), static_cast<std::size_t>(size));
  return size > 0 || (size < 0 && (errno == EINTR || errno == EAGAIN));
}

Ending collect(FileDescriptor& output, FileDescriptor& errors, Poller& poller, SteadyClock::time_point deadline,
               std::stop_token const& stop, ProgramResult& result) {
  while (output.get() >= 0 || errors.get() >= 0) {
    std::array<pollfd, 3> files{{{}, {output.get(), POLLIN, 0}, {errors.get(), POLLIN, 0}}};
    auto const outcome = poller.wait(files, deadline, stop);
    if (outcome == PollOutcome::stopped) return Ending::stopped;
    if (outcome == PollOutcome::timeout) return Ending::timed_out;
    if (files[1].revents != 0 && !read_some(output.get(), result.output)) output.close();
    if (files[2].revents != 0 && !read_some(errors.get(), result.errors)) errors.close();
  }
  return Ending::exited;
}

// None if it still runs and `flags` say not to wait.
std::optional<int> exit_code_of(pid_t process, int flags) {
  for (;;) {
    int status = 0;
    auto const found = waitpid(process, &status, flags);
    if (found > 0) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (found == 0) return std::nullopt;
    // This process ignores SIGCHLD, so the status is lost: then the output has to tell.
    if (errno != EINTR) return 0;
  }
}

// A program may close its streams and run on. After that, only a look tells whether it has ended.
Ending wait_for_exit(pid_t process, SteadyClock::time_point deadline, std::stop_token const& stop, int& exit_code) {
  constexpr std::chrono::nanoseconds longest = std::chrono::milliseconds{50};
  auto const clock = make_system_clock();
  for (std::chrono::nanoseconds pause = std::chrono::milliseconds{1};; pause = std::min(pause * 2, longest)) {
    if (auto const code = exit_code_of(process, WNOHANG)) {
      exit_code = *code;
      return Ending::exited;
    }
    auto const now = SteadyClock::now();
    if (now >= deadline) return Ending::timed_out;
    if (!clock->sleep_until(std::min(after(now, pause), deadline), stop)) return Ending::stopped;
  }
}

}  // namespace

ProgramResult run_program(std::vector<std::string> const& arguments, std::chrono::nanoseconds limit,
                          std::stop_token const& stop) {
  auto const deadline = after(SteadyClock::now(), limit);
  ProgramResult result;
  Pipe output;
  Pipe errors;
  Poller poller;
  if (!output.is_open() || !errors.is_open() || !poller.open()) return {.ending = Ending::not_started};
  auto const process = SpawnPlan{output.write_end.get(), errors.write_end.get()}.start(arguments);
  if (!process) return {.ending = Ending::not_started};
  output.write_end.close();
  errors.write_end.close();
  result.ending = collect(output.read_end, errors.read_end, poller, deadline, stop, result);
  if (result.ending == Ending::exited) result.ending = wait_for_exit(*process, deadline, stop, result.exit_code);
  if (result.ending == Ending::exited) return result;
  kill(-*process, SIGKILL);
  result.exit_code = exit_code_of(*process, 0).value_or(0);
  return result;
}

void start_program(std::vector<std::string> arguments) {
  // The shell ends at once and the program becomes a child of init, so that this process has no child left to wait for.
  std::vector<std::string> detached{"/bin/sh", "-c", R"("$@" </dev/null >/dev/null 2>&1 &)", "sh"};
  detached.insert(detached.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
  run_program(detached, std::chrono::seconds{10}, {});
}

bool is_executable(std::string const& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

std::string find_program(std::string const& name, std::string const& path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    auto const end = std::min(path.find(':', begin), path.size());
    auto const file = path.substr(begin, end - begin) + '/' + name;
    if (end > begin && is_executable(file)) return file;
    begin = end + 1;
  }
  return {};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
