#pragma once

#include "system/descriptor_io_posix.hpp"

namespace lakebase::emulator {

/// A signal that came.
struct Signal {
  int number = 0;
  /// A key of the terminal sent it, and to all programs in its foreground.
  bool from_terminal = false;
};

/// Turns SIGTERM, SIGINT, SIGHUP, and for a command SIGQUIT, SIGUSR1 and SIGUSR2 into something to wait for, and
/// SIGPIPE into nothing. One a process, made before anything else; child processes are not affected.
class Termination {
 public:
  enum class Of { own, command };

  /// @param of whose end is waited for: a command gets to hear more signals
  explicit Termination(Of of = Of::own);
  ~Termination();
  Termination(Termination const&) = delete;
  Termination& operator=(Termination const&) = delete;

  /// Waits for the next signal, or for `end_waiting`: number 0.
  Signal wait() const;
  /// Has `wait` return on another thread.
  void end_waiting() const;

 private:
  Of of_;
  Pipe pipe_;
};

}  // namespace lakebase::emulator
