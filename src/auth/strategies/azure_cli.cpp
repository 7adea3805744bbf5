#include <cstdio>
#include <ctime>

#include <fmt/format.h>

#include "auth/auth_http.hpp"
#include "auth/strategies/azure.hpp"
#include "auth/strategies/run_program.hpp"
#include "base/after.hpp"
#include "base/ascii.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view azure_cli_name = "azure-cli";

AuthError azure_cli_error(std::string message, std::string hint = {}) {
  return AuthError{std::string{azure_cli_name}, ErrorFacts{.message = std::move(message), .hint = std::move(hint)}};
}

std::string az_path(AuthContext const& context) {
  return find_program("az", context.variable("PATH"));
}

// `2026-03-20 10:30:00.123456` in the local time of the machine, as old versions of az print it.
std::optional<std::chrono::system_clock::time_point> read_local_time(std::string const& text) {
  std::tm time{};
  int year = 0;
  int month = 0;
  // NOLINTNEXTLINE(cert-err34-c): the count of fields tells of an error
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d %2d:%2d:%2d", &year, &month, &time.tm_mday, &time.tm_hour, &time.tm_min,
                  &time.tm_sec) != 6) {
    return std::nullopt;
  }
  time.tm_year = year - 1900;
  time.tm_mon = month - 1;
  time.tm_isdst = -1;
  auto const moment = std::mktime(&time);
  if (moment == -1) return std::nullopt;
  return std::chrono::system_clock::from_time_t(moment);
}

class AzureCli {
 public:
  explicit AzureCli(AuthContextPointer context) : context_(std::move(context)), path_(az_path(*context_)) {}

  Token fetch(std::string_view resource, CredentialsLimits const& limits) const {
    auto const subscription = subscription_of(context_->config().azure_workspace_resource_id.value_or(""));
    auto const tenant = is_managed_identity(limits) ? std::string{} : context_->config().azure_tenant_id.value_or("");
    if (!subscription.empty()) {
      try {
        return ask(resource, subscription, tenant, limits);
      } catch (AuthError const& error) {
        context_->logger.write(LogLevel::debug, error.what());
      }
    }
    return ask(resource, {}, tenant, limits);
  }

 private:
  // `/subscriptions/{id}/…`
  static std::string subscription_of(std::string_view resource_id) {
    constexpr std::string_view prefix = "/subscriptions/";
    if (!resource_id.starts_with(prefix)) return {};
    auto const rest = resource_id.substr(prefix.size());
    return std::string{rest.substr(0, rest.find('/'))};
  }

  Json run(std::vector<std::string> arguments, CredentialsLimits const& limits) const {
    auto const bounds = within(limits, *context_->clock, std::chrono::seconds{60});
    check_time(bounds, *context_->clock, azure_cli_name);
    arguments.insert(arguments.begin(), path_);
    auto const result = run_program(arguments, time_left(context_->clock->now(), *bounds.deadline), bounds.stop);
    if (result.ending == ProgramResult::Ending::stopped) {
      throw Cancelled{ErrorFacts{.message = "the call was stopped by the caller"}};
    }
    if (result.ending == ProgramResult::Ending::timed_out) throw azure_cli_error("az did not respond in time");
    if (result.ending != ProgramResult::Ending::exited || result.exit_code != 0) {
      throw azure_cli_error(fmt::format("cannot get access token from the CLI: {}", words_for_people(result)),
                            "Run `az login`.");
    }
    auto json = parse_json(result.output);
    if (!json.is_object()) throw azure_cli_error("az printed no JSON");
    return json;
  }

  // Such an identity belongs to one tenant, and az refuses the option that names it.
  bool is_managed_identity(CredentialsLimits const& limits) const {
    try {
      auto const account = run({"account", "show", "--output", "json"}, limits);
      auto const user = account.find("user");
      if (user == account.end() || text_of(*user, "type") != "servicePrincipal") return false;
      auto const who = text_of(*user, "name");
      return who == "systemAssignedIdentity" || who == "userAssignedIdentity";
    } catch (AuthError const&) {
      return false;
    }
  }

  Token ask(std::string_view resource, std::string const& subscription, std::string const& tenant,
            CredentialsLimits const& limits) const {
    std::vector<std::string> arguments{"account", "get-access-token", "--resource", std::string{resource}, "--output",
                                       "json"};
    if (!subscription.empty()) arguments.insert(arguments.end(), {"--subscription", subscription});
    if (!tenant.empty()) arguments.insert(arguments.end(), {"--tenant", tenant});
    auto const json = run(std::move(arguments), limits);
    Token token{.access_token = text_of(json, "accessToken")};
    if (token.access_token.empty()) throw azure_cli_error("az printed no token");
    if (auto type = text_of(json, "tokenType"); !type.empty()) token.token_type = std::move(type);
    if (auto const epoch = number_of(json, "expires_on"); epoch && *epoch > 0) {
      token.expiry = time_from_epoch(*epoch);
    } else {
      token.expiry = read_local_time(text_of(json, "expiresOn"));
    }
    if (!token.expiry) throw azure_cli_error("az printed no time of expiry");
    return token;
  }

  AuthContextPointer const context_;
  std::string const path_;
};

}  // namespace

std::string why_not_azure_cli(AuthContext const& context) {
  auto reason = why_not_azure(context, azure_cli_name);
  if (reason.empty() && az_path(context).empty()) reason = "the Azure CLI (az) is not installed";
  return reason;
}

std::shared_ptr<CredentialsStrategy> make_azure_cli(AuthContextPointer context) {
  auto cli = std::make_shared<AzureCli>(context);
  return make_azure_strategy(std::move(context),
                             {.name = azure_cli_name,
                              .fetch = [cli](std::string_view resource,
                                             CredentialsLimits const& limits) { return cli->fetch(resource, limits); },
                              .management = ManagementToken::if_service_principal,
                              .refresh_early = false});
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
