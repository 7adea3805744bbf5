#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/computes.hpp"
#include "data_plane/front/client_stream_posix.hpp"
#include "data_plane/front/session_limits.hpp"
#include "data_plane/protocol/startup_packet.hpp"
#include "data_plane/server/compute.hpp"

namespace lakebase::emulator {

/// What all sessions of an endpoint share.
struct EndpointContext {
  std::string endpoint_uid;
  /// Chooses the compute for a session, as which it may wait for one. @throws DataPlaneError
  std::function<std::shared_ptr<Compute>()> choose;
  /// Whether a compute is still one for this endpoint: another one may have taken its place.
  std::function<bool(Compute const&)> serves;
  std::function<bool()> is_disabled;
  /// All those that may serve now.
  std::function<std::vector<std::shared_ptr<Compute>>()> computes;
  OpenSslPtr<SSL_CTX> tls;
  LoginAuthority authority;
  std::function<void(std::string const&)> log;
  std::shared_ptr<SessionLimits> limits;
  int server_version = 0;  ///< The major version of PostgreSQL, which all of them have.
};

/// One client, from its first byte to its last.
class ClientSession : public std::enable_shared_from_this<ClientSession> {
 public:
  ClientSession(UniqueFd client, std::shared_ptr<EndpointContext const> context)
      : context_(std::move(context)), client_(std::move(client)) {}

  /// Serves the client until it leaves or is cut.
  /// @param logged_in called once the client is authenticated
  void run(std::function<void()> const& logged_in = {}) noexcept;
  /// Tells the client that there are too many, if that is possible without waiting.
  void turn_away() noexcept;
  /// Ends the session after its last messages, if the client still reads. Called from other threads, as is `cut`.
  void hang_up() noexcept;
  /// Ends the session at once.
  void cut() noexcept;
  /// Whether it is past its login, and its backend has not ended.
  bool serving() const noexcept { return serving_; }

 private:
  struct Backend {
    UniqueFd socket;
    std::string greeting;     ///< The bytes that it has sent so far.
    wire::ErrorFields error;  ///< The error with which the greeting ends, or empty.
    std::uint32_t process = 0;
  };
  using MaybeStartup = std::optional<wire::Startup>;

  void converse(std::function<void()> const& logged_in);
  bool begin_tls_at_once();
  std::string read_packet();
  void respond_to_encryption_request(std::string const& body, std::string_view response, char const* request);
  MaybeStartup read_startup();
  wire::Startup startup_of(std::string const& body);
  std::uint32_t newest_protocol() const;
  template <class Use>
  auto with_compute(Use const& use);
  void cancel(std::string const& body);
  std::string ask_password();
  void authenticate(wire::Startup const& startup, std::string password);
  LoginDecision::Verdict decide() const;
  bool native_password_fits(std::string const& user, std::string const& password);
  Backend open_backend(wire::Startup const& startup);
  Backend open_backend_of_compute(wire::Startup const& startup);
  Backend try_open_backend(std::string const& packet);
  void serve(wire::Startup const& startup);
  void carry(std::string const& greeting, std::uint32_t process);
  void end_as_idle() noexcept;
  void tell(wire::ErrorFields const& fields) noexcept;

  std::shared_ptr<EndpointContext const> context_;
  /// The one that serves it, from the login on.
  std::shared_ptr<Compute> compute_;
  ClientStream client_;
  Deadline deadline_{};
  std::optional<Login> login_;  ///< Until the session begins.
  std::mutex mutex_;
  bool cut_ = false;
  std::atomic<bool> serving_{false};
  bool is_too_idle_ = false;
  UniqueFd backend_;
  std::optional<SessionLimits::Watch> watch_;
};

}  // namespace lakebase::emulator
