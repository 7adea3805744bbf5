#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lakebase::emulator {

/// The superuser of the emulator's own sessions. No client may log in as it.
inline constexpr std::string_view bootstrap_superuser = "cloud_admin";

/// The configuration of a server: on its command line, which nothing overrides, what the emulator depends on; in its
/// postgresql.conf the rest, which an endpoint can change, and which a reload applies.
struct ServerConfig {
  int version = 0;  ///< Major version of PostgreSQL.
  std::filesystem::path socket_directory;
  std::string cluster_name;
  int max_connections = 100;
  /// Libraries that the server loads at its start.
  std::string preloaded;
  std::map<std::string, std::string> pg_settings;
  /// For a standby: the Unix socket directory of the primary to stream from; empty: it does not stream.
  std::optional<std::filesystem::path> primary;
  /// For a primary: the cluster names of standbys, one of which must have a commit before it is confirmed.
  std::vector<std::string> synchronous;
  /// For a recovery over several timelines, which begins a new one: the last of them.
  std::optional<std::uint32_t> last_timeline;

  friend bool operator==(ServerConfig const&, ServerConfig const&) = default;

  /// @param data the server's data directory
  std::vector<std::string> arguments(std::filesystem::path const& data) const;
  std::string postgresql_conf() const;

  /// Raises the settings that a standby must have no lower than its primary.
  void cover(ServerConfig const& other);

 private:
  std::string conninfo() const;
};

/// The setting of that name: one of these standbys, whichever; empty: none.
std::string synchronous_standby_names(std::vector<std::string> const& cluster_names);

/// Local connections only. The front has authenticated its clients already. The superuser is for the emulator, known by
/// the account of the connecting process, and, for replication only, for standbys, known by the servers' account.
std::string_view pg_hba_conf();
/// The maps to which `pg_hba_conf` refers. @param emulator the account that the emulator runs as
/// @param server the account that PostgreSQL runs as
std::string pg_ident_conf(std::string_view emulator, std::string_view server);

/// The names of the settings that a file in the form of postgresql.conf sets, at most ten of them.
std::vector<std::string> names_in_conf(std::string_view text);

/// Quotes a value for postgresql.conf.
std::string quote_setting(std::string_view value);

}  // namespace lakebase::emulator
