// The program `lakebase-mcp`.

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "mcp/options.hpp"
#include "mcp/protocol/transport/http_posix.hpp"
#include "mcp/protocol/transport/stdio_posix.hpp"
#include "mcp/server/features.hpp"
#include "tools/beside.hpp"

namespace lakebase::mcp {
namespace {

/// Becomes an emulator that starts this program anew, in its environment.
int serve_emulator(Options const& options, char const* self) {
  auto const emulator = tools::program_beside("lakebase-emulator");
  std::vector<std::string> command{emulator, "exec", "--", self};
  command.insert(command.end(), options.without_emulator.begin(), options.without_emulator.end());
  std::vector<char*> arguments;
  for (auto& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  fmt::print(stderr, "lakebase-mcp: --emulator: {}: {}; it is installed with this program, or on the PATH\n", emulator,
             std::strerror(errno));
  return 1;
}

/// The signals that end a program. From here on they are waited for: to be called before there are threads, which would
/// get them instead.
sigset_t take_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  for (int const signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, signal);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  return ends;
}

/// A signal ends the calls at work, so that they take away what they have made for a while. A second one does not wait
/// for that.
int serve_lines(Server& server) {
  auto const ends = take_signals();
  std::stop_source stop;
  std::atomic<bool> is_over{false};
  std::jthread waiter{[&] {
    int signal = 0;
    for (bool again = false; ::sigwait(&ends, &signal) == 0 && !is_over; again = true) {
      if (again) ::_exit(1);
      stop.request_stop();
    }
  }};
  serve_stdio(server, STDIN_FILENO, STDOUT_FILENO, stop.get_token());
  is_over = true;
  ::pthread_kill(waiter.native_handle(), SIGTERM);
  return 0;
}

/// Until a signal comes.
int serve_http(Server& server, Options const& options) {
  auto const ends = take_signals();
  HttpServer const http{server, {.address = options.address, .port = options.port, .token = options.token}};
  auto const host = options.address.find(':') == std::string::npos ? options.address : '[' + options.address + ']';
  fmt::print(stderr, "lakebase-mcp serves http://{}:{}/mcp\n", host, http.port());
  int signal = 0;
  ::sigwait(&ends, &signal);
  return 0;
}

int run(std::vector<std::string> arguments, char const* self) {
  auto const options = parse_options(std::move(arguments));
  if (options.starts_emulator) return serve_emulator(options, self);
  // What the other end has closed is seen by the call that writes.
  std::signal(SIGPIPE, SIG_IGN);
  Workspace workspace{options.tools};
  Server server{lakebase_features(workspace)};
  if (options.serves_http) return serve_http(server, options);
  return serve_lines(server);
}

}  // namespace
}  // namespace lakebase::mcp

int main(int count, char** arguments) {
  try {
    return lakebase::mcp::run({arguments + (count > 0 ? 1 : 0), arguments + count},
                              count > 0 ? arguments[0] : "lakebase-mcp");
  } catch (lakebase::mcp::Printed const& printed) {
    std::fputs(printed.text.c_str(), printed.status == 0 ? stdout : stderr);
    return printed.status;
  } catch (std::exception const& error) {
    fmt::print(stderr, "lakebase-mcp: {}\n", error.what());
    return 1;
  }
}
