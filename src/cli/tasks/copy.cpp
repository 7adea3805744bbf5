#include "cli/tasks/copy.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <mutex>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <lakebase/error.hpp>
#include <lakebase/pq/connect.hpp>

#include "cli/base/duration.hpp"
#include "cli/base/failure.hpp"
#include "cli/base/json.hpp"
#include "cli/output/progress.hpp"
#include "cli/parse/command_line.hpp"
#include "cli/parse/settings.hpp"
#include "cli/session/session.hpp"
#include "cli/system/interrupt_posix.hpp"
#include "cli/system/pump_posix.hpp"
#include "cli/system/streams_posix.hpp"
#include "tools/branches.hpp"
#include "tools/errors.hpp"
#include "tools/target.hpp"

namespace lakebase::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// One side of a copy: what programs of PostgreSQL find it by.
struct Place {
  std::string name{};      ///< for messages, without secrets
  std::string database{};  ///< the same for the same database
  std::vector<std::string> arguments{};
  Variables variables{};
  std::optional<pq::ConnectionSource> source{};  ///< unless it is a URL
};

Usage usage_of_copy(std::string const& program) {
  return {.command = program + " copy",
          .positionals = "SOURCE TARGET [-- PG_DUMP_ARGS...]",
          .summary =
              "Copy a database from one place to another, by pg_dump and psql, in one transaction. A place is a "
              "project, branch, endpoint or instance, or postgresql://…",
          .flags = {{"source-database", "name of the database at the source (default databricks_postgres)", "NAME"},
                    {"target-database", "name of the database at the target (default databricks_postgres)", "NAME"},
                    {"owners", "copy owners and grants, too", ""}},
          .example = program + " copy my-instance projects/my-app -- --exclude-schema=scratch"};
}

bool is_url(std::string_view place) {
  return place.starts_with("postgresql://") || place.starts_with("postgres://");
}

/// Takes a password out of a URL; it is returned as it was written there.
std::optional<std::string> take_password(std::string& url) {
  auto const begin = url.find("//") + 2;
  auto const authority = std::min(url.find_first_of("/?", begin), url.size());
  auto const at = url.rfind('@', authority);
  auto const colon = url.find(':', begin);
  if (at != std::string::npos && at >= begin && colon < at) {
    auto password = url.substr(colon + 1, at - colon - 1);
    url.erase(colon, at - colon);
    return password;
  }
  for (std::string_view const sign : {"?password=", "&password="}) {
    auto const found = url.find(sign);
    if (found == std::string::npos) continue;
    auto const value = found + sign.size();
    auto const end = std::min(url.find('&', value), url.size());
    auto password = url.substr(value, end - value);
    // The sign before it stays, for what follows.
    url.erase(found + 1, std::min(end + 1, url.size()) - found - 1);
    if (url.ends_with('?') || url.ends_with('&')) url.pop_back();
    return password;
  }
  return std::nullopt;
}

Place place_at(std::string url) {
  Place place;
  if (auto const password = take_password(url)) {
    // The library decodes it.
    auto const decoded = pq::source_from_conninfo(fmt::format("postgresql://user:{}@host/", *password));
    place.variables["PGPASSWORD"] = decoded.credentials->get({}).password;
  }
  place.name = place.database = url;
  place.arguments = {"--dbname=" + url};
  return place;
}

Place place_of(WorkspaceClient const& client, std::string const& name, std::optional<std::string> const& database) {
  Place place{.name = name, .source = pq::source_for(client, name, {.dbname = database})};
  auto const& parameters = place.source->parameters;
  place.database = fmt::format("{}:{}/{}", parameters.host, parameters.port, parameters.dbname);
  auto const password = place.source->credentials->get({}).password;
  for (auto& [variable, value] : parameters.to_environment(password)) place.variables[variable] = value;
  // These come before the variables that name the place.
  for (auto const* const name_of_other : {"PGSERVICE", "PGHOSTADDR"}) place.variables.try_emplace(name_of_other);
  return place;
}

/// What can be told of a place before anything is sent.
void check_place(CommandLine const& line, std::size_t number, std::string const& flag) {
  auto const& given = line.positionals()[number];
  if (!is_url(given)) {
    static_cast<void>(tools::parse_target(given));
  } else if (line.value(flag)) {
    throw Failure{fmt::format("--{}: the URL names the database", flag)};
  }
}

/// With a workspace only if one of the two is in it.
class Places {
 public:
  Places(Settings const& settings, std::stop_token stop) : settings_(settings), stop_(std::move(stop)) {}

