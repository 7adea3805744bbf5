#include "cli/system/streams_posix.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "cli/base/failure.hpp"

namespace lakebase::cli {

bool is_terminal(Stream stream) {
  return ::isatty(static_cast<int>(stream)) == 1;
}

std::size_t columns(Stream stream) {
  winsize size{};
  bool const is_known = ::ioctl(static_cast<int>(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : 80;
}

void write(Stream stream, std::string_view text) {
  while (!text.empty()) {
    auto const written = ::write(static_cast<int>(stream), text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE && stream == Stream::out) {
      ::_exit(0);
    } else if (errno != EINTR) {
      if (stream == Stream::error) return;  // there is nowhere to say it
      throw Failure{"cannot write to standard output: " + std::generic_category().message(errno)};
    }
  }
}

void say(std::string_view line) {
  write(Stream::error, std::string{line} + '\n');
}

std::optional<std::string> read_line() {
  std::string line;
  char letter = 0;
  while (true) {
    auto const count = ::read(0, &letter, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return line.empty() ? std::nullopt : std::optional{line};
    if (letter == '\n') return line;
    line += letter;
  }
}

std::string read_input() {
  std::string text;
  std::array<char, 65536> buffer;
  while (true) {
    auto const count = ::read(0, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Failure{"cannot read standard input: " + std::generic_category().message(errno)};
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

void keep_closed_streams() {
  for (auto const stream : {Stream::in, Stream::out, Stream::error}) {
    if (::fcntl(static_cast<int>(stream), F_GETFD) >= 0) continue;
    // The lowest number that is free; in the direction that nobody uses.
    static_cast<void>(::open("/dev/null", stream == Stream::in ? O_WRONLY : O_RDONLY));
  }
}

void notice_closed_pipes() {
  ::signal(SIGPIPE, SIG_IGN);
}

}  // namespace lakebase::cli
