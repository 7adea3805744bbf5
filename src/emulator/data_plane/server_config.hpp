#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase::emulator {

/// The superuser that the emulator itself logs in as. No client may.
inline constexpr std::string_view bootstrap_superuser = "cloud_admin";

/// What a server's postgresql.conf says.
struct ServerConfig {
  int version = 0;  ///< Major version of PostgreSQL.
  std::filesystem::path socket_directory;
  std::string cluster_name;
  int max_connections = 100;
  std::map<std::string, std::string> pg_settings;
  /// The Unix socket directory of the primary to stream from; empty: read what is there and wait.
  std::optional<std::filesystem::path> primary;

  friend bool operator==(ServerConfig const&, ServerConfig const&) = default;

  std::string postgresql_conf() const;

  /// Raises the settings that a standby must have no lower than its primary.
  void cover(ServerConfig const& other);

 private:
  std::string conninfo() const;
};

/// Local connections only, all trusted: nobody else can reach the socket.
std::string_view pg_hba_conf();

/// Quotes a value for postgresql.conf.
std::string quote_setting(std::string_view value);

}  // namespace lakebase::emulator