  Place find(std::string const& given, std::optional<std::string> const& database) {
    if (is_url(given)) return place_at(given);
    if (!client_) client_ = workspace(settings_, stop_);
    return place_of(*client_, given, database);
  }

 private:
  Settings const& settings_;
  std::stop_token stop_;
  std::optional<WorkspaceClient> client_;
};

/// The first number in a text: `17` of `pg_dump (PostgreSQL) 17.2`.
int first_number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string first_line(std::string_view text) {
  return std::string{text.substr(0, text.find('\n'))};
}

std::string trimmed(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// Options of psql that are the same for each session: without the user's settings, and without asking for a password.
std::vector<std::string> psql_at(Place const& place) {
  std::vector<std::string> command = {"psql", "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"};
  command.insert(command.end(), place.arguments.begin(), place.arguments.end());
  return command;
}

/// The major version of a place's server, which is woken by that.
int server_version(Place const& place, std::stop_token const& stop) {
  constexpr auto query = "SELECT current_setting('server_version_num')::int";
  if (place.source) {
    auto connection =
        tools::attempt("connect to " + place.name, [&] { return pq::connect(*place.source, {.stop = stop}); });
    return connection.exec(query).value<int>() / 10000;
  }
  auto command = psql_at(place);
  for (auto const* const option : {"--tuples-only", "--no-align", "--command", query}) command.emplace_back(option);
  std::string printed;
  auto const ended = capture(command, place.variables, printed, stop);
  if (stop.stop_requested()) throw Cancelled{"interrupted"};
  if (ended.status != 0) throw Failure{fmt::format("connect to {}: {}", place.name, trimmed(ended.errors))};
  return first_number(printed) / 10000;
}

void check_pg_dump(int server, std::string const& source) {
  std::string printed;
  static_cast<void>(capture({"pg_dump", "--version"}, {}, printed, {}));
  if (first_number(printed) >= server) return;
  throw Failure{fmt::format(
      "{} cannot read {}, a server of PostgreSQL {}: install the programs of PostgreSQL {} or newer (Debian "
      "and Ubuntu: postgresql-client-{}), and put their folder first on the PATH",
      first_line(printed), source, server, server, server)};
}

/// Options of pg_dump by which its output would not be statements for the target, or not from the source.
void check_dump_arguments(std::vector<std::string> const& arguments) {
  constexpr std::array<std::string_view, 10> words = {"--file",   "--format", "--jobs", "--create",   "--compress",
                                                      "--dbname", "--host",   "--port", "--username", "--password"};
  constexpr std::string_view letters = "fFjCZdhpUW";
  for (auto const& argument : arguments) {
    auto const name = argument.substr(0, argument.find('='));
    bool const is_letter = argument.size() > 1 && argument[0] == '-' && letters.find(argument[1]) != std::string::npos;
    if (!is_letter && std::find(words.begin(), words.end(), name) == words.end()) continue;
    throw Failure{
        fmt::format("{} cannot be passed to pg_dump here: what it writes goes to the target, as statements, "
                    "from the source that is named",
                    is_letter ? argument.substr(0, 2) : name)};
  }
}

/// Counts what passes, and finds the table at hand.
class Watch {
 public:
  explicit Watch(int target_version) : target_version_(target_version) {}

  void see(std::span<char> piece) {
    std::string_view const text{piece.data(), piece.size()};
    if (bytes_ == 0) leave_out_newer_settings(piece);
    bytes_ += piece.size();
    if (!is_shown_) return;
    for (auto at = text.find(sign); at != std::string_view::npos; at = text.find(sign, at + 1)) {
      auto const name = text.substr(at + sign.size(), text.substr(at + sign.size()).find(" ("));
      if (name.find('\n') != std::string_view::npos) continue;  // it goes on in the next piece
      std::lock_guard const lock{mutex_};
      table_ = name;
    }
  }

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::chrono::nanoseconds elapsed() const { return Clock::now() - start_; }

  [[nodiscard]] std::string text() const {
    std::lock_guard const lock{mutex_};
    return fmt::format("copying{}{} {}", table_.empty() ? "" : " " + table_, table_.empty() ? "" : ":", amount());
  }

  /// `12.3 MB, 4.1 MB/s`
  [[nodiscard]] std::string amount() const {
    auto const seconds = std::chrono::duration<double>{elapsed()}.count();
    auto const rate = seconds > 0 ? static_cast<double>(bytes_) / seconds : 0;
    return fmt::format("{}, {}/s", tools::size_text(static_cast<std::int64_t>(bytes_)),
                       tools::size_text(static_cast<std::int64_t>(rate)));
  }

 private:
  static constexpr std::string_view sign = "\nCOPY ";
  static constexpr int first_with_transaction_timeout = 17;

  /// pg_dump of PostgreSQL 17 sets what older servers do not know, before anything else.
  void leave_out_newer_settings(std::span<char> piece) const {
    constexpr std::string_view setting = "\nSET transaction_timeout = 0;";
    constexpr std::string_view comment = "\n-- ";
    if (target_version_ >= first_with_transaction_timeout) return;
    auto const at = std::string_view{piece.data(), piece.size()}.substr(0, 4096).find(setting);
    if (at != std::string_view::npos) std::copy(comment.begin(), comment.end(), piece.begin() + static_cast<long>(at));
  }

  int const target_version_;
  bool const is_shown_ = is_terminal(Stream::error);
  Clock::time_point const start_ = Clock::now();
  std::atomic<std::uint64_t> bytes_{0};
  mutable std::mutex mutex_;
  std::string table_;
};

void check_outcome(Pumped const& pumped, Place const& source, Place const& target, std::stop_token const& stop) {
  constexpr int session_lost = 2;  // of psql
  bool const is_open =
      pumped.has_epilogue && pumped.to.status != 0 && (stop.stop_requested() || pumped.to.status == session_lost);
  std::string const state =
      is_open ? "It was committing: look whether the target has the data." : "The target is as it was before.";
  if (pumped.failed == Pumped::Failed::neither) return;
  if (stop.stop_requested()) throw Failure{"interrupted. " + state, interrupted_status};
  bool const is_from = pumped.failed == Pumped::Failed::from;
  auto const errors = trimmed(is_from ? pumped.from.errors : pumped.to.errors);
  auto const& place = is_from ? source : target;
  auto const what = errors.empty() ? fmt::format("{} ended with status {}", is_from ? "pg_dump" : "psql",
                                                 is_from ? pumped.from.status : pumped.to.status)
                                   : errors;
  throw Failure{fmt::format("{} {}: {}\n{}", is_from ? "reading" : "writing to", place.name, what, state)};
}

}  // namespace

