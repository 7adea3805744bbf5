#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data_plane/protocol/wire.hpp"

namespace lakebase::emulator::wire {

/// Longest name of a role or database. PostgreSQL below 17 cuts what is longer, and so means another one.
constexpr std::size_t longest_name = 63;

/// The newest protocol that a server of this major version speaks.
std::uint32_t newest_protocol(int server_version);

/// What a StartupMessage asks for. The server is sent this, written anew, and never the client's own bytes: two readers
/// of the same bytes may come to different values.
struct Startup {
  std::uint32_t protocol = protocol_3_0;  ///< What the client speaks.
  std::string user;
  std::string database;  ///< The user's name where none was named.
  bool replication = false;
  /// The words of `options`, as PostgreSQL splits them, without those that route at other fronts (`endpoint=…`).
  std::vector<std::string> options{};
  /// All other parameters are settings of the session, which PostgreSQL judges by the rights of the user.
  std::vector<std::pair<std::string, std::string>> settings{};
  /// Names that begin with `_pq_.`: options of the protocol, of which there are none yet.
  std::vector<std::string> protocol_options{};

  /// @throws Refusal where the bytes are no StartupMessage, or one that says anything twice
  static Startup parse(std::string_view body);

  /// The newest protocol that the client and a server that speaks `newest` have in common.
  std::uint32_t spoken(std::uint32_t newest) const;
  /// The NegotiateProtocolVersion message for a client that asked for more than there is; else empty.
  std::string negotiation(std::uint32_t newest) const;
  /// The whole packet for a server that speaks `newest`. @throws Refusal where it takes more than a packet may
  std::string packet(std::uint32_t newest) const;
};

/// Splits as PostgreSQL does: at white space without a backslash before it; other backslashes go.
std::vector<std::string> split_options(std::string_view options);
/// What splits into these words again, whatever the server's locale takes for white space.
std::string join_options(std::vector<std::string> const& words);

/// A request to cancel what another session does.
struct Cancel {
  std::uint32_t process = 0;
  std::string key;

  /// None where the bytes are no CancelRequest; PostgreSQL does not answer those either.
  static std::optional<Cancel> parse(std::string_view body);
  std::string packet() const;
};

}  // namespace lakebase::emulator::wire
