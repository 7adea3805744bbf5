#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "auth/callback_listener.hpp"
#include "auth/posix_files.hpp"
#include "base/after.hpp"
#include "http/sigpipe_block.hpp"

namespace lakebase::inline v0::detail {

namespace {

using SteadyClock = std::chrono::steady_clock;

FileDescriptor listen_on(int port) {
  FileDescriptor file{socket(AF_INET, SOCK_STREAM, 0)};
  if (file.get() < 0) return file;
  fcntl(file.get(), F_SETFD, FD_CLOEXEC);
  int const yes = 1;
  setsockopt(file.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(file.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(file.get(), 8) != 0) {
    return FileDescriptor{};
  }
  return file;
}

// `GET /?code=… HTTP/1.1`: what follows the question mark.
std::optional<std::string> query_of(std::string const& request) {
  auto const line = request.substr(0, request.find("\r\n"));
  auto const end = line.rfind(" HTTP/");
  auto const question = line.find('?');
  if (!line.starts_with("GET /") || end == std::string::npos) return std::nullopt;
  return question < end ? line.substr(question + 1, end - question - 1) : std::string{};
}

class Listener final : public CallbackListener {
 public:
  Listener(FileDescriptor file, int port) : file_(std::move(file)), port_(port) {}

  int port() const override { return port_; }

  Ending serve(Handler const& handler, std::chrono::nanoseconds limit, std::stop_token const& stop) override {
    SigpipeBlock const no_sigpipe;
    deadline_ = after(SteadyClock::now(), limit);
    Pipe wake;
    wake_ = wake.read_end.get();
    std::stop_callback const on_stop{stop, [&wake] { wake.ring(); }};
    for (;;) {
      if (stop.stop_requested()) return Ending::stopped;
      if (!wait_until_readable(file_.get(), deadline_)) {
        if (stop.stop_requested()) return Ending::stopped;
        if (SteadyClock::now() >= deadline_) return Ending::timed_out;
        continue;
      }
      FileDescriptor const peer{accept(file_.get(), nullptr, nullptr)};
      if (peer.get() >= 0 && answer(peer.get(), handler)) return Ending::served;
    }
  }

 private:
  bool wait_until_readable(int file, SteadyClock::time_point until) const {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now()).count();
    if (left <= 0) return false;
    std::array<pollfd, 2> files{{{file, POLLIN, 0}, {wake_, POLLIN, 0}}};
    return poll(files.data(), files.size(), static_cast<int>(std::min<std::int64_t>(left, 60000))) > 0 &&
           files[0].revents != 0 && files[1].revents == 0;
  }

  // A browser may open connections in advance and send nothing on them: none may hold up the others for long.
  std::string read_request(int peer) const {
    auto const until = std::min(deadline_, SteadyClock::now() + std::chrono::seconds{2});
    std::string text;
    std::array<char, 2048> buffer;
    while (text.size() < 65536 && text.find("\r\n\r\n") == std::string::npos && wait_until_readable(peer, until)) {
      auto const size = recv(peer, buffer.data(), buffer.size(), 0);
      if (size <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return text;
  }

  bool answer(int peer, Handler const& handler) const {
    auto const query = query_of(read_request(peer));
    if (!query) return false;
    auto const page = handler(*query);
    auto const shown = page.value_or(Page{404, "Not found."});
    auto const text = fmt::format(
        "HTTP/1.1 {} {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: "
        "close\r\n\r\n{}",
        shown.status, shown.status == 200 ? "OK" : "Error", shown.text.size(), shown.text);
    static_cast<void>(!send(peer, text.data(), text.size(), 0));
    return page.has_value();
  }

  FileDescriptor file_;
  int port_;
  SteadyClock::time_point deadline_{};
  int wake_ = -1;
};

}  // namespace

std::unique_ptr<CallbackListener> CallbackListener::open(int first, int last) {
  for (int port = first; port <= last; ++port) {
    if (auto file = listen_on(port); file.get() >= 0) return std::make_unique<Listener>(std::move(file), port);
  }
  return nullptr;
}

}  // namespace lakebase::inline v0::detail
