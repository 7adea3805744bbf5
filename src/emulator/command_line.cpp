#include "command_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "common/time.hpp"
#include "limit_options.hpp"
#include "system/private_file_posix.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {
namespace {

std::optional<std::string> variable(char const* name) {
  char const* const value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>{value};
}

std::uint16_t parse_port(std::string_view text, std::string_view option) {
  std::uint16_t port = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
    throw UsageError(fmt::format("{}: '{}' is no port from 0 to 65535", option, text));
  }
  return port;
}

bool is_loopback(std::string_view address) {
  if (address == "::1") return true;
  int dots = 0;
  for (char const c : address) {
    if (c == '.') ++dots;
    if (c != '.' && (c < '0' || c > '9')) return false;
  }
  return dots == 3 && address.starts_with("127.");
}

void read_http(std::string const& value, testing::EmulatorOptions& options) {
  auto const colon = value.rfind(':');
  if (colon == std::string::npos) throw UsageError(fmt::format("--http: '{}' is not ADDRESS:PORT", value));
  std::string address = value.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  if (address == "localhost") address = "127.0.0.1";
  if (!is_loopback(address)) {
    throw UsageError(fmt::format(
        "--http: '{}' is not a loopback address; the emulator has no TLS and serves this machine alone", address));
  }
  options.http_address = address;
  options.http_port = parse_port(value.substr(colon + 1), "--http");
}

void read_service_principal(std::string const& value, testing::EmulatorOptions& options,
                            std::string_view where = "--service-principal") {
  auto const colon = value.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == value.size()) {
    throw UsageError(fmt::format("{}: wants APPLICATION_ID:SECRET", where));
  }
  options.service_principals.push_back(
      {.application_id = value.substr(0, colon), .secret = value.substr(colon + 1), .display_name = {}});
}

/// The lines of a file of secrets, without blanks around them.
std::vector<std::string> secret_lines(std::string const& path, std::string_view option, CommandLine& line) try {
  NamedFile const file = read_named_file(path);
  std::vector<std::string> lines;
  std::istringstream text{file.text};
  for (std::string part; std::getline(text, part);) {
    auto const first = part.find_first_not_of(" \t\r");
    if (first != std::string::npos) lines.push_back(part.substr(first, part.find_last_not_of(" \t\r") + 1 - first));
  }
  if (lines.empty()) throw UsageError(fmt::format("{}: {} is empty", option, path));
  if (file.others_can_read) {
    line.warnings.push_back(
        fmt::format("{}: other accounts can read {}; close it with chmod 600 unless it is mounted so", option, path));
  }
  return lines;
} catch (UsageError const&) {
  throw;
} catch (std::exception const& error) {
  throw UsageError(fmt::format("{}: {}", option, error.what()));
}

/// @param where names the token's origin in errors, which never show the token itself
std::string checked_token(std::string const& token, std::string_view where) {
  bool const plain = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!plain) throw UsageError(fmt::format("{}: a token has no blanks and none but ASCII characters", where));
  return token;
}

void set_token(std::string const& token, std::string_view where, CommandLine& line) {
  if (!line.options.token.empty()) throw UsageError(fmt::format("{}: there is a token already; give one only", where));
  line.options.token = checked_token(token, where);
}

void read_token_file(std::string const& path, CommandLine& line) {
  auto const lines = secret_lines(path, "--token-file", line);
  if (lines.size() > 1) throw UsageError(fmt::format("--token-file: {} holds more than one line", path));
  set_token(lines[0], "--token-file", line);
}

void read_service_principal_file(std::string const& path, CommandLine& line) {
  for (auto const& principal : secret_lines(path, "--service-principal-file", line)) {
    read_service_principal(principal, line.options, fmt::format("--service-principal-file: {}", path));
  }
}

void read_environment(CommandLine& line) {
  auto const token = variable("LAKEBASE_EMULATOR_TOKEN");
  if (line.options.token.empty() && token) line.options.token = checked_token(*token, "LAKEBASE_EMULATOR_TOKEN");
}

std::chrono::nanoseconds read_duration(std::string const& value, std::string_view option) {
  auto const duration = parse_duration(value.ends_with('s') ? value : value + 's');
  if (!duration || duration->count() < 0) {
    throw UsageError(fmt::format("{}: '{}' is no number of seconds such as 2 or 0.5s", option, value));
  }
  return *duration;
}

