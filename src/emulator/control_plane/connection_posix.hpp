#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include <httplib.h>

namespace lakebase::emulator {

/// One client's connection to the HTTP server. Closes the socket at its end.
class Connection final : public httplib::Stream {
 public:
  explicit Connection(int socket);
  ~Connection();
  Connection(Connection const&) = delete;
  Connection& operator=(Connection const&) = delete;

  /// Waits until a request begins; false when the client has gone, nothing came for that long, or `hang_up` was called.
  bool wait_for_request(std::chrono::milliseconds longest);
  /// Lets the answer at work go out, and no other request come in. Called from another thread.
  void hang_up();
  /// Swallows the answer from here on, and closes the connection; with a reset, if wanted.
  void cut(bool reset);
  bool is_cut() const { return cut_; }

  // What the server asks of a stream. Which of these cpp-httplib declares differs from version to version, so none of
  // them says that it overrides.
  bool is_readable() const;
  bool is_writable() const;
  bool wait_readable() const { return is_readable(); }
  bool wait_writable() const { return is_writable(); }
  ssize_t read(char* buffer, std::size_t size);
  ssize_t write(char const* data, std::size_t size);
  void get_remote_ip_and_port(std::string& ip, int& port) const;
  void get_local_ip_and_port(std::string& ip, int& port) const;
  socket_t socket() const { return socket_; }
  time_t duration() const { return 0; }

 private:
  int const socket_;
  std::atomic<bool> hung_up_ = false;
  bool cut_ = false;
  bool reset_ = false;
  std::string buffer_;
  std::size_t buffer_at_ = 0;
};

/// Lets more clients wait to be accepted than cpp-httplib's default of five.
void widen_backlog(int listening_socket);
void close_socket(int socket);
/// Without SO_REUSEPORT, which would let two emulators share a port unnoticed.
void set_listening_options(int socket);

}  // namespace lakebase::emulator
