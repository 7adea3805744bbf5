#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator::tests {

/// A client that sends any bytes, and reads what comes.
class RawHttp {
 public:
  explicit RawHttp(std::uint16_t port);

  int fd() const { return socket_.get(); }
  /// False where the server has hung up.
  bool send(std::string_view bytes) const;
  /// The next answer as far as its body's end, or what has come when the server hangs up or 30 s have passed.
  std::string answer();
  /// Everything until the server hangs up, or 30 s have passed.
  std::string rest();
  /// Whether there is something to read, or the end, by then.
  bool is_readable(std::chrono::milliseconds patience) const;
  /// Whether the server has hung up.
  bool is_closed() const;

 private:
  bool receive();

  UniqueFd socket_;
  std::string buffer_;
};

/// The status of an answer; 0 where it is none.
int status_of(std::string_view answer);

}  // namespace lakebase::emulator::tests