void read_lenient(std::string_view value, testing::EmulatorOptions& options) {
  while (!value.empty()) {
    auto const comma = std::min(value.find(','), value.size());
    auto const rule = value.substr(0, comma);
    value.remove_prefix(std::min(comma + 1, value.size()));
    if (rule == "expiration") {
      options.expiration_optional = true;
    } else if (rule == "update-mask") {
      options.update_mask_optional = true;
    } else {
      throw UsageError(fmt::format("--lenient: '{}' is none of expiration, update-mask", rule));
    }
  }
}

void read_log_level(std::string const& value, CommandLine& line) {
  line.quiet = value == "quiet";
  line.options.log_requests = value == "debug";
  if (value != "quiet" && value != "info" && value != "debug") {
    throw UsageError(fmt::format("--log-level: '{}' is none of quiet, info, debug", value));
  }
}

std::uint64_t read_seed(std::string const& value) {
  std::uint64_t seed = 0;
  auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), seed);
  if (error != std::errc{} || end != value.data() + value.size()) {
    throw UsageError(fmt::format("--seed: '{}' is no number from 0 to 18446744073709551615", value));
  }
  return seed;
}

int read_count(std::string const& value, std::string_view option) {
  int count = 0;
  auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
  if (error != std::errc{} || end != value.data() + value.size() || count < 0 || value.empty()) {
    throw UsageError(fmt::format("{}: '{}' is no number from 0 on", option, value));
  }
  return count;
}

bool is_table_name(std::string_view name) {
  auto const dots = std::count(name.begin(), name.end(), '.');
  bool const has_gap = name.starts_with('.') || name.ends_with('.') || name.find("..") != std::string_view::npos;
  return dots == 2 && !has_gap;
}

/// Files become absolute, as the process in the background leaves its folder.
void read_source(std::string const& value, testing::EmulatorOptions& options) {
  auto const equals = value.find('=');
  auto const name = value.substr(0, equals);
  if (equals == std::string::npos || !is_table_name(name)) {
    throw UsageError(fmt::format("--source: '{}' is not CATALOG.SCHEMA.TABLE=FILE", value));
  }
  std::string from = value.substr(equals + 1);
  if (!from.starts_with("projects/")) {
    auto const kind = std::filesystem::path{from}.extension();
    if (kind != ".csv" && kind != ".jsonl" && kind != ".ndjson") {
      throw UsageError(
          fmt::format("--source: '{}' is neither a .csv, .jsonl or .ndjson file nor "
                      "projects/P/branches/B/databases/D:SCHEMA.TABLE",
                      from));
    }
    from = std::filesystem::absolute(from).string();
  }
  if (!options.sources.emplace(name, from).second) throw UsageError(fmt::format("--source: {} has one already", name));
}

struct Option {
  std::string_view name;
  void (*read)(std::string const& value, CommandLine& line);
};

struct NamedAction {
  std::string_view name;
  Action action;
  /// Whether it starts an emulator, and so takes the options of one.
  bool starts;
};

constexpr std::array<NamedAction, 5> actions = {{{"exec", Action::exec, true},
                                                 {"up", Action::up, true},
                                                 {"env", Action::env, false},
                                                 {"status", Action::status, false},
                                                 {"down", Action::down, false}}};

