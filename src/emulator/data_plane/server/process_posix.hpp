#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "system/descriptor_io_posix.hpp"
#include "system/run_as_posix.hpp"
#include "system/socket_posix.hpp"
#include "system/thread_group_posix.hpp"

namespace lakebase::emulator {

struct ProcessRequest {
  std::filesystem::path program;
  std::vector<std::string> arguments;  ///< Without the program's name.
  std::filesystem::path directory;     ///< The child's working directory: ours may be closed to the other account.
  int output = -1;                     ///< Receives standard output and standard error; -1: they are discarded.
  int death_signal = 0;                ///< The signal that the kernel sends when we die (Linux).
  std::string called{};           ///< What the program is told to be called, as its first argument; empty: its path.
  std::function<void()> ended{};  ///< Called once it has ended, from another thread.
};

/// A child process in a session of its own, without a shell, and without our descriptors and environment.
class ChildProcess {
 public:
  /// @throws DataPlaneError if the program cannot be run
  ChildProcess(ProcessRequest request, RunAs const& run_as);
  ChildProcess(ChildProcess const&) = delete;
  ChildProcess& operator=(ChildProcess const&) = delete;
  /// Kills it if it still runs.
  ~ChildProcess();

  pid_t pid() const noexcept { return pid_; }
  bool running() const;
  /// False if it still runs at the deadline.
  bool wait_until(Deadline deadline) const;
  /// As in a shell: the exit code, or 128 + the signal. None while it runs.
  std::optional<int> exit_code() const;
  /// Does nothing once it has ended, so that it never hits another process.
  void signal(int number) const;

 private:
  struct Plan;
  void launch(Plan& plan);
  void await_end(std::function<void()> const& ended);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  pid_t pid_ = -1;
  bool launched_ = false;
  std::string failure_;
  std::optional<int> exit_code_;
  ThreadGroup waiter_;
};

struct ProcessResult {
  int exit_code;
  std::string output;
};

/// Runs a program that writes little (at most what a pipe holds) to its end, or kills it at the deadline.
ProcessResult run_process(ProcessRequest request, RunAs const& run_as, Deadline deadline);

}  // namespace lakebase::emulator
