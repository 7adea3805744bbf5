#include "termination_posix.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace lakebase::emulator {
namespace {

// Signal handlers can reach nothing else.
int pipe_ends[2] = {-1, -1};

extern "C" void note_signal(int number) {
  int const kept = errno;
  auto const byte = static_cast<unsigned char>(number);
  [[maybe_unused]] auto const written = ::write(pipe_ends[1], &byte, 1);
  errno = kept;
}

extern "C" void do_nothing(int) {}

void handle(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

}  // namespace

Termination::Termination() {
  if (::pipe(pipe_ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  for (int const end : pipe_ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  for (int const number : {SIGTERM, SIGINT, SIGHUP}) handle(number, note_signal);
  // A handler, and not SIG_IGN, which child processes would inherit.
  handle(SIGPIPE, do_nothing);
}

Termination::~Termination() {
  for (int const number : {SIGTERM, SIGINT, SIGHUP}) handle(number, SIG_DFL);
  for (int& end : pipe_ends) {
    ::close(end);
    end = -1;
  }
}

int Termination::wait() const {
  // ThreadSanitizer lets no signal into a `read`; it does into a `poll`.
  pollfd readable{.fd = pipe_ends[0], .events = POLLIN, .revents = 0};
  while (::poll(&readable, 1, -1) < 0 && errno == EINTR) {
  }
  unsigned char byte = 0;
  ssize_t count = 0;
  do {
    count = ::read(pipe_ends[0], &byte, 1);
  } while (count < 0 && errno == EINTR);
  return byte;
}

}  // namespace lakebase::emulator
