#include "data_plane/server/server_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "common/setting_rules.hpp"
#include "data_plane/server/own_session.hpp"

namespace lakebase::emulator {
namespace {

// fsync=off is safe if processes are killed, since the kernel has their writes, but not on loss of power: the
// emulator's data is for development. Dynamic shared memory is in the data directory, so that a killed server leaves
// nothing in /dev/shm. Files of the write-ahead log are not filled with zeros first, for a quick start. Statements are
// never logged, because they may hold passwords.
constexpr std::array argument_settings = {
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "fsync=off",
    "full_page_writes=on",
    "wal_init_zero=off",
    "wal_level=logical",
    "max_wal_senders=16",
    "max_replication_slots=16",
    "wal_keep_size=64MB",
    "wal_retrieve_retry_interval=200ms",
    "hot_standby=on",
    "huge_pages=off",
    "dynamic_shared_memory_type=mmap",
    "log_destination=stderr",
    "logging_collector=off",
    "log_line_prefix=%m [%p] ",
    "log_statement=none",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "update_process_title=on",
    "log_timezone=UTC",
    "lc_messages=C.UTF-8",
};

// What an endpoint's pg_settings can change.
constexpr std::string_view file_settings = R"(synchronous_commit = on
min_wal_size = 32MB
max_wal_size = 512MB
shared_buffers = 32MB
jit = off
autovacuum = on
password_encryption = scram-sha-256
log_checkpoints = off
timezone = UTC
datestyle = 'iso, mdy'
lc_monetary = 'C.UTF-8'
lc_numeric = 'C.UTF-8'
lc_time = 'C.UTF-8'
default_text_search_config = 'pg_catalog.english'
)";

/// PostgreSQL's defaults of settings that a standby must have no lower than its primary.
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

/// As an element of a list of folders: quoted, so that commas and spaces do not split the path.
std::string quote_element(std::string_view path) {
  std::string quoted = "\"";
  for (char letter : path) quoted += letter == '"' ? std::string{"\"\""} : std::string(1, letter);
  return quoted + "\"";
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

std::vector<std::string> ServerConfig::arguments(std::filesystem::path const& data) const {
  std::vector<std::string> settings{argument_settings.begin(), argument_settings.end()};
  settings.push_back("unix_socket_directories=" + quote_element(socket_directory.string()));
  settings.push_back("cluster_name=" + cluster_name);
  if (!preloaded.empty()) settings.push_back("shared_preload_libraries=" + preloaded);
  // No client gets in before the end of the recovery, which is what a start waits for.
  if (last_timeline) settings.emplace_back("hot_standby=off");
  settings.push_back("hba_file=" + (data / "pg_hba.conf").string());
  settings.push_back("ident_file=" + (data / "pg_ident.conf").string());
  std::vector<std::string> words;
  for (std::string& setting : settings) {
    words.emplace_back("-c");
    words.push_back(std::move(setting));
  }
  return words;
}

std::string ServerConfig::postgresql_conf() const {
  std::string text{file_settings};
  // Otherwise each server would have three more processes, for reads that the page cache serves.
  if (version >= 18) text += "io_method = sync\n";
  text += fmt::format("max_connections = {}\n", max_connections);
  // Statistics end with the compute, as in the service.
  if (!preloaded.empty()) text += "pg_stat_statements.save = off\n";
  if (primary) {
    text += fmt::format("primary_conninfo = {}\n", quote_setting(primary->empty() ? std::string{} : conninfo()));
  }
  if (!synchronous.empty()) {
    text += fmt::format("synchronous_standby_names = {}\n", quote_setting(synchronous_standby_names(synchronous)));
  }
  if (last_timeline) {
    // All of the log is in its folder.
    text += fmt::format("restore_command = 'exit 1'\nrecovery_target_timeline = '{}'\n", *last_timeline);
  }
  for (auto const& [name, value] : pg_settings) text += fmt::format("{} = {}\n", name, quote_setting(value));
  return text;
}

std::string synchronous_standby_names(std::vector<std::string> const& cluster_names) {
  if (cluster_names.empty()) return {};
  return fmt::format("ANY 1 (\"{}\")", fmt::join(cluster_names, "\", \""));
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

std::vector<std::string> names_in_conf(std::string_view text) {
  constexpr std::size_t most = 10;
  constexpr std::size_t longest = 64;
  std::vector<std::string> names;
  while (!text.empty() && names.size() < most) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t\r")));
    std::string_view const name = line.substr(0, line.find_first_of(" \t\r='#"));
    if (!name.empty()) names.emplace_back(name.substr(0, longest));
  }
  return names;
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
