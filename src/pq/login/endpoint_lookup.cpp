#include "pq/login/endpoint_lookup.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <lakebase/error.hpp>
#include <lakebase/postgres/names.hpp>

#include "pq/login/call_within.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using postgres::Endpoint;
using postgres::EndpointType;

// How many ids the name has. @throws ConfigError if it is not the name of a project, a branch or an endpoint
std::ptrdiff_t depth_of(std::string_view target) {
  auto const slashes = std::count(target.begin(), target.end(), '/');
  try {
    if (slashes <= 1) static_cast<void>(postgres::ProjectName::parse(target));
    if (slashes == 2 || slashes == 3) static_cast<void>(postgres::BranchName::parse(target));
    if (slashes > 3) static_cast<void>(postgres::EndpointName::parse(target));
  } catch (InvalidArgument const& error) {
    throw ConfigError(ErrorFacts{.message = "not a project, branch or endpoint: " + error.message(),
                                 .hint = "Pass projects/…[/branches/…[/endpoints/…]], or the name of an instance."});
  }
  return (slashes + 1) / 2;
}

bool is_disabled(Endpoint const& endpoint) {
  return endpoint.status && endpoint.status->disabled.value_or(false);
}

// The only candidate; it is an error if there is none, or more than one.
template <class Resource>
Resource only_one(std::vector<Resource> candidates, std::string const& what, std::string const& where) {
  if (candidates.size() == 1) return std::move(candidates.front());
  if (candidates.empty()) throw ConfigError("there is no " + what + " in " + where);
  std::string list;
  for (auto const& candidate : candidates) list += (list.empty() ? "" : ", ") + candidate.name.value_or("?");
  throw ConfigError("there are several " + what + (what.ends_with('h') ? "es" : "s") + " in " + where +
                    ", name one of them: " + list);
}

bool has_type(Endpoint const& endpoint, EndpointType type) {
  if (endpoint.status && endpoint.status->endpoint_type) return *endpoint.status->endpoint_type == type;
  return endpoint.spec && endpoint.spec->endpoint_type && *endpoint.spec->endpoint_type == type;
}

std::vector<Endpoint> of_type(std::vector<Endpoint> const& all, EndpointType type) {
  std::vector<Endpoint> chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen),
               [&](Endpoint const& endpoint) { return has_type(endpoint, type); });
  return chosen;
}

Endpoint endpoint_in(PostgresClient const& client, std::string const& branch, Intent intent) {
  auto const all = client.list_endpoints(branch).to_vector();
  if (intent == Intent::read_only) {
    auto replicas = of_type(all, EndpointType::read_only);
    if (!replicas.empty()) return only_one(std::move(replicas), "read-only endpoint", branch);
  }
  return only_one(of_type(all, EndpointType::read_write), "read-write endpoint", branch);
}

}  // namespace

Endpoint find_endpoint(PostgresClient const& client, std::string_view target, Intent intent) {
  auto const depth = depth_of(target);
  if (depth == 3) return client.get_endpoint(target);
  if (depth == 2) return endpoint_in(client, std::string{target}, intent);
  auto const branch = only_one(client.list_branches(target).to_vector(), "branch", std::string{target});
  return endpoint_in(client, branch.name.value_or(""), intent);
}

std::string host_of(Endpoint const& endpoint, Intent intent, bool pooled) {
  auto const name = endpoint.name.value_or("?");
  if (is_disabled(endpoint)) {
    throw ConfigError("the endpoint " + name + " is disabled, and no connection wakes it: set spec.disabled to false");
  }
  auto const hosts = endpoint.status && endpoint.status->hosts ? *endpoint.status->hosts : postgres::EndpointHosts{};
  bool const replica = has_type(endpoint, EndpointType::read_only);
  if (intent == Intent::read_write && replica) {
    throw ConfigError("the endpoint " + name + " only reads: name a read-write one, or request read_only");
  }
  std::optional<std::string> host;
  if (pooled) {
    host = intent == Intent::read_only && hosts.read_only_pooled_host ? hosts.read_only_pooled_host
                                                                      : hosts.read_write_pooled_host;
  } else {
    host = intent == Intent::read_only && hosts.read_only_host ? hosts.read_only_host : hosts.host;
  }
  if (!host || host->empty()) {
    throw ConfigError("the endpoint " + name + " has no " + (pooled ? "pooled " : "") + "host" +
                      (pooled ? "" : " yet: it is still being created"));
  }
  return *host;
}

EndpointState ask_endpoint(PostgresClient const& client, std::string_view name, std::chrono::nanoseconds timeout,
                           std::stop_token stop) {
  try {
    bool const disabled = is_disabled(by_one_attempt(client, timeout, std::move(stop)).get_endpoint(name));
    return disabled ? EndpointState::disabled : EndpointState::there;
  } catch (NotFound const&) {
    return EndpointState::gone;
  }
}

bool ask_running(PostgresClient const& client, std::string_view name, std::chrono::nanoseconds timeout,
                 std::stop_token stop) {
  auto const endpoint = by_one_attempt(client, timeout, std::move(stop)).get_endpoint(name);
  bool const suspended = endpoint.status && endpoint.status->current_state == postgres::EndpointStatusState::idle;
  return !suspended && !is_disabled(endpoint);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
