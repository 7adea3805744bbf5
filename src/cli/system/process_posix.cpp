#include "cli/system/process_posix.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "cli/base/failure.hpp"
#include "cli/system/streams_posix.hpp"

extern char** environ;

namespace lakebase::cli {
namespace {

constexpr std::size_t kept_errors = 65536;
constexpr int not_found = 127;
constexpr int cannot_run = 126;

std::vector<std::string> with(Variables const& variables) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string const text = *entry;
    if (!variables.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (auto const& [name, value] : variables) {
    if (value) all.push_back(name + '=' + *value);
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

[[noreturn]] void refuse(std::string const& program, int error, int status = 1) {
  throw Failure{
      fmt::format("cannot run {}: {}", program,
                  error == ENOENT ? "there is no such program on the PATH" : std::generic_category().message(error)),
      status};
}

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (int const number : signals) ::sigaddset(&set, number);
  return set;
}

/// While it lives, signals of the terminal do not end this process: they are for the program that runs in it.
class TerminalSignalsIgnored {
 public:
  TerminalSignalsIgnored() : interrupt_(::signal(SIGINT, SIG_IGN)), quit_(::signal(SIGQUIT, SIG_IGN)) {}
  ~TerminalSignalsIgnored() {
    ::signal(SIGINT, interrupt_);
    ::signal(SIGQUIT, quit_);
  }
  TerminalSignalsIgnored(TerminalSignalsIgnored const&) = delete;
  TerminalSignalsIgnored& operator=(TerminalSignalsIgnored const&) = delete;

 private:
  void (*interrupt_)(int);
  void (*quit_)(int);
};

class SpawnAttributes {
 public:
  SpawnAttributes() {
    ::posix_spawnattr_init(&attributes);
    auto const none = set_of({});
    auto const own = set_of({SIGINT, SIGQUIT, SIGPIPE});
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &own);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawn_file_actions_init(&actions);
  }
  ~SpawnAttributes() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnAttributes(SpawnAttributes const&) = delete;
  SpawnAttributes& operator=(SpawnAttributes const&) = delete;

  posix_spawnattr_t attributes{};
  posix_spawn_file_actions_t actions{};
};

/// Keeps the end of what a program writes to standard error until it closes it, and shows it if that is wanted.
void keep_errors(int from, std::string& errors, bool is_shown) {
  std::array<char, 4096> buffer;
  while (true) {
    auto const count = ::read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    std::string_view const text{buffer.data(), static_cast<std::size_t>(count)};
    if (is_shown) write(Stream::error, text);
    errors += text;
    if (errors.size() > 2 * kept_errors) errors.erase(0, errors.size() - kept_errors);
  }
}

int wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

void change_environment(bool (*is_unwanted)(std::string_view name), Variables const& variables) {
  std::vector<std::string> unwanted;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view const text = *entry;
    if (auto const name = text.substr(0, text.find('=')); is_unwanted(name)) unwanted.emplace_back(name);
  }
  for (auto const& name : unwanted) ::unsetenv(name.c_str());
  for (auto const& [name, value] : variables) {
    if (value) ::setenv(name.c_str(), value->c_str(), 1);
  }
}

int run(std::vector<std::string> command, Variables const& variables, std::string* errors) {
  auto environment = with(variables);
  auto const argv = pointers(command);
  auto const envp = pointers(environment);
  SpawnAttributes spawn;
  std::optional<Channel> channel;
  if (errors != nullptr) ::posix_spawn_file_actions_adddup2(&spawn.actions, channel.emplace().writing(), 2);
  TerminalSignalsIgnored const ignored;
  pid_t process = 0;
  int const error = ::posix_spawnp(&process, argv[0], &spawn.actions, &spawn.attributes, argv.data(), envp.data());
  if (errors != nullptr) {
    channel->close_writing();
    if (error == 0) keep_errors(channel->reading(), *errors, true);
  }
  if (error != 0) refuse(command[0], error);
  return wait_for(process);
}

Ended capture(std::vector<std::string> command, Variables const& variables, std::string& out,
              std::stop_token const& stop) {
  Channel channel;
  Program program{std::move(command), variables, -1, channel.writing()};
  std::stop_callback const ends_it{stop, [&] { program.end(); }};
  channel.close_writing();
  std::array<char, 4096> buffer;
  while (true) {
    auto const count = ::read(channel.reading(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return program.wait();
}

Channel::Channel() {
  if (::pipe(ends_.data()) != 0) throw Failure{"cannot make a pipe: " + std::generic_category().message(errno)};
  for (int const end : ends_) ::fcntl(end, F_SETFD, FD_CLOEXEC);
}

Channel::~Channel() {
  close_reading();
  close_writing();
}

void Channel::close(std::size_t end) {
  if (int const descriptor = std::exchange(ends_[end], -1); descriptor >= 0) ::close(descriptor);
}

Program::Program(std::vector<std::string> command, Variables const& variables, int in, int out) {
  auto environment = with(variables);
  auto const argv = pointers(command);
  auto const envp = pointers(environment);
  SpawnAttributes spawn;
  ::posix_spawnattr_setflags(&spawn.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  ::posix_spawnattr_setpgroup(&spawn.attributes, 0);
  Channel errors;
  for (auto const& [given, own, flags] : {std::tuple{in, STDIN_FILENO, O_RDONLY}, {out, STDOUT_FILENO, O_WRONLY}}) {
    if (given >= 0) {
      ::posix_spawn_file_actions_adddup2(&spawn.actions, given, own);
    } else {
      ::posix_spawn_file_actions_addopen(&spawn.actions, own, "/dev/null", flags, 0);
    }
  }
  ::posix_spawn_file_actions_adddup2(&spawn.actions, errors.writing(), STDERR_FILENO);
  pid_t process = 0;
  int const error = ::posix_spawnp(&process, argv[0], &spawn.actions, &spawn.attributes, argv.data(), envp.data());
  if (error != 0) refuse(command[0], error);
  process_ = process;
  errors.close_writing();
  reading_ = std::thread{[this, from = errors.release_reading()] {
    keep_errors(from, ended_.errors, false);
    ::close(from);
  }};
}

Program::~Program() {
  end();
  wait();
}

void Program::end() {
  std::lock_guard const lock{mutex_};
  if (process_ != 0) ::kill(process_, SIGTERM);
}

Ended Program::wait() {
  if (!reading_.joinable()) return ended_;
  reading_.join();  // at its end, but for one that closes its standard error before
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  // Its number is free for others as soon as it is collected.
  std::lock_guard const lock{mutex_};
  ended_.status = wait_for(std::exchange(process_, 0));
  return ended_;
}

void become(std::vector<std::string> command, Variables const& variables) {
  auto environment = with(variables);
  auto argv = pointers(command);
  auto envp = pointers(environment);
  ::signal(SIGPIPE, SIG_DFL);
  auto* const own = environ;
  environ = envp.data();
  ::execvp(argv[0], argv.data());
  int const error = errno;
  environ = own;
  refuse(command[0], error, error == ENOENT ? not_found : cannot_run);
}

}  // namespace lakebase::cli
