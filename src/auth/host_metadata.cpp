#include "auth/host_metadata.hpp"

#include <fmt/format.h>

#include "auth/auth_http.hpp"
#include "base/ascii.hpp"
#include "base/json_text.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using std::chrono::seconds;

constexpr auto longest_lookup = seconds{5};
constexpr auto pause_after_silence = seconds{60};

// Empty if the endpoint needs an account id, which is not set.
std::string discovery_url_of(AuthContext const& context, std::string endpoint, std::string const& account_id) {
  constexpr std::string_view hole = "{account_id}";
  if (endpoint.empty()) return {};
  if (endpoint.find(hole) != std::string::npos) {
    if (account_id.empty()) {
      context.logger.write(LogLevel::warning, "the host's OAuth endpoint needs account_id, which is not set");
      return {};
    }
    replace_all(endpoint, hole, account_id);
  }
  while (!endpoint.empty() && endpoint.back() == '/') endpoint.pop_back();
  return endpoint + "/.well-known/oauth-authorization-server";
}

HostMetadata read_metadata(AuthContext const& context, Json const& json) {
  HostMetadata metadata{.account_id = text_of(json, "account_id"),
                        .workspace_id = text_of(json, "workspace_id"),
                        .host_type = lower(text_of(json, "host_type"))};
  auto const account_id = context.config().account_id.value_or(metadata.account_id);
  metadata.discovery_url = discovery_url_of(context, text_of(json, "oidc_endpoint"), account_id);
  auto const audiences = json.find("token_federation_default_oidc_audiences");
  if (audiences != json.end() && audiences->is_array() && !audiences->empty() && audiences->front().is_string()) {
    metadata.token_audience = audiences->front().get<std::string>();
  } else if (metadata.workspace_id.empty()) {
    metadata.token_audience = account_id;
  }
  return metadata;
}

// None if the request failed in a way that may be transient.
std::optional<HostMetadata> ask(AuthContext const& context, std::string const& host, CredentialsLimits const& limits) {
  AuthRequest const request{.http = get_request(context, host + "/.well-known/databricks-config"),
                            .strategy = "host metadata",
                            .limit = longest_lookup,
                            .connect_limit = seconds{3},
                            .may_retry = false};
  for (int attempt = 1;; ++attempt) {
    try {
      auto const response = send_for_auth(context, request, limits);
      auto const json = response.status == 200 ? parse_json(response.body) : Json{};
      if (json.is_object()) return read_metadata(context, json);
      bool const has_none = response.status == 404;
      context.logger.write(has_none ? LogLevel::debug : LogLevel::warning,
                           fmt::format("{} has no usable metadata: status {}", host, response.status));
      return has_none ? std::optional{HostMetadata{}} : std::nullopt;
    } catch (AuthError const& error) {
      bool const is_over = limits.deadline && context.clock->now() >= *limits.deadline;
      if (attempt == 2 || is_over) {
        context.logger.write(LogLevel::warning, error.what());
        return std::nullopt;
      }
    }
  }
}

}  // namespace

std::shared_ptr<HostFacts> shared_host_facts() {
  static auto const facts = std::make_shared<HostFacts>();
  return facts;
}

HostMetadata find_host_metadata(AuthContext const& context, CredentialsLimits const& limits) {
  auto const host = context.host();
  if (host.empty() || !context.config().use_host_metadata.value_or(true)) return {};
  auto const key = context.metadata_key();
  if (auto known = context.known_metadata()) return *std::move(known);
  auto const bounds = within(limits, *context.clock, longest_lookup);
  bool const has_time = !limits.deadline || *limits.deadline > *bounds.deadline;
  auto const metadata = ask(context, host, bounds);
  // If the call's own time was too short, its failure says nothing about the host.
  if (metadata || has_time) {
    auto const end = metadata ? HostFacts::SteadyTime::max() : context.clock->now() + pause_after_silence;
    context.facts->set_metadata(key, metadata.value_or(HostMetadata{}), end);
  }
  return metadata.value_or(HostMetadata{});
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
