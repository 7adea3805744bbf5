#include <pthread.h>

#include <cerrno>

#include "http/sigpipe_block.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

sigset_t only_sigpipe() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

bool is_pending() noexcept {
  sigset_t pending;
  sigemptyset(&pending);
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

}  // namespace

SigpipeBlock::SigpipeBlock() noexcept {
  auto const set = only_sigpipe();
  changed_ = pthread_sigmask(SIG_BLOCK, &set, &before_) == 0 && sigismember(&before_, SIGPIPE) == 0;
}

SigpipeBlock::~SigpipeBlock() {
  if (!changed_) return;
  int const error = errno;
  if (is_pending()) {  // raised while the signal was blocked: before, it would have been delivered
    auto const set = only_sigpipe();
    int signal = 0;
    sigwait(&set, &signal);  // returns at once: the signal is pending for this thread
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  errno = error;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
