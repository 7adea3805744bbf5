#include "tools/reach_posix.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <future>
#include <memory>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <lakebase/error.hpp>

namespace lakebase::tools {
namespace {

using Found = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

struct Looked {
  std::vector<std::string> addresses;
  std::string reason;
};

Looked ask_system(std::string const& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  int const status = ::getaddrinfo(host.c_str(), nullptr, &hints, &first);
  if (status != 0) return {{}, ::gai_strerror(status)};
  Found const found{first, &::freeaddrinfo};
  Looked result;
  for (auto const* each = first; each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
      continue;
    if (std::find(result.addresses.begin(), result.addresses.end(), text.data()) == result.addresses.end()) {
      result.addresses.emplace_back(text.data());
    }
  }
  if (result.addresses.empty()) result.reason = "it has no address";
  return result;
}

class Socket {
 public:
  explicit Socket(int family) : descriptor(::socket(family, SOCK_STREAM, 0)) {}
  ~Socket() {
    if (descriptor >= 0) ::close(descriptor);
  }
  Socket(Socket const&) = delete;
  Socket& operator=(Socket const&) = delete;

  int const descriptor;
};

/// How soon a stop request is noticed.
constexpr std::chrono::milliseconds between_looks{50};

void end_if_stopped(std::stop_token const& stop) {
  if (stop.stop_requested()) throw Cancelled{"interrupted"};
}

/// Empty if a connection was made, else the reason.
std::string try_to_reach(std::string const& address, std::uint16_t port, std::chrono::milliseconds limit,
                         std::stop_token const& stop) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* first = nullptr;
  if (::getaddrinfo(address.c_str(), fmt::format("{}", port).c_str(), &hints, &first) != 0) return "not an address";
  Found const found{first, &::freeaddrinfo};
  Socket const socket{first->ai_family};
  auto const reason = [](int error) { return std::generic_category().message(error); };
  if (socket.descriptor < 0) return reason(errno);
  ::fcntl(socket.descriptor, F_SETFD, FD_CLOEXEC);
  ::fcntl(socket.descriptor, F_SETFL, O_NONBLOCK);
  if (::connect(socket.descriptor, first->ai_addr, first->ai_addrlen) == 0) return {};
  if (errno != EINPROGRESS) return reason(errno);
  pollfd wanted{socket.descriptor, POLLOUT, 0};
  auto const end = std::chrono::steady_clock::now() + limit;
  while (true) {
    end_if_stopped(stop);
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    auto const pause = std::clamp(left, std::chrono::milliseconds{0}, between_looks);
    int const ready = ::poll(&wanted, 1, static_cast<int>(pause.count()));
    if (ready == 0 && left > pause) continue;
    if (ready == 0) return fmt::format("no response within {} s", std::chrono::duration<double>{limit}.count());
    if (ready > 0) break;
    if (errno != EINTR) return reason(errno);
  }
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? std::string{} : reason(error);
}

}  // namespace

std::vector<std::string> look_up(std::string const& host, std::chrono::nanoseconds limit, std::stop_token const& stop) {
  // The system's lookup cannot be ended: a thread that is late is left to itself.
  auto promised = std::make_shared<std::promise<Looked>>();
  auto result = promised->get_future();
  std::thread{[promised, host] { promised->set_value(ask_system(host)); }}.detach();
  auto const end = std::chrono::steady_clock::now() + limit;
  while (result.wait_for(between_looks) != std::future_status::ready) {
    end_if_stopped(stop);
    if (std::chrono::steady_clock::now() < end) continue;
    throw Error{fmt::format("no response within {} s", std::chrono::duration<double>{limit}.count())};
  }
  auto looked = result.get();
  if (!looked.reason.empty()) throw Error{looked.reason};
  return std::move(looked.addresses);
}

std::string reach(std::vector<std::string> const& addresses, std::uint16_t port, std::chrono::nanoseconds limit,
                  std::stop_token const& stop) {
  std::string reason = "there is no address";
  for (auto const& address : addresses) {
    auto const part = std::chrono::ceil<std::chrono::milliseconds>(limit / addresses.size());
    auto failure = try_to_reach(address, port, part, stop);
    if (failure.empty()) return address;
    reason = fmt::format("{} port {}: {}", address, port, failure);
  }
  throw Error{reason};
}

}  // namespace lakebase::tools
