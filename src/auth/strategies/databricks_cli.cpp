#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include <lakebase/time.hpp>

#include "auth/auth_http.hpp"
#include "auth/jwt.hpp"
#include "auth/strategies.hpp"
#include "auth/strategies/run_program.hpp"
#include "base/after.hpp"
#include "base/ascii.hpp"
#include "base/guarded.hpp"
#include "base/retry/backoff.hpp"
#include "base/retry/retry_loop.hpp"
#include "base/text_file.hpp"
#include "config/attributes.hpp"
#include "config/host.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view databricks_cli_name = "databricks-cli";
// The legacy CLI, in Python, has no `auth token`; the script that pip makes for it contains this text. Other small
// files are scripts that run the current CLI.
constexpr std::string_view legacy_mark = "from databricks_cli.cli import ";
// A file of this size is the current CLI, and is not read.
constexpr std::uintmax_t program_size = std::uintmax_t{1} << 20U;

using Version = std::array<int, 3>;
constexpr Version understands_profile{0, 207, 1};
constexpr Version understands_force_refresh{0, 296, 0};
constexpr Version unknown_version{0, 0, 0};

AuthError databricks_cli_error(std::string message, std::string hint = {}) {
  return AuthError{std::string{databricks_cli_name},
                   ErrorFacts{.message = std::move(message), .hint = std::move(hint)}};
}

std::string cli_path(AuthContext const& context) {
  auto const wanted = context.config().databricks_cli_path.value_or("databricks");
  if (wanted.find('/') != std::string::npos) return is_executable(wanted) ? wanted : std::string{};
  return find_program(wanted, context.variable("PATH"));
}

std::string why_no_cli(std::string const& path) {
  if (path.empty()) return "the Databricks CLI is not installed";
  std::error_code error;
  auto const file = std::filesystem::canonical(path, error);
  auto const size = error ? 0 : std::filesystem::file_size(file, error);
  if (error) return fmt::format("{} cannot be read", path);
  if (size >= program_size || read_text_file(file).value_or("").find(legacy_mark) == std::string::npos) return {};
  return fmt::format("{} is the legacy CLI (below version 0.100.0), which cannot log in for others", path);
}

// One login of the CLI, which refreshes tokens by itself and keeps them in a cache of its own.
class DatabricksCli {
 public:
  explicit DatabricksCli(AuthContextPointer context) : context_(std::move(context)), path_(cli_path(*context_)) {}

  Token fetch(CredentialsLimits const& limits, std::string_view rejected) {
    auto const bounds = within(limits, *context_->clock, std::chrono::seconds{60});
    auto const version = find_version(bounds);
    auto token = run(command(version), bounds);
    bool const is_worn = token.access_token == rejected ||
                         (token.expiry && *token.expiry - context_->clock->system_now() < std::chrono::seconds{40});
    // Only if needed: otherwise parallel processes would race for the CLI's cache.
    if (is_worn && version >= understands_force_refresh) {
      auto forced = command(version);
      forced.emplace_back("--force-refresh");
      token = run_forced(forced, bounds);
    }
    check_scopes(token);
    return token;
  }

 private:
  ProgramResult start(std::vector<std::string> arguments, CredentialsLimits const& limits,
                      std::chrono::nanoseconds most) {
    check_time(limits, *context_->clock, databricks_cli_name);
    arguments.insert(arguments.begin(), path_);
    auto const left = time_left(context_->clock->now(), *limits.deadline);
    auto result = run_program(arguments, std::min<std::chrono::nanoseconds>(left, most), limits.stop);
    if (result.ending == ProgramResult::Ending::stopped) {
      throw Cancelled{ErrorFacts{.message = "the call was stopped by the caller"}};
    }
    return result;
  }

  Version find_version(CredentialsLimits const& limits) {
    if (auto const known = version_.with([](auto const& version) { return version; })) return *known;
    auto const result = start({"version", "--output", "json"}, limits, std::chrono::seconds{5});
    auto const json = parse_json(result.output);
    Version version = unknown_version;
    if (result.exit_code == 0 && json.is_object()) {
      version = {static_cast<int>(number_of(json, "Major").value_or(0)),
                 static_cast<int>(number_of(json, "Minor").value_or(0)),
                 static_cast<int>(number_of(json, "Patch").value_or(0))};
    }
    if (version != unknown_version) {
      version_.with([&](auto& known) { known = version; });
    }
    return version;
  }

  std::vector<std::string> command(Version const& version) const {
    auto const& config = context_->config();
    if (config.profile && version >= understands_profile) return {"auth", "token", "--profile", *config.profile};
    auto const host = context_->host();
    if (host.empty()) {
      throw databricks_cli_error("neither a host nor a profile that this version of the CLI understands is set");
    }
    std::vector<std::string> arguments{"auth", "token", "--host", host};
    if (is_account_host(host) && config.account_id) {
      arguments.insert(arguments.end(), {"--account-id", *config.account_id});
    }
    return arguments;
  }

