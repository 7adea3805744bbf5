#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lakebase::emulator {

/// A name longer than PostgreSQL's; one below 17 would cut it to `prefix_of_long_name`.
inline std::string const prefix_of_long_name(63, 'l');
inline std::string const long_name = prefix_of_long_name + "onger";

/// A packet that a hostile client may send first, under TLS.
struct HostilePacket {
  std::string bytes;
  bool cancel = false;

  /// Whether the length that it says it has is that of its bytes, so that a server need not wait for more of it.
  bool complete() const;
  /// The parameters' names as PostgreSQL would read them, up to where it would give up.
  std::vector<std::string> names() const;
  /// For failures: unprintable bytes as \xNN.
  std::string shown() const;

  /// Made of the grammar of start-up packets, and then broken a little. The same number makes the same packet.
  static HostilePacket make(std::uint64_t number);
};

}  // namespace lakebase::emulator
