#include "cli/account.hpp"

#include <optional>

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "cli/base/failure.hpp"
#include "cli/base/json.hpp"
#include "cli/base/words.hpp"
#include "cli/output/text.hpp"
#include "cli/parse/command_line.hpp"
#include "cli/session/session.hpp"
#include "cli/system/environment.hpp"
#include "cli/system/streams_posix.hpp"
#include "tools/login_settings.hpp"

namespace lakebase::cli {
namespace {

bool is_set(std::optional<std::string> const& value) {
  return value && !value->empty();
}

/// The way to log in: the one that is named, or that of the credentials which come before all others. Empty if neither
/// says it.
std::string login_type(Config const& config) {
  if (is_set(config.auth_type)) return *config.auth_type;
  if (is_set(config.token)) return "pat";
  if (is_set(config.username) && is_set(config.password)) return "basic";
  return is_set(config.client_id) && is_set(config.client_secret) ? "oauth-m2m" : "";
}

Json describe(WorkspaceClient const& client, Settings const& settings, bool shows_secrets) {
  auto const& config = client.config();
  auto result = Json::object();
  auto configuration = Json::object();
  for (auto const& setting : tools::login_settings(config, settings.profile.has_value())) {
    configuration[setting.name] = {{"value", shows_secrets ? setting.value : setting.shown()},
                                   {"source", {{"type", setting.source_kind}, {"name", setting.source}}}};
  }
  try {
    auto username = client.current_user.me().user_name.value_or("");
    result["status"] = "success";
    result["username"] = std::move(username);
  } catch (Error const& error) {
    result["status"] = "error";
    result["error"] = message_of(error);
  }
  result["details"] = {{"auth_type", login_type(config)},
                       {"host", config.host.value_or("")},
                       {"configuration", std::move(configuration)}};
  return result;
}

std::string source_text(Json const& source) {
  auto const type = source["type"].get<std::string>();
  return fmt::format("{} {}", source["name"].get<std::string>(), type);
}

void print_description(Json const& result) {
  auto const& details = result["details"];
  std::string text;
  if (result["status"] == "success") {
    text +=
        fmt::format("Host: {}\nUser: {}\n", details["host"].get<std::string>(), result["username"].get<std::string>());
    if (auto const type = details["auth_type"].get<std::string>(); !type.empty())
      text += "Authenticated with: " + type + '\n';
  } else {
    text += "Unable to authenticate: " + result["error"].get<std::string>() + '\n';
  }
  text += "-----\nCurrent configuration:\n";
  for (auto const& [name, entry] : details["configuration"].items()) {
    text += fmt::format("  {}: {} (from {})\n", name, entry["value"].get<std::string>(), source_text(entry["source"]));
  }
  write(Stream::out, text);
}

Json environment_of(Config const& config) {
  auto variables = Json::object();
  for (auto const& setting : tools::login_settings(config, false)) variables[setting.variable] = setting.value;
  if (auto const type = login_type(config); !type.empty()) variables["DATABRICKS_AUTH_TYPE"] = type;
  return {{"env", std::move(variables)}};
}

Settings settings_without_positionals(Usage const& usage, std::string const& program, CommandLine const& line) {
  expect_positionals(line, usage, 0, 0);
  return settings_of(line, usage, program);
}

}  // namespace

int run_current_user(std::string const& program, std::vector<std::string> const& arguments) {
  auto rest = arguments;
  Usage const group{.command = program + " current-user",
                    .summary = "Who the caller is.",
                    .example = program + " current-user me",
                    .subcommands = {{"me", "Show the caller"}}};
  static_cast<void>(take_subcommand(group, rest));
  Usage const usage{.command = group.command + " me", .summary = "Show the caller.", .example = group.command + " me"};
  auto const settings = settings_without_positionals(usage, program, CommandLine{usage, rest});
  // All that is told of the caller; the library's model has what programs need.
  auto const me = read_json(workspace(settings).call("GET", "/api/2.0/preview/scim/v2/Me"));
  write(Stream::out, settings.is_json ? pretty(me) + '\n' : fields_text(me));
  return 0;
}

int run_auth(std::string const& program, std::vector<std::string> const& arguments) {
  auto rest = arguments;
  Usage const group{.command = program + " auth",
                    .summary = "How the caller logs in.",
                    .example = program + " auth describe",
                    .subcommands = {{"describe", "Show the login, and where each setting is from"},
                                    {"env", "Print the settings of the login as variables, secrets included"}}};
  auto const word = take_subcommand(group, rest);
  auto const words = fmt::format("{} {}", group.command, word);
  Usage usage{.command = words, .summary = "How the caller logs in.", .example = words};
  if (word == "describe") usage.flags.push_back({"sensitive", "show secrets, too", ""});
  CommandLine const line{usage, rest};
  auto const settings = settings_without_positionals(usage, program, line);
  auto const client = workspace(settings);
  if (word == "env") {
    write(Stream::out, pretty(environment_of(client.config())) + '\n');
    return 0;
  }
  auto const result = describe(client, settings, line.is_on("sensitive"));
  // By its other name it prints JSON, but this one the Databricks CLI prints as text.
  bool const is_asked_for =
      program != other_name || line.value("output") || variable("DATABRICKS_OUTPUT_FORMAT").has_value();
  if (settings.is_json && is_asked_for) {
    write(Stream::out, pretty(result) + '\n');
  } else {
    print_description(result);
  }
  return 0;
}

}  // namespace lakebase::cli
