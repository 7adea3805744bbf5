#include "data_plane/server/process_posix.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "common/computes.hpp"

namespace lakebase::emulator {

/// All that the child needs between fork and exec, when it must not allocate.
struct ChildProcess::Plan {
  ProcessRequest request;
  RunAs run_as;
  std::string program;
  std::vector<std::string> words;
  std::vector<std::string> environment;
  std::vector<char*> argv;
  std::vector<char*> envp;
  Pipe failure;
  pid_t parent = ::getpid();

  Plan(ProcessRequest wanted, RunAs account) : request(std::move(wanted)), run_as(std::move(account)) {
    program = request.program.string();
    words.push_back(request.called.empty() ? program : request.called);
    words.insert(words.end(), request.arguments.begin(), request.arguments.end());
    environment = {"LC_ALL=C.UTF-8", "LANG=C.UTF-8", "TZ=UTC", "HOME=" + request.directory.string()};
    for (char const* name : {"PATH", "LD_LIBRARY_PATH"}) {
      if (char const* value = std::getenv(name)) environment.push_back(std::string{name} + "=" + value);
    }
    for (std::string& word : words) argv.push_back(word.data());
    for (std::string& variable : environment) envp.push_back(variable.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
  }
};

namespace {

// Raw system calls: the C library's functions would signal all threads of the process, and a child of fork has only
// one.
bool become(RunAs const& account) {
  return !account.switches || (::syscall(SYS_setgroups, account.groups.size(), account.groups.data()) == 0 &&
                               ::syscall(SYS_setresgid, account.gid, account.gid, account.gid) == 0 &&
                               ::syscall(SYS_setresuid, account.uid, account.uid, account.uid) == 0);
}

void restore_signals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool redirect(int output) {
  int nowhere = ::open("/dev/null", O_RDWR);
  if (output < 0) output = nowhere;
  return nowhere >= 0 && ::dup2(nowhere, 0) == 0 && ::dup2(output, 1) == 1 && ::dup2(output, 2) == 2;
}

/// Closes all descriptors but the standard streams and `kept`, which exec closes.
void close_others(int kept) {
  if (kept > 3) ::syscall(SYS_close_range, 3U, static_cast<unsigned>(kept - 1), 0U);
  if (::syscall(SYS_close_range, static_cast<unsigned>(kept + 1), ~0U, 0U) == 0) return;
  for (int fd = 3; fd < 4096; ++fd) {
    if (fd != kept) ::close(fd);
  }
}

bool die_with_parent(int death_signal, pid_t parent) {
  if (death_signal == 0) return true;
  // Called after the change of account, which would reset it. The parent may have died before this call.
  return ::prctl(PR_SET_PDEATHSIG, death_signal) == 0 && ::getppid() == parent;
}

}  // namespace

ChildProcess::ChildProcess(ProcessRequest request, RunAs const& run_as) {
  auto plan = std::make_shared<Plan>(std::move(request), run_as);
  // The death signal is sent when the *thread* that forked dies: so that thread stays to wait for the child.
  waiter_.start([this, plan]() mutable {
    launch(*plan);
    auto const ended = std::move(plan->request.ended);
    plan.reset();
    await_end(ended);
  });
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return launched_; });
  if (!failure_.empty()) {
    lock.unlock();
    waiter_.join_all();
    throw DataPlaneError(failure_);
  }
}

ChildProcess::~ChildProcess() {
  signal(SIGKILL);
  waiter_.join_all();
}

void ChildProcess::launch(Plan& plan) {
  pid_t pid = ::fork();
  if (pid == 0) {
    ::setsid();
    restore_signals();
    int failure = plan.failure.write_end.get();
    bool ready = redirect(plan.request.output) && become(plan.run_as) && ::chdir(plan.request.directory.c_str()) == 0 &&
                 die_with_parent(plan.request.death_signal, plan.parent);
    close_others(failure);
    if (ready) ::execve(plan.program.c_str(), plan.argv.data(), plan.envp.data());
    int error = errno;
    [[maybe_unused]] ssize_t written = ::write(failure, &error, sizeof error);
    ::_exit(127);
  }
  int error = pid < 0 ? errno : 0;
  plan.failure.write_end.reset();
  if (pid > 0 && ::read(plan.failure.read_end.get(), &error, sizeof error) <= 0) error = 0;
  if (pid > 0 && error != 0) ::waitpid(pid, nullptr, 0);
  std::lock_guard lock{mutex_};
  if (error != 0) {
    failure_ = fmt::format("cannot run {}: {}", plan.request.program.string(), std::strerror(error));
  } else {
    pid_ = pid;
  }
  launched_ = true;
  changed_.notify_all();
}

void ChildProcess::await_end(std::function<void()> const& ended) {
  if (pid_ < 0) return;
  siginfo_t info{};
  // Waits first and reaps under the lock, so that `signal` never uses a pid that another process has got.
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  {
    std::lock_guard lock{mutex_};
    int status = 0;
    ::waitpid(pid_, &status, 0);
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    changed_.notify_all();
  }
  if (ended) ended();
}

bool ChildProcess::running() const {
  std::lock_guard lock{mutex_};
  return pid_ > 0 && !exit_code_;
}

bool ChildProcess::wait_until(Deadline deadline) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_until(lock, deadline, [this] { return exit_code_.has_value(); });
}

std::optional<int> ChildProcess::exit_code() const {
  std::lock_guard lock{mutex_};
  return exit_code_;
}

void ChildProcess::signal(int number) const {
  std::lock_guard lock{mutex_};
  if (pid_ > 0 && !exit_code_) ::kill(pid_, number);
}

ProcessResult run_process(ProcessRequest request, RunAs const& run_as, Deadline deadline) {
  Pipe output;
  request.output = output.write_end.get();
  request.death_signal = SIGTERM;
  std::string const name = request.program.filename().string();
  ChildProcess child{std::move(request), run_as};
  output.write_end.reset();
  if (!child.wait_until(deadline)) throw DataPlaneError(name + " takes too long and was killed");
  ProcessResult result{child.exit_code().value_or(-1), {}};
  set_blocking(output.read_end.get(), false);
  char buffer[4096];
  ssize_t count = 0;
  while ((count = ::read(output.read_end.get(), buffer, sizeof buffer)) > 0) {
    result.output.append(buffer, static_cast<std::size_t>(count));
  }
  return result;
}

}  // namespace lakebase::emulator
