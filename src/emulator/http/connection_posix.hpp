#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/request_reader.hpp"
#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {

/// One client's connection to the HTTP server. No function of it waits.
class Connection {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// What it is at.
  enum class Phase {
    reading,    ///< A request comes, or none has begun.
    working,    ///< The handler has the request.
    delayed,    ///< The answer waits for its time.
    writing,    ///< The answer goes out.
    lingering,  ///< All is said, and the client may still be sending: what it sends is thrown away.
    ended,
  };

  /// @param socket must not block
  Connection(UniqueFd socket, RequestLimits const& limits, Time now);
  ~Connection();
  Connection(Connection const&) = delete;
  Connection& operator=(Connection const&) = delete;

  int socket() const { return socket_.get(); }
  Phase phase() const { return phase_; }
  /// Since when it has been at that; of a request that has begun: since then.
  Time since() const { return since_; }
  void enter(Phase phase, Time now);

  /// Takes in what has come, some of it at most.
  void receive(Time now);
  RequestReader& reader() { return reader_; }
  RequestReader const& reader() const { return reader_; }

  /// Keeps an answer until its time has come.
  void postpone(HttpReply reply, Time until);
  HttpReply take_postponed() { return std::move(postponed_); }
  /// The answer that is to go out, and whether it is the last.
  void put(std::string bytes, bool last);
  /// Sends what can be sent. True when all has been.
  bool send();
  bool is_last() const { return last_; }
  /// Sends a few bytes at once, or not at all.
  void try_send(std::string_view bytes) const;
  /// Tells the client that no more comes.
  void finish_sending() const;
  /// Throws away what has come. False at the end.
  bool discard();
  /// Ends with a reset instead of a farewell.
  void reset() { reset_ = true; }

  /// Who its client is has been shown by an earlier request.
  bool is_authenticated() const { return authenticated_; }
  void authenticate() { authenticated_ = true; }

 private:
  UniqueFd socket_;
  RequestReader reader_;
  Phase phase_ = Phase::reading;
  Time since_;
  HttpReply postponed_;
  std::string out_;
  std::size_t out_at_ = 0;
  bool last_ = false;
  bool reset_ = false;
  bool authenticated_ = false;
};

/// Listens on an IPv4 or IPv6 address; of port 0 any. Without SO_REUSEPORT, which would let two emulators share a port
/// unnoticed. @throws std::system_error
UniqueFd listening_socket(std::string const& address, std::uint16_t port);

}  // namespace lakebase::emulator
