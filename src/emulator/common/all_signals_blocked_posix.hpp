#pragma once

#include <signal.h>

namespace lakebase::emulator {

/// While it lives, this thread handles no signals. A thread inherits the mask of the one that starts it: those that are
/// started meanwhile never do. A library must leave the signals to its program.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) ::sigdelset(&all, fault);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  AllSignalsBlocked(AllSignalsBlocked const&) = delete;
  AllSignalsBlocked& operator=(AllSignalsBlocked const&) = delete;
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace lakebase::emulator
