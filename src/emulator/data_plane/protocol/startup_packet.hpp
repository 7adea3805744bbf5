#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data_plane/protocol/wire.hpp"

namespace lakebase::emulator::wire {

/// Longest name of a role or database. PostgreSQL below 17 truncates longer ones, and so would use another one.
constexpr std::size_t longest_name = 63;

/// The newest protocol that a server of this major version speaks.
std::uint32_t newest_protocol(int server_version);

/// The contents of a StartupMessage. The server is sent this, encoded again, and never the client's own bytes: two
/// parsers might read the same bytes differently.
struct Startup {
  std::uint32_t protocol = protocol_3_0;  ///< The newest that the client speaks.
  std::string user;
  std::string database;  ///< The user's name if the client names none.
  bool replication = false;
  /// The words of `options`, as PostgreSQL splits them, without those that are for routing by other proxies
  /// (`endpoint=…`).
  std::vector<std::string> options{};
  /// All other parameters: settings of the session, which PostgreSQL checks by the rights of the user.
  std::vector<std::pair<std::string, std::string>> settings{};
  /// Names that begin with `_pq_.`: options of the protocol, of which none is defined yet.
  std::vector<std::string> protocol_options{};

  /// @throws Refusal if the bytes are not a StartupMessage, or one with a parameter twice
  static Startup parse(std::string_view body);

  /// The newest protocol that the client and a server that speaks `newest` have in common.
  std::uint32_t spoken(std::uint32_t newest) const;
  /// The NegotiateProtocolVersion message for a client that requests more than the server supports; else empty.
  std::string negotiation(std::uint32_t newest) const;
  /// The whole packet for a server that speaks `newest`. @throws Refusal if it is longer than a packet may be
  std::string packet(std::uint32_t newest) const;
};

/// Splits as PostgreSQL does: at white space that has no backslash before it; backslashes are removed.
std::vector<std::string> split_options(std::string_view options);
/// The text that PostgreSQL splits into these words again, whatever its locale regards as white space.
std::string join_options(std::vector<std::string> const& words);

/// A CancelRequest: cancels what another session executes.
struct Cancel {
  std::uint32_t process = 0;
  std::string key;

  /// None if the bytes are not a CancelRequest; PostgreSQL does not respond to those either.
  static std::optional<Cancel> parse(std::string_view body);
  std::string packet() const;
};

}  // namespace lakebase::emulator::wire
