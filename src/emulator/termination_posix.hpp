#pragma once

namespace lakebase::emulator {

/// Turns SIGTERM, SIGINT and SIGHUP into something to wait for, and SIGPIPE into nothing. One a process, made before
/// anything else; child processes are not affected.
class Termination {
 public:
  Termination();
  ~Termination();
  Termination(Termination const&) = delete;
  Termination& operator=(Termination const&) = delete;

  /// Returns the number of the signal.
  int wait() const;
};

}  // namespace lakebase::emulator