constexpr std::array<Option, 22> options_with_value = {{
    {"--data-dir", [](std::string const& v, CommandLine& line) { line.options.data_dir = v; }},
    {"--http", [](std::string const& v, CommandLine& line) { read_http(v, line.options); }},
    {"--postgres-port",
     [](std::string const& v, CommandLine& line) { line.options.postgres_port = parse_port(v, "--postgres-port"); }},
    {"--postgres-bin", [](std::string const& v, CommandLine& line) { line.options.postgres_bin.emplace_back(v); }},
    {"--user", [](std::string const& v, CommandLine& line) { line.options.user_name = v; }},
    {"--token", [](std::string const& v, CommandLine& line) { set_token(v, "--token", line); }},
    {"--token-file", read_token_file},
    {"--service-principal", [](std::string const& v, CommandLine& line) { read_service_principal(v, line.options); }},
    {"--service-principal-file", read_service_principal_file},
    {"--group", [](std::string const& v, CommandLine& line) { line.options.groups.push_back(v); }},
    {"--identity",
     [](std::string const& v, CommandLine& line) {
       if (!line.options.identities) line.options.identities.emplace();
       line.options.identities->push_back(v);
     }},
    {"--source", [](std::string const& v, CommandLine& line) { read_source(v, line.options); }},
    {"--cdf-folder",
     [](std::string const& v, CommandLine& line) { line.options.cdf_folder = std::filesystem::absolute(v); }},
    {"--operation-delay",
     [](std::string const& v, CommandLine& line) {
       line.options.operation_delay = read_duration(v, "--operation-delay");
     }},
    {"--operation-polls", [](std::string const& v,
                             CommandLine& line) { line.options.operation_polls = read_count(v, "--operation-polls"); }},
    {"--reconciliation-delay",
     [](std::string const& v, CommandLine& line) {
       line.options.reconciliation_delay = read_duration(v, "--reconciliation-delay");
     }},
    {"--data-api-sessions",
     [](std::string const& v, CommandLine& line) {
       line.options.data_api_sessions = read_count(v, "--data-api-sessions");
     }},
    {"--lenient", [](std::string const& v, CommandLine& line) { read_lenient(v, line.options); }},
    {"--limits", [](std::string const& v, CommandLine& line) { read_limits(v, line.options); }},
    {"--limit", [](std::string const& v, CommandLine& line) { read_limit(v, line.options.limits); }},
    {"--seed", [](std::string const& v, CommandLine& line) { line.options.seed = read_seed(v); }},
    {"--log-level", [](std::string const& v, CommandLine& line) { read_log_level(v, line); }},
}};

bool read_flag(std::string_view name, CommandLine& line) {
  if (name == "--help" || name == "-h") {
    line.help = true;
  } else if (name == "--version") {
    line.version = true;
  } else if (name == "--echo-spec") {
    line.options.echo_spec = true;
  } else if (name == "--long-endpoint-ids") {
    line.options.long_endpoint_ids = true;
  } else {
    return false;
  }
  return true;
}

Option const* find_option(std::string_view name) {
  for (auto const& option : options_with_value) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

NamedAction const* find_action(std::string_view name) {
  auto const found =
      std::find_if(actions.begin(), actions.end(), [&](NamedAction const& action) { return action.name == name; });
  return found == actions.end() ? nullptr : &*found;
}

std::string action_names() {
  std::string names;
  for (auto const& action : actions) names += fmt::format("{}{}", names.empty() ? "" : ", ", action.name);
  return names;
}

[[noreturn]] void throw_unknown(std::string const& word, Action action) {
  bool const is_option = word.starts_with('-');
  if (action == Action::exec && !is_option) {
    throw UsageError(fmt::format("exec: put -- before the command: exec [OPTION ...] -- {}", word));
  }
  if (action == Action::serve && find_action(word) != nullptr) {
    throw UsageError(fmt::format("the command comes first: lakebase-emulator {} [OPTION ...]", word));
  }
  if (action == Action::serve && !is_option) {
    throw UsageError(fmt::format("there is no command '{}'; there are {}", word, action_names()));
  }
  throw UsageError(fmt::format("unknown option '{}'", word));
}

/// @param folder_only only --data-dir is allowed
void read_options(std::vector<std::string> const& arguments, bool folder_only, CommandLine& line) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string name = arguments[i];
    std::optional<std::string> value;
    if (auto const equals = name.find('='); name.starts_with("--") && equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    auto const* const option = find_option(name);
    if (option == nullptr) {
      if (value || !read_flag(name, line)) throw_unknown(arguments[i], line.action);
      line.shapes = true;
      continue;
    }
    if (folder_only && name != "--data-dir") {
      throw UsageError(fmt::format("{} is for 'up' only; env, status and down take --data-dir", name));
    }
    if (!value && i + 1 < arguments.size()) value = arguments[++i];
    if (!value || value->empty()) throw UsageError(fmt::format("{} wants a value", name));
    option->read(*value, line);
    if (name != "--data-dir") line.shapes = true;
  }
}

bool is_closed_to_postgres(std::string const& folder) try {
  require_reachable(folder, RunAs::choose());
  return false;
} catch (std::exception const&) {
  return true;
}

}  // namespace

