#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <lakebase/clock.hpp>
#include <lakebase/credentials.hpp>
#include <lakebase/transport.hpp>

#include "base/guarded.hpp"
#include "base/logger.hpp"
#include "config/resolve.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// What a host says about itself at `/.well-known/databricks-config`; members that it does not give are empty.
struct HostMetadata {
  std::string discovery_url{};
  std::string account_id{};
  std::string workspace_id{};
  std::string host_type{};
  std::string token_audience{};
};

/// What is known about hosts. Shared by all clients of a process that use libcurl.
class HostFacts {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  /// The metadata of `host`, if known and not outdated.
  std::optional<HostMetadata> metadata(std::string const& host, SteadyTime now) const {
    return tables_.with([&](Tables const& tables) {
      auto const found = tables.metadata.find(host);
      bool const is_known = found != tables.metadata.end() && now < found->second.end;
      return is_known ? std::optional{found->second.metadata} : std::nullopt;
    });
  }
  void set_metadata(std::string const& host, HostMetadata metadata, SteadyTime end) {
    tables_.with([&](Tables& tables) { tables.metadata.insert_or_assign(host, Said{std::move(metadata), end}); });
  }
  /// The workspace URL of an Azure resource, for configurations that name only the resource.
  std::string url_of(std::string const& resource_id) const {
    return tables_.with([&](Tables const& tables) {
      auto const found = tables.urls.find(resource_id);
      return found == tables.urls.end() ? std::string{} : found->second;
    });
  }
  void set_url(std::string const& resource_id, std::string url) {
    tables_.with([&](Tables& tables) { tables.urls.insert_or_assign(resource_id, std::move(url)); });
  }

 private:
  struct Said {
    HostMetadata metadata{};
    SteadyTime end{};
  };
  struct Tables {
    std::map<std::string, Said> metadata{};
    std::map<std::string, std::string> urls{};
  };

  Guarded<Tables> tables_{};
};

/// The facts that clients of this process share.
std::shared_ptr<HostFacts> shared_host_facts();

/// What all strategies use. Lives as long as any of them.
struct AuthContext {
  ResolvedConfig resolved{};
  std::shared_ptr<Transport> transport{};
  /// Never through a proxy: for services on this machine or of the cloud's own network.
  std::shared_ptr<Transport> direct_transport{};
  std::shared_ptr<Clock> clock{};
  /// Without an `auth/` part.
  std::string user_agent{};
  Logger logger{};
  std::shared_ptr<HostFacts> facts = std::make_shared<HostFacts>();

  Config const& config() const noexcept { return resolved.values; }
  /// Normalised URL; empty if it is not known (yet: a strategy may find it out).
  std::string host() const {
    if (config().host) return *config().host;
    return facts->url_of(config().azure_workspace_resource_id.value_or(""));
  }
  /// The host's name without scheme and port.
  std::string host_name() const { return host().empty() ? std::string{} : parse_host(host()).name; }
  /// A variable of the environment; empty if it is not set.
  std::string variable(std::string_view name) const { return config().environment(name).value_or(""); }
  /// Whether the configuration names this strategy.
  bool is_named(std::string_view strategy) const { return config().auth_type == strategy; }
  /// What the host has said about itself, if that was requested.
  std::optional<HostMetadata> known_metadata() const { return facts->metadata(metadata_key(), clock->now()); }
  std::string metadata_key() const { return host() + '|' + config().account_id.value_or(""); }
  std::chrono::nanoseconds http_timeout() const;
};

/// The limits of a call, narrowed to `span` from now.
CredentialsLimits within(CredentialsLimits const& limits, Clock& clock, std::chrono::nanoseconds span);

/// Throws Cancelled if the call was stopped, AuthError if there is no time left.
void check_time(CredentialsLimits const& limits, Clock& clock, std::string_view strategy);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
