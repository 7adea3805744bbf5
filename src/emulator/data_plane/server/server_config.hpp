#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lakebase::emulator {

/// The superuser that the emulator itself logs in as. No client may.
inline constexpr std::string_view bootstrap_superuser = "cloud_admin";

/// What a server is told: by its command line, which nothing beats, what the emulator depends on; by its
/// postgresql.conf the rest, which an endpoint can change, and which holds anew after a reload.
struct ServerConfig {
  int version = 0;  ///< Major version of PostgreSQL.
  std::filesystem::path socket_directory;
  std::string cluster_name;
  int max_connections = 100;
  std::map<std::string, std::string> pg_settings;
  /// The Unix socket directory of the primary to stream from; empty: read what is there and wait.
  std::optional<std::filesystem::path> primary;

  friend bool operator==(ServerConfig const&, ServerConfig const&) = default;

  /// @param data the server's data directory
  std::vector<std::string> arguments(std::filesystem::path const& data) const;
  std::string postgresql_conf() const;

  /// Raises the settings that a standby must have no lower than its primary.
  void cover(ServerConfig const& other);

 private:
  std::string conninfo() const;
};

/// Local connections only. The front has authenticated its clients when they get here; the superuser is the emulator's,
/// by the account of the process that connects, and a standby's, which is of the servers' account, for replication
/// only.
std::string_view pg_hba_conf();
/// What `pg_hba_conf` refers to. @param emulator the account that the emulator runs as
/// @param server the account that PostgreSQL runs as
std::string pg_ident_conf(std::string_view emulator, std::string_view server);

/// The names of the settings that a file in the form of postgresql.conf sets, at most ten of them.
std::vector<std::string> names_in_conf(std::string_view text);

/// Quotes a value for postgresql.conf.
std::string quote_setting(std::string_view value);

}  // namespace lakebase::emulator
