#pragma once

#include "system/descriptor_io_posix.hpp"

namespace lakebase::emulator {

/// A signal that was received.
struct Signal {
  int number = 0;
  /// A key of the terminal has sent it, to all programs in its foreground.
  bool from_terminal = false;
};

/// Receives SIGTERM, SIGINT, SIGHUP, and for a command SIGQUIT, SIGUSR1 and SIGUSR2, to be waited for, and ignores
/// SIGPIPE. There is at most one in a process, created before anything else; child processes are not affected.
class Termination {
 public:
  enum class Of { own, command };

  /// @param of whose end is waited for: for a command, more signals are received
  explicit Termination(Of of = Of::own);
  ~Termination();
  Termination(Termination const&) = delete;
  Termination& operator=(Termination const&) = delete;

  /// Waits for the next signal, or for `end_waiting`: number 0.
  Signal wait() const;
  /// Makes `wait` return on another thread.
  void end_waiting() const;

 private:
  Of of_;
  Pipe pipe_;
};

}  // namespace lakebase::emulator
