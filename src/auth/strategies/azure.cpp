#include "auth/strategies/azure.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "auth/auth_http.hpp"
#include "auth/jwt.hpp"
#include "auth/strategies/id_tokens.hpp"
#include "base/text/percent.hpp"
#include "base/text/url.hpp"
#include "config/cloud.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

AzureEndpoints const& endpoints(AuthContext const& context) {
  return azure_endpoints(context.config(), context.host_name());
}

class AzureStrategy final : public CredentialsStrategy {
 public:
  AzureStrategy(AuthContextPointer context, AzureTokens tokens)
      : context_(std::move(context)),
        tokens_(std::move(tokens)),
        workspace_(
            source([this] { return std::string{azure_application_id(context_->config(), context_->host_name())}; })),
        management_(source([this] { return std::string{endpoints(*context_).service_management}; })) {}

  std::string_view name() const noexcept override { return tokens_.name; }

  Headers headers(CredentialsLimits const& limits) override {
    find_host(limits);
    auto const token = workspace_.token(limits);
    Headers headers{{"Authorization", token->authorization()}};
    if (auto const& resource = context_->config().azure_workspace_resource_id) {
      headers.emplace_back("X-Databricks-Azure-Workspace-Resource-Id", *resource);
    }
    if (wants_management(*token)) add_management_token(headers, limits);
    return headers;
  }

  bool invalidate(Headers const& refused) override {
    auto const value = find_header(refused, "Authorization").value_or("");
    auto const space = value.find(' ');
    if (auto const token = find_header(refused, "X-Databricks-Azure-SP-Management-Token")) {
      management_.invalidate(*token);
    }
    return workspace_.invalidate(space == std::string_view::npos ? value : value.substr(space + 1));
  }

 private:
  TokenSource source(std::function<std::string()> resource) {
    bool const early = tokens_.refresh_early && !context_->config().disable_async_token_refresh.value_or(false);
    auto fetch = [this, resource = std::move(resource)](CredentialsLimits const& limits, std::string_view) {
      return tokens_.fetch(resource(), limits);
    };
    return TokenSource{watched(*context_, tokens_.name, std::move(fetch)), context_->clock, early};
  }

  bool wants_management(Token const& token) const {
    if (tokens_.management != ManagementToken::if_service_principal) {
      return tokens_.management == ManagementToken::always;
    }
    return text_of(jwt_claims(token.access_token), "upn").empty();
  }

  void add_management_token(Headers& headers, CredentialsLimits const& limits) {
    try {
      headers.emplace_back("X-Databricks-Azure-SP-Management-Token", management_.token(limits)->access_token);
    } catch (AuthError const& error) {
      if (tokens_.management == ManagementToken::always) throw;
      context_->logger.write(LogLevel::debug, error.what());
    }
  }

  // Requests the workspace's URL from the resource manager.
  void find_host(CredentialsLimits const& limits) {
    if (!context_->host().empty()) return;
    auto const resource = context_->config().azure_workspace_resource_id.value_or("");
    auto const& azure = endpoints(*context_);
    auto const token = tokens_.fetch(azure.resource_manager, limits);
    auto manager = azure.resource_manager;
    manager.remove_suffix(1);  // the resource id begins with a slash
    auto request = get_request(*context_, fmt::format("{}{}?api-version=2018-04-01", manager, resource));
    request.headers.emplace_back("Authorization", token.authorization());
    auto const response = send_for_auth(*context_, {.http = std::move(request), .strategy = tokens_.name}, limits);
    auto const json = read_response(response, tokens_.name, "the Azure resource manager refused");
    auto const properties = json.find("properties");
    auto const url = properties == json.end() ? std::string{} : text_of(*properties, "workspaceUrl");
    if (url.empty()) refuse_response(response, tokens_.name, "the Azure resource has no workspace URL");
    context_->facts->set_url(resource, parse_host(url).url);
  }

  AuthContextPointer const context_;
  AzureTokens const tokens_;
  TokenSource workspace_;
  TokenSource management_;
};

constexpr std::string_view secret_name = "azure-client-secret";
constexpr std::string_view msi_name = "azure-msi";
constexpr std::string_view github_name = "github-oidc-azure";

Token token_by_secret(AuthContext const& context, std::string_view resource, CredentialsLimits const& limits) {
  auto const& config = context.config();
  auto request = form_request(context, azure_token_endpoint(context, azure_tenant(context, limits, secret_name)),
                              {{"grant_type", "client_credentials"},
                               {"client_id", config.azure_client_id.value_or("")},
                               {"client_secret", config.azure_client_secret.value_or("")},
                               {"resource", std::string{resource}}});
  auto const response = send_for_auth(context, {.http = std::move(request), .strategy = secret_name}, limits);
  return read_token(response, context, secret_name, "Entra ID refused");
}