CommandLine parse_command_line(std::vector<std::string> const& arguments) {
  CommandLine line;
  line.help = !arguments.empty() && arguments[0] == "help";
  if (line.help) return line;
  auto const* const action = arguments.empty() ? nullptr : find_action(arguments[0]);
  if (action != nullptr) line.action = action->action;
  // The log would appear between the command's own lines.
  line.quiet = line.action == Action::exec;
  auto const command =
      line.action == Action::exec ? std::find(arguments.begin(), arguments.end(), "--") : arguments.end();
  if (command != arguments.end()) line.command.assign(command + 1, arguments.end());
  std::vector<std::string> const options{arguments.begin() + (action == nullptr ? 0 : 1), command};
  read_options(options, action != nullptr && !action->starts, line);
  if (line.help || line.version) return line;
  if (line.action == Action::exec && line.command.empty()) {
    throw UsageError("exec wants a command: lakebase-emulator exec [OPTION ...] -- COMMAND [ARGUMENT ...]");
  }
  bool const is_kept = line.action != Action::serve && line.action != Action::exec;
  line.in_default_folder = is_kept && !line.options.data_dir;
  if (line.in_default_folder) line.options.data_dir = default_data_dir();
  read_environment(line);
  return line;
}

std::filesystem::path default_data_dir() {
  constexpr char const* name = "lakebase-emulator";
  auto const state = variable("XDG_STATE_HOME");
  // The XDG base directory specification says to ignore a relative one.
  if (state && std::filesystem::path{*state}.is_absolute()) return std::filesystem::path{*state} / name;
  auto const home = variable("HOME");
  if (!home) throw UsageError("there is no HOME to keep an emulator in: set it, or name a folder by --data-dir");
  if (!std::filesystem::path{*home}.is_absolute()) {
    throw UsageError(
        fmt::format("HOME is '{}', which is no absolute path: set it, or name a folder by --data-dir", *home));
  }
  return is_closed_to_postgres(*home) ? std::filesystem::path{"/var/lib"} / name
                                      : std::filesystem::path{*home} / ".local" / "state" / name;
}

