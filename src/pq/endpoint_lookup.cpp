#include "pq/endpoint_lookup.hpp"

#include <algorithm>
#include <vector>

#include <lakebase/error.hpp>

namespace lakebase::inline v0::pq::detail {
namespace {

using postgres::Endpoint;
using postgres::EndpointType;

std::vector<std::string> segments_of(std::string_view target) {
  std::vector<std::string> segments;
  while (true) {
    auto const slash = target.find('/');
    segments.emplace_back(target.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    target.remove_prefix(slash + 1);
  }
}

void check_shape(std::string_view target, std::vector<std::string> const& segments) {
  constexpr std::string_view collections[] = {"projects", "branches", "endpoints"};
  bool good = segments.size() % 2 == 0 && segments.size() <= 6;
  for (std::size_t i = 0; good && i < segments.size(); i += 2) {
    good = segments[i] == collections[i / 2] && !segments[i + 1].empty();
  }
  if (!good) {
    throw ConfigError("not a project, branch or endpoint (projects/…[/branches/…[/endpoints/…]]): " +
                      std::string{target});
  }
}

// The only one of the candidates; none and several are errors.
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
  auto const segments = segments_of(target);
  check_shape(target, segments);
  if (segments.size() == 6) return client.get_endpoint(target);
  if (segments.size() == 4) return endpoint_in(client, std::string{target}, intent);
  auto const branch = only_one(client.list_branches(target).to_vector(), "branch", std::string{target});
  return endpoint_in(client, branch.name.value_or(""), intent);
}

std::string host_of(Endpoint const& endpoint, Intent intent, bool pooled) {
  auto const name = endpoint.name.value_or("?");
  if (endpoint.status && endpoint.status->disabled.value_or(false)) {
    throw ConfigError("the endpoint " + name + " is disabled, and no connection wakes it: set spec.disabled to false");
  }
  auto const hosts = endpoint.status && endpoint.status->hosts ? *endpoint.status->hosts : postgres::EndpointHosts{};
  bool const replica = has_type(endpoint, EndpointType::read_only);
  if (intent == Intent::read_write && replica) {
    throw ConfigError("the endpoint " + name + " only reads: name a read-write one, or ask for read_only");
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
                      (pooled ? "" : " yet: it is still being made"));
  }
  return *host;
}

}  // namespace lakebase::inline v0::pq::detail
