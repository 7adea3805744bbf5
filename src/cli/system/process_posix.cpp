#include "cli/system/process_posix.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

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

[[noreturn]] void refuse(std::string const& program, int error) {
  throw Failure{
      fmt::format("cannot run {}: {}", program,
                  error == ENOENT ? "there is no such program on the PATH" : std::generic_category().message(error)),
      error == ENOENT ? not_found : cannot_run};
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

/// Passes on what the program writes to standard error until it closes it.
void copy_errors(int from, std::string& errors) {
  std::array<char, 4096> buffer;
  while (true) {
    auto const count = ::read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    std::string_view const text{buffer.data(), static_cast<std::size_t>(count)};
    write(Stream::error, text);
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

int run(std::vector<std::string> command, Variables const& variables, std::string* errors) {
  auto environment = with(variables);
  auto const argv = pointers(command);
  auto const envp = pointers(environment);
  SpawnAttributes spawn;
  std::array<int, 2> ends{-1, -1};
  if (errors != nullptr) {
    if (::pipe(ends.data()) != 0) refuse(command[0], errno);
    for (int const end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::posix_spawn_file_actions_adddup2(&spawn.actions, ends[1], 2);
  }
  TerminalSignalsIgnored const ignored;
  pid_t process = 0;
  int const error = ::posix_spawnp(&process, argv[0], &spawn.actions, &spawn.attributes, argv.data(), envp.data());
  if (errors != nullptr) {
    ::close(ends[1]);
    if (error == 0) copy_errors(ends[0], *errors);
    ::close(ends[0]);
  }
  if (error != 0) refuse(command[0], error);
  return wait_for(process);
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
  refuse(command[0], error);
}

}  // namespace lakebase::cli
