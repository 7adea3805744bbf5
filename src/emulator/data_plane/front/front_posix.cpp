#include "data_plane/front/front_posix.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <system_error>

#include "system/port_holder_posix.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t most_clients = 5'000;
constexpr std::size_t most_unknown_clients = 1'000;
constexpr int most_addresses_tried = 64;
constexpr std::chrono::seconds farewell_limit{1};

std::string random_loopback_address(RandomBytes const& random) {
  std::string const bytes = random(3);
  auto const part = [&](std::size_t i) { return 1 + static_cast<unsigned char>(bytes[i]) % 254; };
  return fmt::format("127.{}.{}.{}", part(0), part(1), part(2));
}

DataPlaneError cannot_listen(std::string const& address, std::uint16_t port, std::system_error const& error) {
  std::string advice;
  if (error.code() == std::errc::address_in_use) {
    std::string const holder = port_holder(address, port);
    advice = fmt::format(" by {}; end it, or choose another port (--postgres-port)",
                         holder.empty() ? fmt::format("another program that listens on 0.0.0.0:{}", port) : holder);
  } else if (error.code() == std::errc::permission_denied) {
    advice = "; ports below 1024 need privileges: choose another (--postgres-port)";
  }
  return DataPlaneError(
      fmt::format("cannot listen on port {} of a loopback address: {}{}", port, error.code().message(), advice));
}

void farewell_while(std::function<bool()> const& holds) {
  auto const limit = std::chrono::steady_clock::now() + farewell_limit;
  while (holds() && std::chrono::steady_clock::now() < limit) ::poll(nullptr, 0, 1);
}

}  // namespace

Listener Listener::open(std::uint16_t port, std::optional<std::string> const& wanted_address,
                        RandomBytes const& random) {
  if (wanted_address && wanted_address->starts_with("127.")) {
    try {
      return {*wanted_address, listen_on(*wanted_address, port)};
    } catch (std::system_error const&) {
      // The address is in use by now.
    }
  }
  for (int attempt = 1;; ++attempt) {
    std::string address = random_loopback_address(random);
    try {
      UniqueFd socket = listen_on(address, port);
      return {std::move(address), std::move(socket)};
    } catch (std::system_error const& error) {
      bool taken = error.code() == std::errc::address_in_use;
      if (!taken || attempt == most_addresses_tried) throw cannot_listen(address, port, error);
    }
  }
}

std::uint16_t usable_postgres_port(std::uint16_t wanted) {
  return port_of(Listener::open(wanted, std::nullopt).socket.get());
}

std::shared_ptr<ClientBudget> budget_for_clients(std::size_t most_unknown) {
  rlimit limit{};
  if (most_unknown == 0 && ::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    // Of the remaining descriptors each session takes two, and the servers' files need some.
    most_unknown = static_cast<std::size_t>(std::clamp<rlim_t>(limit.rlim_cur / 3, 16, most_unknown_clients));
  }
  return std::make_shared<ClientBudget>(most_clients, most_unknown == 0 ? most_unknown_clients : most_unknown);
}

Front::Front(Listener listener, std::shared_ptr<EndpointContext const> context, std::shared_ptr<ClientBudget> budget)
    : listener_(std::move(listener)), context_(std::move(context)), budget_(std::move(budget)) {
  acceptor_.start([this] { accept_clients(); });
}

Front::~Front() {
  stop_listening();
  cut_sessions();
}

void Front::accept_clients() {
  std::array<pollfd, 2> waited = {{{listener_.socket.get(), POLLIN, 0}, {wake_.read_end.get(), POLLIN, 0}}};
  for (;;) {
    if (::poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR) return;
    if (waited[1].revents != 0) return;
    session_threads_.reap();
    while (UniqueFd client = accept_client(listener_.socket.get())) take(std::move(client));
    // Out of descriptors or memory: the client keeps waiting, and polling at once again would spin.
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
      budget_->make_room();
      ::poll(&waited[1], 1, 50);
    }
  }
}

void Front::take(UniqueFd client) {
  auto session = std::make_shared<ClientSession>(std::move(client), context_);
  auto const ticket = budget_->enter([session] { session->cut(); });
  if (!ticket) {
    session->turn_away();
    return;
  }
  {
    std::lock_guard lock{mutex_};
    sessions_.insert(session);
  }
  auto leave = [this, session, ticket = *ticket] {
    budget_->leave(ticket);
    std::lock_guard lock{mutex_};
    sessions_.erase(session);
  };
  try {
    session_threads_.start([session, leave, budget = budget_, ticket = *ticket] {
      session->run([&] { budget->logged_in(ticket); });
      leave();
    });
  } catch (std::system_error const& error) {
    leave();
    context_->log(fmt::format("endpoint {}: {}", context_->endpoint_uid, error.what()));
  }
}

void Front::stop_listening() {
  std::lock_guard lock{stopping_};
  wake_.write_end.reset();
  acceptor_.join_all();
  listener_.socket.reset();
}

bool Front::occupied() {
  std::lock_guard lock{mutex_};
  return !sessions_.empty();
}

bool Front::serving() {
  std::lock_guard lock{mutex_};
  return std::any_of(sessions_.begin(), sessions_.end(), [](auto const& session) { return session->serving(); });
}

void Front::each_session(void (ClientSession::*end)() noexcept) {
  std::lock_guard lock{mutex_};
  for (auto const& session : sessions_) (session.get()->*end)();
}

void Front::hang_up() {
  // A server that has just ended a session has told the client why; the relay may still be passing that on.
  farewell_while([this] { return serving(); });
  each_session(&ClientSession::hang_up);
}

void Front::cut_sessions() {
  hang_up();
  farewell_while([this] { return occupied(); });
  each_session(&ClientSession::cut);
  session_threads_.join_all();
}

}  // namespace lakebase::emulator
