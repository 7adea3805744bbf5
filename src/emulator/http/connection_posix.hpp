#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/request_reader.hpp"
#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {

/// One client's connection to the HTTP server. None of its functions blocks.
class Connection {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Phase {
    reading,    ///< A request is being received, or none has begun.
    working,    ///< The handler has the request.
    delayed,    ///< The response waits for its time.
    writing,    ///< The response is being sent.
    lingering,  ///< All is sent. What the client may still send is discarded.
    ended,
  };

  /// @param socket must not block
  Connection(UniqueFd socket, RequestLimits const& limits, Time now);
  ~Connection();
  Connection(Connection const&) = delete;
  Connection& operator=(Connection const&) = delete;

  int socket() const { return socket_.get(); }
  Phase phase() const { return phase_; }
  /// When the phase began; of a request that has begun, when it did.
  Time since() const { return since_; }
  void enter(Phase phase, Time now);

  /// Receives some of what has arrived.
  void receive(Time now);
  RequestReader& reader() { return reader_; }
  RequestReader const& reader() const { return reader_; }

  /// Keeps a response until the given time.
  void postpone(HttpReply reply, Time until);
  HttpReply take_postponed() { return std::move(postponed_); }
  /// The response to be sent, and whether it is the last one.
  void put(std::string bytes, bool last);
  /// Sends what can be sent now. True once everything is sent.
  bool send();
  bool is_last() const { return last_; }
  /// Sends a few bytes at once, or not at all.
  void try_send(std::string_view bytes) const;
  /// Tells the client that nothing follows.
  void finish_sending() const;
  /// Discards what has arrived. False at the end.
  bool discard();
  /// Makes the destructor reset the connection instead of closing it in order.
  void reset() { reset_ = true; }

  /// Whether an earlier request has shown a valid credential.
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

/// Listens on an IPv4 or IPv6 address; port 0 means any. Without SO_REUSEPORT, which would allow two emulators to share
/// a port unnoticed. @throws std::system_error
UniqueFd listening_socket(std::string const& address, std::uint16_t port);

}  // namespace lakebase::emulator