std::string help_text() {
  return R"help(lakebase-emulator: a Databricks Lakebase on this machine, for development and
tests.

Serves the Lakebase API (/api/2.0/postgres/..., and /api/2.0/database/... of
database instances) over HTTP on loopback, with a real PostgreSQL behind each
endpoint. Needs an installed PostgreSQL server; no account, no container.

Usage:
  lakebase-emulator exec [OPTION ...] -- COMMAND [ARGUMENT ...]
      Serve while COMMAND runs, with the environment below set for it (and no
      other DATABRICKS_*, ARM_* and PG* variable), and end as it ends.
  lakebase-emulator up [OPTION ...]
      Serve in the background. Prints the environment once it serves, also
      if it does already.
  lakebase-emulator env [--data-dir DIR]
      Print the environment of the one in the background.
  lakebase-emulator status [--data-dir DIR]
      Say whether it serves: the exit status is 0, or 3 if it does not.
  lakebase-emulator down [--data-dir DIR]
      Stop it. Its data stays.
  lakebase-emulator [OPTION ...]
      Serve until SIGTERM or Ctrl-C. Prints the environment, and then a line
      that begins with "ready".

Examples:
  lakebase-emulator exec -- ctest --output-on-failure
  eval "$(lakebase-emulator up)"
  lakebase-emulator exec -- sh -c 'curl $DATABRICKS_HOST/health'

The environment, in lines that a shell can eval:
  export DATABRICKS_HOST=http://127.0.0.1:40001   where the API is
  export DATABRICKS_TOKEN=dapi...                 a token for it
  export PGSSLROOTCERT=.../ca.pem                 for sslmode=verify-full
  export PGPORT=5432                              the port of all endpoints

Where and who
  --data-dir DIR     Keep projects, data and ports in DIR, which is empty, not
                     there yet, or an emulator's. Default of up, env, status
                     and down: lakebase-emulator in $XDG_STATE_HOME, else in
                     ~/.local/state (as root, in /var/lib if the account of
                     PostgreSQL cannot enter the home folder). Otherwise a
                     temporary folder, removed at the end.
  --http ADDRESS:PORT
                     Where to serve the API; loopback only. Port 0 is any free
                     port. Default: 127.0.0.1, and the port that DIR had last
                     time, else any free one.
  --postgres-port PORT
                     The port of the endpoints, each of which has a loopback
                     address of its own. 0 is any free port. Default: the one
                     that DIR had last time, else 5432.
  --postgres-bin DIR Also run the PostgreSQL whose programs (initdb, postgres)
                     are in DIR. Repeatable. A project runs the major version
                     that its pg_version requests if it is found, else 17, else
                     the newest; its status.pg_version tells which.
  --user NAME        The user of the token. Default: developer@example.com
  --token-file FILE  The token is what FILE holds. Default: made up, and kept in
                     the data folder.
  --token TOKEN      The token itself, which every account of this machine can
                     then read.
  --service-principal-file FILE
                     Also let these service principals log in with OAuth: each
                     line of FILE is APPLICATION_ID:SECRET. Repeatable.
  --service-principal APPLICATION_ID:SECRET
                     The same for one, whose secret every account can then
                     read. Repeatable.
  --group NAME       A group that all callers are members of. Repeatable.
  --identity NAME    A user, service principal or group that roles may stand
                     for. Repeatable. Default: whatever looks like one.
  --source CATALOG.SCHEMA.TABLE=FILE
                     Fill synced tables of this source table with the rows of a
                     .csv, .jsonl or .ndjson file, or of another table, as
                     projects/P/branches/B/databases/D:SCHEMA.TABLE. Repeatable.
  --cdf-folder DIR   Write change data feeds to DIR. Default: cdf in the data
                     folder.

How it behaves
  --operation-delay SECONDS
                     Let each operation take at least this long. Default: 0
  --operation-polls N
                     Show each operation as "not done" to N polls. Default: 0
  --reconciliation-delay SECONDS
                     Let endpoints show a pending state after each change.
                     Default: 0
  --data-api-sessions N
                     Let the Data API of a database have N sessions at most.
                     Default: 10
  --lenient RULE[,RULE]
                     Do without a rule of the service: expiration (a branch
                     must be created with ttl, expire_time or no_expiry),
                     update-mask (an update must come with a mask).
  --limits service   Hold the service's quotas: 1000 projects and 10 database
                     instances; in each project 500 branches, of which 10
                     unarchived, 3 root and 1 protected, 10 snapshots by hand
                     and 20 active computes; in each branch 500 roles and 500
                     databases. Default: machine, which has none.
  --limit NAME=VALUE Hold this one: projects, instances, branches,
                     unarchived-branches, root-branches, protected-branches,
                     snapshots, active-computes, roles, databases; or change one
                     that holds always: read-only-endpoints=6, ttl=30d,
                     shortest-suspension=60s, longest-suspension=7d,
                     shortest-history=2d, longest-history=35d. Repeatable.
  --seed N           Make all ids and choices the same as in each other run with
                     this N and the same calls, one after the other. Secrets
                     are never the same.
  --echo-spec        Show "spec" in responses. The service does not.
  --long-endpoint-ids
                     Refuse endpoint ids of less than three characters.

  --log-level LEVEL  quiet, info or debug (each HTTP request). The log goes to
                     standard error, that of "up" to emulator.log in the data
                     folder. Default: info; of exec: quiet
  --help             Show this text.
  --version          Show the version.

Variables
  LAKEBASE_EMULATOR_TOKEN  The token, if no option gives it.
  LAKEBASE_POSTGRES_BIN    More folders of PostgreSQL's programs, with ":"
                           between them. Those of the distribution's packages
                           are found anyway.
  PATH                     Searched for PostgreSQL's programs if nothing else
                           names any.
  TMPDIR                   Where temporary folders are made. Default: /tmp
  XDG_STATE_HOME, HOME     See --data-dir.

Exit status: that of COMMAND, or 128 and the number of the signal that ended it;
127 if COMMAND was not found, 126 if it cannot be executed; 1 if the emulator
cannot serve; 2 for a wrong command line; 3 if status and env find none.

GET /health needs no token: 200 {"status":"ok"}, and 503 while it starts.

Faults can be injected: by the request header "X-Emulator-Fault" into one
request, or by POST /emulator/faults
{"fault": "status=503; retry-after=2", "path": "/api/2.0", "times": 3}.
A fault is made of: status=N, retry-after=TEXT, stall=SECONDSs, reset,
drop-answer, half-body, garbage, html. Other controls, below /emulator:
POST suspend, crash and failover {"endpoint": NAME}, POST refuse-logins and
accept-logins {"endpoint": NAME} (or {"instance": NAME}), POST token-life
{"life": "2s"}, DELETE faults, GET state.

The time can be moved ahead: POST /emulator/clock {"advance": "3d"}, also
"90s", "15m", "36h", "2w" or "1d12h". What becomes due on the way is done when
the response comes. GET /emulator/clock tells the time.
)help";
}

}  // namespace lakebase::emulator
