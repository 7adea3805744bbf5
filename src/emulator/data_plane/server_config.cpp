#include "data_plane/server_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "data_plane/data_plane.hpp"

namespace lakebase::emulator {
namespace {

// fsync=off is safe against killed processes, whose writes the kernel has, but not against loss of power: the
// emulator's data is for development. Dynamic shared memory lies in the data directory, so that a killed server leaves
// nothing in /dev/shm. Statements are never logged, as they may hold passwords.
constexpr std::string_view fixed_settings = R"(listen_addresses = ''
port = 5432
unix_socket_permissions = 0700
fsync = off
synchronous_commit = on
full_page_writes = on
wal_level = replica
max_wal_senders = 16
max_replication_slots = 16
wal_keep_size = 64MB
min_wal_size = 32MB
max_wal_size = 512MB
wal_retrieve_retry_interval = 200ms
hot_standby = on
shared_buffers = 32MB
huge_pages = off
dynamic_shared_memory_type = mmap
jit = off
autovacuum = on
password_encryption = scram-sha-256
log_destination = stderr
logging_collector = off
log_line_prefix = '%m [%p] '
log_checkpoints = off
log_statement = none
log_min_error_statement = panic
log_error_verbosity = terse
update_process_title = on
timezone = UTC
log_timezone = UTC
datestyle = 'iso, mdy'
lc_messages = 'C.UTF-8'
lc_monetary = 'C.UTF-8'
lc_numeric = 'C.UTF-8'
lc_time = 'C.UTF-8'
default_text_search_config = 'pg_catalog.english'
)";

/// Settings that would cut the server off from the emulator, or let it run programs and write logs elsewhere.
constexpr std::array managed_settings = {"archive_command",
                                         "archive_library",
                                         "archive_mode",
                                         "cluster_name",
                                         "config_file",
                                         "data_directory",
                                         "dynamic_shared_memory_type",
                                         "event_source",
                                         "external_pid_file",
                                         "full_page_writes",
                                         "hba_file",
                                         "hot_standby",
                                         "ident_file",
                                         "listen_addresses",
                                         "log_destination",
                                         "log_directory",
                                         "log_error_verbosity",
                                         "log_filename",
                                         "log_min_error_statement",
                                         "log_statement",
                                         "logging_collector",
                                         "max_replication_slots",
                                         "max_wal_senders",
                                         "port",
                                         "primary_conninfo",
                                         "primary_slot_name",
                                         "promote_trigger_file",
                                         "restore_command",
                                         "ssl",
                                         "ssl_passphrase_command",
                                         "unix_socket_directories",
                                         "unix_socket_group",
                                         "unix_socket_permissions",
                                         "update_process_title",
                                         "wal_level"};

/// What PostgreSQL takes where postgresql.conf is silent.
constexpr std::array<std::pair<char const*, int>, 3> defaults_to_cover = {{
    {"max_worker_processes", 8},
    {"max_prepared_transactions", 0},
    {"max_locks_per_transaction", 64},
}};

std::string lower(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return result;
}

std::optional<int> number_of(std::map<std::string, std::string> const& settings, std::string_view name) {
  for (auto const& [key, value] : settings) {
    int number = 0;
    bool same = lower(key) == name;
    if (same && std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc{}) return number;
  }
  return std::nullopt;
}

void set_number(std::map<std::string, std::string>& settings, std::string_view name, int number) {
  std::erase_if(settings, [&](auto const& setting) { return lower(setting.first) == name; });
  settings[std::string{name}] = std::to_string(number);
}

}  // namespace

std::string ServerConfig::postgresql_conf() const {
  std::string text{fixed_settings};
  // The inner quotes keep commas and spaces of the path from separating it.
  text += fmt::format("unix_socket_directories = {}\n", quote_setting('"' + socket_directory.string() + '"'));
  text += fmt::format("cluster_name = {}\n", quote_setting(cluster_name));
  text += fmt::format("max_connections = {}\n", max_connections);
  if (primary) {
    text += fmt::format(
        "primary_conninfo = {}\n",
        quote_setting(primary->empty() ? std::string{}
                                       : fmt::format("host='{}' user={} application_name={}", primary->string(),
                                                     bootstrap_superuser, cluster_name)));
  }
  for (auto const& [name, value] : pg_settings) text += fmt::format("{} = {}\n", name, quote_setting(value));
  return text;
}

void ServerConfig::cover(ServerConfig const& other) {
  int mine = number_of(pg_settings, "max_connections").value_or(max_connections);
  int others = number_of(other.pg_settings, "max_connections").value_or(other.max_connections);
  if (others > mine) {
    max_connections = others;
    std::erase_if(pg_settings, [](auto const& setting) { return lower(setting.first) == "max_connections"; });
  }
  for (auto const& [name, standard] : defaults_to_cover) {
    int needed = number_of(other.pg_settings, name).value_or(standard);
    if (needed > number_of(pg_settings, name).value_or(standard)) set_number(pg_settings, name, needed);
  }
}

std::string_view pg_hba_conf() {
  return "local all all trust\n"
         "local replication cloud_admin trust\n";
}

void check_setting_names(std::map<std::string, std::string> const& pg_settings) {
  for (auto const& [name, value] : pg_settings) {
    bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char letter) {
      return std::isalnum(letter) != 0 || letter == '_' || letter == '.';
    });
    if (!plain || value.find('\0') != std::string::npos) {
      throw DataPlaneError(fmt::format("\"{}\" cannot be a configuration parameter", name), "42602");
    }
    if (std::find(managed_settings.begin(), managed_settings.end(), lower(name)) != managed_settings.end()) {
      throw DataPlaneError(fmt::format("parameter \"{}\" cannot be changed: the emulator sets it", name), "55P02");
    }
  }
}

std::string quote_setting(std::string_view value) {
  std::string quoted = "'";
  for (char letter : value) {
    if (letter == '\'')
      quoted += "''";
    else if (letter == '\\')
      quoted += "\\\\";
    else if (letter == '\n')
      quoted += "\\n";
    else if (letter == '\r')
      quoted += "\\r";
    else
      quoted += letter;
  }
  return quoted + "'";
}

}  // namespace lakebase::emulator
