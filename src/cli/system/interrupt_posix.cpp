#include "cli/system/interrupt_posix.hpp"

#include <pthread.h>
#include <signal.h>

namespace lakebase::cli {
namespace {

sigset_t interrupt_alone() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

Interrupt::Interrupt() {
  struct sigaction present {};
  ::sigaction(SIGINT, nullptr, &present);
  is_ignored_ = present.sa_handler == SIG_IGN;
  if (is_ignored_) return;
  auto const set = interrupt_alone();
  // Threads that are made from here on, those of requests included, leave it to the one that waits for it.
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiting_ = std::thread{[this, set] {
    int number = 0;
    while (::sigwait(&set, &number) != 0) {
    }
    if (!over_) stop_.request_stop();
  }};
}

Interrupt::~Interrupt() {
  if (is_ignored_) return;
  over_ = true;
  ::pthread_kill(waiting_.native_handle(), SIGINT);
  waiting_.join();
  auto const set = interrupt_alone();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace lakebase::cli
