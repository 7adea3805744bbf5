#include "termination_posix.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <system_error>

namespace lakebase::emulator {
namespace {

constexpr std::array all_signals = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
constexpr std::size_t own_signals = 3;
constexpr unsigned char terminal_mark = 0x80;

// Signal handlers can reach nothing else.
int pipe_ends[2] = {-1, -1};

std::span<int const> signals_of(Termination::Of of) {
  return of == Termination::Of::own ? std::span{all_signals}.first(own_signals) : std::span{all_signals};
}

void put(unsigned char byte) {
  int const kept = errno;
  [[maybe_unused]] auto const written = ::write(pipe_ends[1], &byte, 1);
  errno = kept;
}

extern "C" void note_signal(int number, siginfo_t* info, void*) {
  bool const from_terminal = info != nullptr && info->si_code == SI_KERNEL;
  put(static_cast<unsigned char>(number | (from_terminal ? terminal_mark : 0)));
}

extern "C" void do_nothing(int, siginfo_t*, void*) {}

void handle(int number, void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action {};
  if (handler == nullptr) {
    action.sa_handler = SIG_DFL;
  } else {
    action.sa_sigaction = handler;
    action.sa_flags = SA_RESTART | SA_SIGINFO;
  }
  ::sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

}  // namespace

Termination::Termination(Of of) : of_(of) {
  if (::pipe(pipe_ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  for (int const end : pipe_ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  for (int const number : signals_of(of_)) handle(number, note_signal);
  // A handler, and not SIG_IGN, which child processes would inherit.
  handle(SIGPIPE, do_nothing);
}

Termination::~Termination() {
  for (int const number : signals_of(of_)) handle(number, nullptr);
  for (int& end : pipe_ends) {
    ::close(end);
    end = -1;
  }
}

Signal Termination::wait() const {
  // ThreadSanitizer lets no signal into a `read`; it does into a `poll`.
  pollfd readable{.fd = pipe_ends[0], .events = POLLIN, .revents = 0};
  while (::poll(&readable, 1, -1) < 0 && errno == EINTR) {
  }
  unsigned char byte = 0;
  ssize_t count = 0;
  do {
    count = ::read(pipe_ends[0], &byte, 1);
  } while (count < 0 && errno == EINTR);
  return {byte & ~terminal_mark, (byte & terminal_mark) != 0};
}

void Termination::end_waiting() const {
  put(0);
}

}  // namespace lakebase::emulator
