#include "data_plane/front/client_session.hpp"

#include <fmt/format.h>

#include <system_error>
#include <thread>

#include "common/sql_quoting.hpp"
#include "data_plane/front/relay_posix.hpp"
#include "data_plane/front/scram_verifier.hpp"

namespace lakebase::emulator {
namespace {

using namespace std::chrono_literals;

/// From connecting to the password, so that clients that do not log in are dropped.
constexpr auto handshake_limit = 20s;
constexpr auto goodbye_limit = 2s;
/// A backend normally responds within milliseconds; a recovering server may take longer.
constexpr auto backend_limit = 60s;
constexpr char tls_handshake_byte = 0x16;

[[noreturn]] void refuse(std::string code, std::string message, std::string hint = {}, std::string detail = {}) {
  throw wire::Refusal{{"FATAL", std::move(code), std::move(message), std::move(hint), std::move(detail)}};
}

[[noreturn]] void refuse_password(std::string const& user) {
  refuse("28P01", fmt::format("password authentication failed for user \"{}\"", user));
}

[[noreturn]] void refuse_early_bytes(char const* request) {
  refuse("08P01", fmt::format("received unencrypted data after {} request", request), {},
         "This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.");
}

/// No role of an endpoint may replicate. The text is that of the server's version.
[[noreturn]] void refuse_replication(int server_version) {
  if (server_version < 16) refuse("42501", "must be superuser or replication role to start walsender");
  refuse("42501", "permission denied to start WAL sender", {},
         "Only roles with the REPLICATION attribute may start a WAL sender process.");
}

std::string receive_exactly(int socket, std::size_t size, Deadline deadline) {
  std::string bytes(size, '\0');
  for (std::size_t have = 0; have < size;) {
    if (!wait_for(socket, Readiness::readable, deadline)) throw DataPlaneError("PostgreSQL does not respond", "08001");
    std::size_t count = receive_some(socket, bytes.data() + have, size - have);
    if (count == 0) throw DataPlaneError("PostgreSQL closed the connection unexpectedly", "08006");
    have += count;
  }
  return bytes;
}

/// The server is stopping or starting: the login was not judged, so another start may help.
bool is_passing(wire::ErrorFields const& error) {
  return error.code == "57P01" || error.code == "57P03";
}

/// The service does not tell which roles exist.
bool is_unknown_role(wire::ErrorFields const& error, std::string const& user) {
  return error.code == "28000" && error.message == fmt::format("role \"{}\" does not exist", user);
}

std::string receive_message(int socket, Deadline deadline) {
  std::string header = receive_exactly(socket, 5, deadline);
  std::size_t const length = wire::read_uint32(header.data() + 1);
  if (length < 4 || length > 1'000'000) throw DataPlaneError("PostgreSQL sent a broken message", "08P01");
  return header + receive_exactly(socket, length - 4, deadline);
}

}  // namespace

void ClientSession::hang_up() noexcept {
  std::lock_guard lock{mutex_};
  cut_ = true;
  stop_receiving(client_.fd());
  if (backend_) shut_down(backend_.get());
}

void ClientSession::cut() noexcept {
  hang_up();
  shut_down(client_.fd());
}

void ClientSession::run(std::function<void()> const& logged_in) noexcept {
  try {
    converse(logged_in);
  } catch (ClientGone const&) {
  } catch (wire::Refusal const& refusal) {
    tell(refusal.fields);
  } catch (DataPlaneError const& error) {
    tell({"FATAL", error.sqlstate().empty() ? "XX000" : error.sqlstate(), error.what(), {}});
  } catch (std::exception const& error) {
    context_->log(fmt::format("endpoint {}: a session ended by an error: {}", context_->endpoint_uid, error.what()));
    tell({"FATAL", "XX000", "internal error of the emulator's front", {}});
  }
  watch_.reset();
  client_.say_goodbye();
}

void ClientSession::turn_away() noexcept {
  std::string const refusal =
      wire::error_message({"FATAL", "53300", "Too many connections to this endpoint. Please try again later.", {}});
  try {
    client_.try_write(refusal.data(), refusal.size());
  } catch (...) {
    // The client is gone already.
  }
}

void ClientSession::tell(wire::ErrorFields const& fields) noexcept {
  try {
    client_.write(wire::error_message(fields), deadline_after(goodbye_limit));
  } catch (...) {
    // The client does not listen any more.
  }
}

void ClientSession::converse(std::function<void()> const& logged_in) {
  deadline_ = deadline_after(handshake_limit);
  if (!begin_tls_at_once()) return;
  auto const startup = read_startup();
  if (!startup) return;
  client_.write(startup->negotiation(newest_protocol()), deadline_);
  authenticate(*startup, ask_password());
  if (logged_in) logged_in();
  if (startup->replication) refuse_replication(context_->server_version);
  if (startup->database.size() > wire::longest_name) {
    refuse("3D000", fmt::format("database \"{}\" does not exist", startup->database));
  }
  serve(*startup);
}

/// Direct TLS, if the first byte is TLS's own. False: the client did not name PostgreSQL by ALPN, and PostgreSQL then
/// closes the connection without a word.
bool ClientSession::begin_tls_at_once() {
  if (client_.peek(deadline_) != tls_handshake_byte) return true;
  client_.accept_tls(context_->tls.get(), deadline_);
  if (client_.chose_protocol()) return true;
  context_->log(
      fmt::format("endpoint {}: received direct SSL connection request without ALPN protocol negotiation extension",
                  context_->endpoint_uid));
  return false;
}

std::string ClientSession::read_packet() {
  std::uint32_t const length = wire::read_uint32(client_.read_exactly(4, deadline_).data());
  if (length < 8 || length > wire::longest_startup_packet) refuse("08P01", "invalid length of startup packet");
  return client_.read_exactly(length - 4, deadline_);
}

/// Bytes that arrived before TLS must not be taken for bytes under TLS.
void ClientSession::respond_to_encryption_request(std::string const& body, std::string_view response,
                                                  char const* request) {
  if (body.size() != 4) refuse("08P01", "invalid length of startup packet");
  if (client_.bytes_wait()) refuse_early_bytes(request);
  client_.write(response, deadline_);
}

ClientSession::MaybeStartup ClientSession::read_startup() {
  bool gss_declined = false;
  for (;;) {
    std::string const body = read_packet();
    std::uint32_t const code = wire::read_uint32(body.data());
    bool const plain = !client_.encrypted();
    if (code == wire::cancel_request) {
      cancel(body);
      return std::nullopt;
    }
    if (code == wire::ssl_request && plain) {
      respond_to_encryption_request(body, "S", "SSL");
      client_.accept_tls(context_->tls.get(), deadline_);
    } else if (code == wire::gssenc_request && plain && !gss_declined) {
      respond_to_encryption_request(body, "N", "GSSAPI encryption");
      gss_declined = true;
    } else {
      return startup_of(body);
    }
  }
}

wire::Startup ClientSession::startup_of(std::string const& body) {
  std::uint32_t const protocol = wire::read_uint32(body.data());
  if (protocol >> 16U != 3) {
    refuse("0A000", fmt::format("unsupported frontend protocol {}.{}: server supports 3.0 to 3.{}", protocol >> 16U,
                                protocol & 0xFFFFU, newest_protocol() & 0xFFFFU));
  }
  if (!client_.encrypted()) {
    refuse("28000", "connection is not encrypted: this endpoint takes TLS connections only",
           "Connect with sslmode=verify-full, and sslrootcert naming the emulator's ca.pem.");
  }
  return wire::Startup::parse(body);
}

std::uint32_t ClientSession::newest_protocol() const {
  return wire::newest_protocol(context_->server_version);
}

void ClientSession::cancel(std::string const& body) {
  auto const request = wire::Cancel::parse(body);
  if (!request) return;
  // Which of them has the session is not known; the others do not know the key.
  for (auto const& compute : context_->computes()) {
    if (!compute->running()) continue;
    try {
      UniqueFd const backend = connect_unix(compute->socket());
      send_all(backend.get(), request->packet());
      // The server closes the connection when it has passed the request on; the client waits for that.
      char nothing = 0;
      if (wait_for(backend.get(), Readiness::readable, deadline_)) receive_some(backend.get(), &nothing, 1);
    } catch (std::system_error const&) {
      // The server has just stopped, and with it what was to be cancelled.
    }
  }
}

/// Calls the function with the compute that is chosen, and again if another one has taken its place meanwhile.
template <class Use>
auto ClientSession::with_compute(Use const& use) {
  for (;;) {
    compute_ = context_->choose();
    try {
      return use();
    } catch (DataPlaneError const& error) {
      if (context_->serves(*compute_)) throw;
    }
  }
}

std::string ClientSession::ask_password() {
  client_.write(wire::message('R', std::string_view{"\0\0\0\3", 4}), deadline_);
  std::string const header = client_.read_exactly(5, deadline_);
  std::uint32_t const length = wire::read_uint32(header.data() + 1);
  if (header[0] != 'p') {
    refuse("08P01", fmt::format("expected password response, got message type {}",
                                static_cast<unsigned>(static_cast<unsigned char>(header[0]))));
  }
  if (length < 5 || length > wire::longest_password_message) refuse("08P01", "invalid password packet size");
  std::string password = client_.read_exactly(length - 4, deadline_);
  auto const end = password.find('\0');
  if (end + 1 != password.size()) refuse("08P01", "invalid password packet size");
  password.pop_back();
  if (password.empty()) refuse("28P01", "empty password returned by client");
  return password;
}

void ClientSession::authenticate(wire::Startup const& startup, std::string password) {
  std::string const& user = startup.user;
  if (user == bootstrap_superuser || user.size() > wire::longest_name) refuse_password(user);
  login_ = Login{context_->endpoint_uid, user, startup.database, std::move(password)};
  if (decide() == LoginDecision::Verdict::native_password && !native_password_fits(user, login_->password)) {
    refuse_password(user);
  }
}

LoginDecision::Verdict ClientSession::decide() const {
  LoginDecision const decision = context_->authority(*login_);
  if (decision.verdict == LoginDecision::Verdict::refused) {
    context_->log(fmt::format("endpoint {}: refused a login ({})", context_->endpoint_uid, decision.sqlstate));
    if (decision.message.empty()) refuse_password(login_->user);
    refuse(decision.sqlstate, decision.message);
  }
  if (context_->is_disabled()) {
    refuse("55000", "the endpoint is disabled", "Enable it (spec.disabled = false) and connect again.");
  }
  return decision.verdict;
}

bool ClientSession::native_password_fits(std::string const& user, std::string const& password) {
  auto const rows = with_compute([&] {
    Compute::Use use{*compute_};
    return compute_->session().query(sql_to_read_verifier(user) +
                                     " AND (rolvaliduntil IS NULL OR rolvaliduntil > now())");
  });
  return !rows.empty() && password_fits(rows[0].at(0), user, password);
}

ClientSession::Backend ClientSession::try_open_backend(std::string const& packet) {
  Backend backend;
  Deadline const limit = deadline_after(backend_limit);
  try {
    backend.socket = connect_unix(compute_->socket());
    send_all(backend.socket.get(), packet);
    // PostgreSQL checks the role and the database after it has sent AuthenticationOk. The last message is that with the
    // number of its process, or an error.
    std::string message;
    do {
      message = receive_message(backend.socket.get(), limit);
      backend.greeting += message;
    } while (!message.starts_with('K') && !message.starts_with('E'));
    if (message.starts_with('E')) backend.error = wire::parse_error(std::string_view{message}.substr(5));
    if (message.starts_with('K') && message.size() >= 9) backend.process = wire::read_uint32(message.data() + 5);
  } catch (std::system_error const& error) {
    throw DataPlaneError(fmt::format("PostgreSQL cannot be reached: {}", error.what()), "08006");
  }
  return backend;
}

ClientSession::Backend ClientSession::open_backend(wire::Startup const& startup) {
  return with_compute([&] {
    auto backend = open_backend_of_compute(startup);
    if (!context_->serves(*compute_)) throw DataPlaneError("another compute has taken its place", "57P01");
    return backend;
  });
}

ClientSession::Backend ClientSession::open_backend_of_compute(wire::Startup const& startup) {
  std::string const packet = startup.packet(newest_protocol());
  constexpr int attempts = 5;
  for (int attempt = 1;; ++attempt) {
    if (context_->is_disabled()) decide();
    compute_->ensure_running();
    try {
      Backend backend = try_open_backend(packet);
      // It may have been disabled while the server started, for this client or another one.
      if (context_->is_disabled()) decide();
      if (is_unknown_role(backend.error, startup.user)) refuse_password(startup.user);
      if (!is_passing(backend.error) || attempt == attempts) return backend;
    } catch (DataPlaneError const& error) {
      if (error.sqlstate() != "08006" || attempt == attempts) throw;
    }
    // The server is being suspended, or has just been killed; it takes a moment until that shows.
    std::this_thread::sleep_for(10ms * attempt);
  }
}

void ClientSession::serve(wire::Startup const& startup) {
  Backend backend = open_backend(startup);
  login_.reset();
  {
    std::lock_guard lock{mutex_};
    if (cut_) return;
    backend_ = std::move(backend.socket);
  }
  carry(backend.greeting, backend.process);
  std::lock_guard lock{mutex_};
  backend_.reset();
  if (is_too_idle_) refuse("57P05", "terminating connection due to idle-session timeout");
}

// Ends the relay, after which the client is told.
void ClientSession::end_as_idle() noexcept {
  std::lock_guard lock{mutex_};
  is_too_idle_ = true;
  if (backend_) shut_down(backend_.get());
}

void ClientSession::carry(std::string const& greeting, std::uint32_t process) {
  struct Open {
    ClientSession& session;
    explicit Open(ClientSession& opened) : session(opened) {
      session.serving_ = true;
      session.compute_->session_opened();
    }
    Open(Open const&) = delete;
    Open& operator=(Open const&) = delete;
    ~Open() {
      session.compute_->session_closed();
      session.serving_ = false;
    }
  } open{*this};
  // An old session may be in the middle of a message, so that PostgreSQL itself is to end it.
  watch_.emplace(context_->limits,
                 [self = weak_from_this(), compute = compute_, process](SessionLimits::Ending ending) {
                   using enum SessionLimits::Ending;
                   if (ending == old) return compute->end_client_session(process);
                   auto const session = self.lock();
                   if (session) ending == idle ? session->end_as_idle() : session->cut();
                 });
  relay(client_, backend_, greeting, [this] { watch_->note_traffic(compute_->touch()); });
}

}  // namespace lakebase::emulator
