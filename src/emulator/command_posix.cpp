#include "command_posix.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <string_view>
#include <thread>

#include <fmt/format.h>

namespace lakebase::emulator {
namespace {

constexpr int not_found = 127;
constexpr int cannot_run = 126;

/// Variables that would make a client use another server or another identity.
bool names_another_place(std::string_view variable) {
  constexpr std::array<std::string_view, 7> names = {
      "GOOGLE_CREDENTIALS=", "LAKEBASE_ENDPOINT=", "ENDPOINT_NAME=",         "LAKEBASE_PG_URL=",
      "LAKEBASE_HOST=",      "LAKEBASE_USERNAME=", "LAKEBASE_DATABASE_NAME="};
  constexpr std::array<std::string_view, 3> families = {"DATABRICKS_", "ARM_", "PG"};
  auto const starts = [&](std::string_view start) { return variable.starts_with(start); };
  return std::any_of(names.begin(), names.end(), starts) || std::any_of(families.begin(), families.end(), starts);
}

std::vector<std::string> variables_with(Environment const& environment) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!names_another_place(*entry)) variables.emplace_back(*entry);
  }
  for (auto const& [name, value] : environment) variables.push_back(name + "=" + value);
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Returns the error, or 0.
int spawn(pid_t& process, std::vector<std::string> command, std::vector<std::string> variables) {
  auto const argv = pointers_to(command);
  auto const envp = pointers_to(variables);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  int const error = ::posix_spawnp(&process, argv[0], nullptr, &attributes, argv.data(), envp.data());
  ::posix_spawnattr_destroy(&attributes);
  return error;
}

/// Leaves all signals to the other threads: while this one waits for a process, ThreadSanitizer delivers none to it.
class SignalsElsewhere {
 public:
  SignalsElsewhere() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsElsewhere(SignalsElsewhere const&) = delete;
  SignalsElsewhere& operator=(SignalsElsewhere const&) = delete;
  ~SignalsElsewhere() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

/// Passes signals on while the command runs. Reaps it under the lock, so that its process id is not reused before.
class Messenger {
 public:
  Messenger(pid_t process, Termination const& termination) : process_(process), termination_(termination) {}
  Messenger(Messenger const&) = delete;
  Messenger& operator=(Messenger const&) = delete;
  ~Messenger() {
    termination_.end_waiting();
    thread_.join();
  }
  int await_end() {
    SignalsElsewhere const elsewhere;
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    std::lock_guard const lock{mutex_};
    has_ended_ = true;
    int status = 0;
    ::waitpid(process_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  void pass_on() {
    for (Signal signal = termination_.wait(); signal.number != 0; signal = termination_.wait()) {
      std::lock_guard const lock{mutex_};
      if (!has_ended_ && !signal.from_terminal) ::kill(process_, signal.number);
    }
  }

  pid_t process_;
  Termination const& termination_;
  std::mutex mutex_;
  bool has_ended_ = false;
  std::thread thread_{[this] { pass_on(); }};
};

}  // namespace

int run_command(std::vector<std::string> command, Environment const& environment, Termination const& termination) {
  pid_t process = 0;
  if (int const error = spawn(process, command, variables_with(environment)); error != 0) {
    fmt::print(stderr, "lakebase-emulator: {}: {}\n", command[0],
               error == ENOENT ? "command not found" : std::strerror(error));
    return error == ENOENT ? not_found : cannot_run;
  }
  Messenger messenger{process, termination};
  return messenger.await_end();
}

}  // namespace lakebase::emulator
