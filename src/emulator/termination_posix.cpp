#include "termination_posix.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>

namespace lakebase::emulator {
namespace {

constexpr std::array all_signals = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
constexpr std::size_t own_signals = 3;
constexpr unsigned char terminal_mark = 0x80;

// The pipe's write end. A global, because signal handlers can reach nothing else.
int written_end = -1;

std::span<int const> signals_of(Termination::Of of) {
  return of == Termination::Of::own ? std::span{all_signals}.first(own_signals) : std::span{all_signals};
}

void put(unsigned char byte) {
  int const kept = errno;
  [[maybe_unused]] auto const written = ::write(written_end, &byte, 1);
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
  written_end = pipe_.write_end.get();
  for (int const number : signals_of(of_)) handle(number, note_signal);
  // A handler, and not SIG_IGN, which child processes would inherit.
  handle(SIGPIPE, do_nothing);
}

Termination::~Termination() {
  for (int const number : signals_of(of_)) handle(number, nullptr);
  written_end = -1;
}

Signal Termination::wait() const {
  // ThreadSanitizer delivers no signals during a `read`, but during a `poll`.
  pollfd readable{.fd = pipe_.read_end.get(), .events = POLLIN, .revents = 0};
  while (::poll(&readable, 1, -1) < 0 && errno == EINTR) {
  }
  unsigned char byte = 0;
  static_cast<void>(read_byte(pipe_.read_end.get(), byte));
  return {byte & ~terminal_mark, (byte & terminal_mark) != 0};
}

void Termination::end_waiting() const {
  put(0);
}

}  // namespace lakebase::emulator