  Token run(std::vector<std::string> const& arguments, CredentialsLimits const& limits) {
    auto const result = start(arguments, limits, std::chrono::seconds{60});
    if (result.ending == ProgramResult::Ending::not_started) throw databricks_cli_error(path_ + " cannot be started");
    if (result.ending == ProgramResult::Ending::timed_out) {
      throw databricks_cli_error("the Databricks CLI did not respond in time");
    }
    if (result.exit_code != 0) refuse(result);
    return read(result.output);
  }

  // The steps of the loop that forces a refresh. Calls in parallel make some of these fail on the CLI's cache.
  struct Forcing {
    DatabricksCli& cli;
    std::vector<std::string> const& arguments;
    CredentialsLimits const& limits;
    RetryLoop loop{*cli.context_->clock, {.max_attempts = 3, .stop = limits.stop}};
    std::optional<AuthError> failure{};

    void check() const {}  // the start of the program does that
    std::optional<Token> attempt() {
      try {
        return cli.run(arguments, limits);
      } catch (AuthError const& error) {
        failure = error;
        return std::nullopt;
      }
    }
    std::optional<std::chrono::nanoseconds> next_pause() const {
      return loop.fitting(backoff({.first = std::chrono::seconds{1}, .jitter = {.least = 0}}, loop.attempts()));
    }
    [[noreturn]] Token give_up() const { throw AuthError{*failure}; }
    [[noreturn]] void throw_stopped() const {
      throw Cancelled{ErrorFacts{.message = "the call was stopped by the caller"}};
    }
  };

  Token run_forced(std::vector<std::string> const& arguments, CredentialsLimits const& limits) {
    Forcing forcing{*this, arguments, limits};
    return forcing.loop.run(forcing);
  }

  [[noreturn]] static void refuse(ProgramResult const& result) {
    // Only the error stream, which is meant for people: tokens are on the other one.
    auto const words = words_for_people(result);
    if (words.find("databricks OAuth is not") != std::string::npos) {
      throw databricks_cli_error("the CLI is not logged in to this host: " + words, "Run `databricks auth login`.");
    }
    throw databricks_cli_error("cannot get access token from the CLI: " + words, "Run `databricks auth login`.");
  }

  static Token read(std::string const& output) {
    auto const json = parse_json(output);
    Token token{.access_token = text_of(json, "access_token")};
    if (token.access_token.empty()) throw databricks_cli_error("the CLI printed no token");
    if (auto type = text_of(json, "token_type"); !type.empty()) token.token_type = std::move(type);
    auto const expiry = text_of(json, "expiry");
    try {
      token.expiry = time_from_epoch(static_cast<double>(Timestamp::parse(expiry).seconds()));
    } catch (Error const&) {
      throw databricks_cli_error("the CLI printed an expiry that is no time");
    }
    return token;
  }

  static std::set<std::string> scope_set(std::vector<std::string> const& words) {
    std::set<std::string> scopes{words.begin(), words.end()};
    scopes.erase("offline_access");
    return scopes;
  }

  // The CLI takes no scopes; a login with others is not what the program wants.
  void check_scopes(Token const& token) const {
    auto const& wanted = context_->config().scopes;
    if (wanted.empty()) return;
    auto const claims = jwt_claims(token.access_token);
    std::vector<std::string> words;
    if (auto const scope = claims.find("scope"); scope != claims.end() && scope->is_array()) {
      for (auto const& word : *scope) {
        if (word.is_string()) words.push_back(word.get<std::string>());
      }
    } else {
      words = split_list(text_of(claims, "scope"));
    }
    if (words.empty() || scope_set(words) == scope_set(wanted)) return;
    throw databricks_cli_error("the CLI is logged in with other scopes than those of the configuration",
                               "Run `databricks auth login` with these scopes, or unset scopes.");
  }

  AuthContextPointer const context_;
  std::string const path_;
  Guarded<std::optional<Version>> version_{};
};

}  // namespace

std::string why_not_databricks_cli(AuthContext const& context) {
  if (!context.config().host && !context.config().profile) return "host is not set";
  return why_no_cli(cli_path(context));
}

std::shared_ptr<CredentialsStrategy> make_databricks_cli(AuthContextPointer context) {
  auto cli = std::make_shared<DatabricksCli>(context);
  return make_token_strategy(
      databricks_cli_name, std::move(context),
      [cli](CredentialsLimits const& limits, std::string_view rejected) { return cli->fetch(limits, rejected); });
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