int run_copy(std::string const& program, std::vector<std::string> const& arguments) {
  auto const usage = usage_of_copy(program);
  CommandLine const line{usage, arguments};
  auto const settings = settings_of(line, usage, program);
  expect_positionals(line, usage, 2, 2);
  check_place(line, 0, "source-database");
  check_place(line, 1, "target-database");
  check_dump_arguments(line.passed_on());

  Interrupt const interrupt;
  auto const stop = interrupt.token();
  try {
    Places places{settings, stop};
    auto const source = places.find(line.positionals()[0], line.value("source-database"));
    auto const target = places.find(line.positionals()[1], line.value("target-database"));
    if (source.database == target.database) throw Failure{"SOURCE and TARGET are the same database"};
    int target_version = 0;
    {
      Progress const progress{"connecting"};
      check_pg_dump(server_version(source, stop), source.name);
      target_version = server_version(target, stop);
    }

    Watch watch{target_version};
    Pump pump{.from = {"pg_dump", "--no-password"},
              .from_variables = source.variables,
              .to = psql_at(target),
              .to_variables = target.variables,
              .prologue = "BEGIN;\n",
              .epilogue = "COMMIT;\n",
              .look = [&](std::span<char> piece) { watch.see(piece); }};
    pump.to.emplace_back("--file=-");  // so that errors name the line
    if (!line.is_on("owners")) pump.from.insert(pump.from.end(), {"--no-owner", "--no-privileges"});
    pump.from.insert(pump.from.end(), source.arguments.begin(), source.arguments.end());
    pump.from.insert(pump.from.end(), line.passed_on().begin(), line.passed_on().end());
    auto const pumped = [&] {
      Progress const progress{[&] { return watch.text(); }};
      return run(pump, stop);
    }();
    check_outcome(pumped, source, target, stop);
    write(Stream::error, pumped.from.errors + pumped.to.errors);  // warnings
    if (settings.is_json) {
      Json const result{{"bytes", watch.bytes()}, {"seconds", std::chrono::duration<double>{watch.elapsed()}.count()}};
      write(Stream::out, pretty(result) + '\n');
    } else {
      write(Stream::out, fmt::format("Copied {} in {}.\n", watch.amount(), elapsed_text(watch.elapsed())));
    }
  } catch (Cancelled const&) {
    throw Failure{"interrupted. The target is as it was before.", interrupted_status};
  }
  return 0;
}

}  // namespace lakebase::cli