Token token_by_identity(AuthContext const& context, std::string_view resource, CredentialsLimits const& limits) {
  auto url = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" +
             percent_encode(resource);
  if (auto const& id = context.config().azure_client_id) url += "&client_id=" + percent_encode(*id);
  auto request = get_request(context, std::move(url));
  request.headers.emplace_back("Metadata", "true");
  auto const response = send_for_auth(context,
                                      {.http = std::move(request),
                                       .strategy = msi_name,
                                       .is_direct = true,
                                       .limit = std::chrono::seconds{10},
                                       .connect_limit = std::chrono::seconds{1}},
                                      limits);
  return read_token(response, context, msi_name, "the identity service refused");
}

Token token_by_github(AuthContext const& context, std::string_view resource, CredentialsLimits const& limits) {
  auto const assertion = github_id_token(context, "api://AzureADTokenExchange", limits, github_name);
  auto request = form_request(context, azure_token_endpoint(context, azure_tenant(context, limits, github_name)),
                              {{"grant_type", "client_credentials"},
                               {"client_id", context.config().azure_client_id.value_or("")},
                               {"resource", std::string{resource}},
                               {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                               {"client_assertion", assertion}});
  auto const response = send_for_auth(context, {.http = std::move(request), .strategy = github_name}, limits);
  return read_token(response, context, github_name, "Entra ID refused");
}

template <class Fetch>
AzureFetch bind(AuthContextPointer context, Fetch fetch) {
  return [context = std::move(context), fetch](std::string_view resource, CredentialsLimits const& limits) {
    return fetch(*context, resource, limits);
  };
}

}  // namespace

std::shared_ptr<CredentialsStrategy> make_azure_strategy(AuthContextPointer context, AzureTokens tokens) {
  return std::make_shared<AzureStrategy>(std::move(context), std::move(tokens));
}

std::string why_not_azure(AuthContext const& context, std::string_view strategy) {
  auto const& config = context.config();
  if (!config.host && !config.azure_workspace_resource_id) {
    return "neither host nor azure_workspace_resource_id is set";
  }
  if (context.is_named(strategy) || cloud_of(config, context.host_name()) == Cloud::azure) return {};
  return "the host is not on Azure";
}

std::string azure_tenant(AuthContext const& context, CredentialsLimits const& limits, std::string_view strategy) {
  if (auto const& tenant = context.config().azure_tenant_id) return *tenant;
  auto const fail = [&](std::string_view why) -> AuthError {
    return AuthError{std::string{strategy}, ErrorFacts{.message = fmt::format("the tenant is unknown: {}", why),
                                                       .hint = "Set azure_tenant_id (ARM_TENANT_ID)."}};
  };
  if (context.host().empty()) throw fail("there is no host to find it by");
  auto const response = send_for_auth(
      context, {.http = get_request(context, context.host() + "/aad/auth"), .strategy = strategy}, limits);
  auto const location = find_header(response.headers, "Location").value_or("");
  if (response.status < 300 || response.status >= 400 || !has_scheme(location)) {
    throw fail("the host does not redirect to a login page");
  }
  auto path = split_url(location).path;
  path.remove_prefix(std::min<std::size_t>(1, path.size()));
  auto const tenant = path.substr(0, path.find('/'));
  if (tenant.empty()) throw fail("the login page's URL does not name it");
  return std::string{tenant};
}

std::string azure_token_endpoint(AuthContext const& context, std::string_view tenant) {
  return fmt::format("{}{}/oauth2/token", endpoints(context).active_directory, percent_encode(tenant));
}

std::string why_not_azure_client_secret(AuthContext const& context) {
  auto reason = first_unset(context, {"azure_client_id", "azure_client_secret"});
  return reason.empty() ? why_not_azure(context, secret_name) : reason;
}

std::shared_ptr<CredentialsStrategy> make_azure_client_secret(AuthContextPointer context) {
  return make_azure_strategy(context, {.name = secret_name, .fetch = bind(context, token_by_secret)});
}

std::string why_not_azure_msi(AuthContext const& context) {
  if (!context.config().azure_use_msi.value_or(false)) return "azure_use_msi is not set";
  return why_not_azure(context, msi_name);
}

std::shared_ptr<CredentialsStrategy> make_azure_msi(AuthContextPointer context) {
  return make_azure_strategy(context, {.name = msi_name, .fetch = bind(context, token_by_identity)});
}

std::string why_not_github_oidc_azure(AuthContext const& context) {
  auto reason = first_unset(context, {"host", "azure_client_id"});
  if (reason.empty()) reason = why_no_github(context);
  return reason.empty() ? why_not_azure(context, github_name) : reason;
}

std::shared_ptr<CredentialsStrategy> make_github_oidc_azure(AuthContextPointer context) {
  return make_azure_strategy(
      context, {.name = github_name, .fetch = bind(context, token_by_github), .management = ManagementToken::never});
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
