#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "auth/strategies/callback_listener.hpp"
#include "base/after.hpp"
#include "base/file_descriptor_posix.hpp"
#include "base/poll_posix.hpp"
#include "http/sigpipe_block.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

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
    auto const deadline = after(SteadyClock::now(), limit);
    Poller poller;
    if (!poller.open()) throw Error{"no descriptor is left to wait for the browser with"};
    std::vector<Peer> peers;
    for (;;) {
      auto files = files_of(peers);
      auto const outcome = poller.wait(files, earliest_end(peers, deadline), stop);
      if (outcome == PollOutcome::stopped) return Ending::stopped;
      auto const now = SteadyClock::now();
      if (outcome == PollOutcome::timeout && now >= deadline) return Ending::timed_out;
      for (std::size_t i = 0; i < peers.size(); ++i) {
        if (files[i + 2].revents == 0 || !read_some(peers[i])) continue;
        if (respond(peers[i], handler)) return Ending::served;
      }
      std::erase_if(peers, [&](Peer const& peer) { return peer.file.get() < 0 || now >= peer.until; });
      if (files[1].revents != 0) take_peer(peers);
    }
  }

 private:
  // A browser opens connections in advance and sends nothing on them, and so may any program on this machine. They are
  // served side by side, for a short time each; if there are too many, the oldest is closed.
  struct Peer {
    FileDescriptor file{};
    SteadyClock::time_point until{};
    std::string text{};
  };
  static constexpr std::size_t most_peers = 32;
  static constexpr std::size_t longest_request = 65536;

  // The poller's own descriptor, the port's, and one a peer.
  std::vector<pollfd> files_of(std::vector<Peer> const& peers) const {
    std::vector<pollfd> files{{}, {file_.get(), POLLIN, 0}};
    for (auto const& peer : peers) files.push_back({peer.file.get(), POLLIN, 0});
    return files;
  }

  static SteadyClock::time_point earliest_end(std::vector<Peer> const& peers, SteadyClock::time_point end) {
    for (auto const& peer : peers) end = std::min(end, peer.until);
    return end;
  }

  void take_peer(std::vector<Peer>& peers) const {
    FileDescriptor file{accept(file_.get(), nullptr, nullptr)};
    if (file.get() < 0) return;
    fcntl(file.get(), F_SETFD, FD_CLOEXEC);
    if (peers.size() == most_peers) peers.erase(peers.begin());
    peers.push_back({std::move(file), SteadyClock::now() + std::chrono::seconds{2}, {}});
  }

  // Whether the whole request of the peer has come. A peer that hung up or sends too much is closed.
  static bool read_some(Peer& peer) {
    std::array<char, 2048> buffer{};
    auto const size = recv(peer.file.get(), buffer.data(), buffer.size(), 0);
    if (size > 0) peer.text.append(buffer.data(), static_cast<std::size_t>(size));
    if (peer.text.find("\r\n\r\n") != std::string::npos) return true;
    if (size <= 0 || peer.text.size() >= longest_request) peer.file.close();
    return false;
  }

  static bool respond(Peer& peer, Handler const& handler) {
    auto const query = query_of(peer.text);
    auto const page = query ? handler(*query) : std::nullopt;
    if (query) {
      auto const shown = page.value_or(Page{404, "Not found."});
      auto const text = fmt::format(
          "HTTP/1.1 {} {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: "
          "close\r\n\r\n{}",
          shown.status, shown.status == 200 ? "OK" : "Error", shown.text.size(), shown.text);
      static_cast<void>(!send(peer.file.get(), text.data(), text.size(), 0));
    }
    peer.file.close();
    return page.has_value();
  }

  FileDescriptor file_;
  int port_;
};

}  // namespace

std::unique_ptr<CallbackListener> CallbackListener::open(int first, int last) {
  for (int port = first; port <= last; ++port) {
    if (auto file = listen_on(port); file.get() >= 0) return std::make_unique<Listener>(std::move(file), port);
  }
  return nullptr;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
