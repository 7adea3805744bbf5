#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <lakebase/pq/connection_source.hpp>

#include "certificate.hpp"
#include "temporary_folder.hpp"

namespace lakebase::tests {

/// What a FakeServer does with one connection.
struct Conversation {
  enum class Login {
    succeed,
    close_at_once,         ///< Before a byte is answered.
    refuse_tls,            ///< Answers `N`.
    error_instead_of_tls,  ///< Answers the request for TLS with an error in plain text.
    close_after_tls,
    error_after_startup,  ///< `sqlstate` and `message`.
    close_after_password,
    error_after_password,  ///< `sqlstate` and `message`.
    ask_scram,             ///< With `scram_iterations`; then says nothing.
    say_nothing,           ///< Until the client goes away.
    keep_cancel,           ///< Takes a request to cancel, does nothing about it, and keeps the connection open.
  };
  Login login = Login::succeed;
  std::string severity = "FATAL";
  std::string sqlstate{};
  std::string message{};
  int scram_iterations = 4096;
  /// Answers of the server to statements; empty: each statement gets an empty command's answer. Returning none closes
  /// the connection without an answer.
  std::function<std::optional<std::string>(std::string const& sql)> on_query{};
  /// Answers to the messages of the extended protocol and of COPY, by their kinds; empty: such a message ends the
  /// connection.
  std::function<std::optional<std::string>(char kind, std::string const& body)> on_message{};
  /// After the first answer to a statement, the connection is closed without a word.
  bool hang_up = false;
  /// After the first answer to a statement, this is sent again and again, until the client goes away.
  std::string drip{};
  /// Between two drips; none: as fast as the client takes it.
  std::chrono::milliseconds drip_pause{};
};

/// Messages of the protocol.
std::string error_message(std::string const& severity, std::string const& sqlstate, std::string const& text);
std::string command_complete(std::string const& tag, char transaction_status);
std::string message(char kind, std::string const& body);

/// A server that speaks just enough of PostgreSQL's protocol, over TLS, to fail in every way. Plays its conversations
/// in order, the last one again and again.
class FakeServer {
 public:
  explicit FakeServer(std::vector<Conversation> conversations);
  ~FakeServer();

  std::uint16_t port() const noexcept { return port_; }
  std::string root_file() const { return certificate_.certificate.string(); }
  /// How often it was dialled.
  int connections() const noexcept { return connections_; }
  /// The passwords that came, in order.
  std::vector<std::string> passwords() const;
  /// How many requests to cancel came over TLS with the key that the sessions got.
  int cancels() const noexcept { return cancels_; }
  /// Where it is, with this provider.
  pq::ConnectionSource source(std::shared_ptr<pq::DatabaseCredentialProvider> credentials) const;

 private:
  void accept(std::stop_token const& stop);
  void serve(int socket, Conversation const& conversation);
  void take_cancel(std::string const& request);

  TemporaryFolder folder_{};
  Certificate certificate_ = make_certificate(folder_.path());
  std::vector<Conversation> conversations_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> cancels_ = 0;
  mutable std::mutex mutex_{};
  std::vector<std::string> passwords_{};
  std::vector<int> sockets_{};
  std::vector<std::jthread> sessions_{};
  std::jthread acceptor_{};
};

}  // namespace lakebase::tests
