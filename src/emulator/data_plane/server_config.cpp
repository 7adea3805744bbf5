#include "data_plane/server_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "data_plane/own_session.hpp"
#include "data_plane/setting_rules.hpp"

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

/// What PostgreSQL takes where postgresql.conf is silent.
constexpr std::array<std::pair<char const*, int>, 3> defaults_to_cover = {{
    {"max_worker_processes", 8},
    {"max_prepared_transactions", 0},
    {"max_locks_per_transaction", 64},
}};

std::optional<int> number_of(std::map<std::string, std::string> const& settings, std::string_view name) {
  for (auto const& [key, value] : settings) {
    int number = 0;
    bool same = setting_key(key) == name;
    if (same && std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc{}) return number;
  }
  return std::nullopt;
}

std::string quote_conninfo(std::string_view value) {
  std::string quoted = "'";
  for (char letter : value) {
    if (letter == '\'' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + "'";
}

void set_number(std::map<std::string, std::string>& settings, std::string_view name, int number) {
  std::erase_if(settings, [&](auto const& setting) { return setting_key(setting.first) == name; });
  settings[std::string{name}] = std::to_string(number);
}

}  // namespace

std::string ServerConfig::postgresql_conf() const {
  std::string text{fixed_settings};
  // Else each server would have three more processes, for reads that the page cache serves.
  if (version >= 18) text += "io_method = sync\n";
  // The inner quotes keep commas and spaces of the path from separating it.
  text += fmt::format("unix_socket_directories = {}\n", quote_setting('"' + socket_directory.string() + '"'));
  text += fmt::format("cluster_name = {}\n", quote_setting(cluster_name));
  text += fmt::format("max_connections = {}\n", max_connections);
  if (primary) {
    text += fmt::format("primary_conninfo = {}\n", quote_setting(primary->empty() ? std::string{} : conninfo()));
  }
  for (auto const& [name, value] : pg_settings) text += fmt::format("{} = {}\n", name, quote_setting(value));
  return text;
}

std::string ServerConfig::conninfo() const {
  return fmt::format("host={} user={} application_name={} options={}", quote_conninfo(primary->string()),
                     bootstrap_superuser, cluster_name, quote_conninfo(own_replication_options()));
}

void ServerConfig::cover(ServerConfig const& other) {
  int mine = number_of(pg_settings, "max_connections").value_or(max_connections);
  int others = number_of(other.pg_settings, "max_connections").value_or(other.max_connections);
  if (others > mine) {
    max_connections = others;
    std::erase_if(pg_settings, [](auto const& setting) { return setting_key(setting.first) == "max_connections"; });
  }
  for (auto const& [name, standard] : defaults_to_cover) {
    int needed = number_of(other.pg_settings, name).value_or(standard);
    if (needed > number_of(pg_settings, name).value_or(standard)) set_number(pg_settings, name, needed);
  }
}

std::string_view pg_hba_conf() {
  return "local all cloud_admin peer map=emulator\n"
         "local all all trust\n"
         "local replication cloud_admin peer map=standby\n";
}

std::string pg_ident_conf(std::string_view emulator, std::string_view server) {
  return fmt::format("emulator \"{}\" {}\nstandby \"{}\" {}\n", emulator, bootstrap_superuser, server,
                     bootstrap_superuser);
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
