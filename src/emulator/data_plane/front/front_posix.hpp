#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "common/random.hpp"
#include "data_plane/front/client_budget.hpp"
#include "data_plane/front/client_session.hpp"
#include "system/descriptor_io_posix.hpp"
#include "system/socket_posix.hpp"
#include "system/thread_group_posix.hpp"

namespace lakebase::emulator {

/// The loopback address of an endpoint, and the socket that listens on it.
struct Listener {
  std::string address;
  UniqueFd socket;

  /// Takes the wanted address if it is free, else a random one.
  /// @throws DataPlaneError if the port is available on none
  static Listener open(std::uint16_t port, std::optional<std::string> const& wanted_address,
                       RandomBytes const& random = random_bytes);
};

/// The budget for all clients of a data plane, by the process's limit of open files.
/// @param most_unknown the most clients that have not logged in; 0: the default
std::shared_ptr<ClientBudget> budget_for_clients(std::size_t most_unknown);

/// Accepts the clients of one endpoint, each on a thread of its own.
class Front {
 public:
  /// @param budget for the clients of all fronts
  Front(Listener listener, std::shared_ptr<EndpointContext const> context, std::shared_ptr<ClientBudget> budget);
  Front(Front const&) = delete;
  Front& operator=(Front const&) = delete;
  ~Front();

  /// Accepts no more clients.
  void stop_listening();
  /// Ends the sessions of all clients, without waiting for their threads: one may wait for its server to start.
  void hang_up();
  /// Ends the sessions of all clients, whose server has been stopped, and waits for their threads.
  void cut_sessions();

 private:
  void accept_clients();
  void take(UniqueFd client);
  void each_session(void (ClientSession::*end)() noexcept);
  bool occupied();
  bool serving();

  Listener listener_;
  std::shared_ptr<EndpointContext const> context_;
  std::shared_ptr<ClientBudget> budget_;
  Pipe wake_;
  std::mutex stopping_;
  std::mutex mutex_;
  std::set<std::shared_ptr<ClientSession>> sessions_;
  ThreadGroup session_threads_;
  ThreadGroup acceptor_;
};

}  // namespace lakebase::emulator
