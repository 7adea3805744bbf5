#include "pq/login/instance_lookup.hpp"

#include <utility>

#include <lakebase/error.hpp>

#include "database/names.hpp"
#include "pq/login/call_within.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using database::DatabaseInstance;
using database::DatabaseInstanceState;

bool is_stopped(DatabaseInstance const& instance) {
  return instance.state == DatabaseInstanceState::stopped || instance.effective_stopped.value_or(false);
}

}  // namespace

bool names_instance(std::string_view name) noexcept {
  return lakebase::detail::can_name_instance(name);
}

std::string host_of(DatabaseInstance const& instance, Intent intent) {
  if (is_stopped(instance)) {
    throw ConfigError(ErrorFacts{.message = "the instance " + instance.name.value_or("?") + " is stopped",
                                 .hint = std::string{how_to_start_instance}});
  }
  bool const has_readers = instance.read_only_dns && !instance.read_only_dns->empty();
  bool const reads = intent == Intent::read_only && has_readers;
  try {
    return database::host_of(instance, reads ? database::HostKind::read_only : database::HostKind::read_write);
  } catch (MissingField const& error) {
    throw ConfigError(ErrorFacts{.message = error.message(), .hint = error.hint()});
  }
}

EndpointState ask_instance(DatabaseClient const& client, std::string_view name, std::chrono::nanoseconds timeout,
                           std::stop_token stop) {
  try {
    auto const instance = by_one_attempt(client, timeout, std::move(stop)).get_database_instance(name);
    if (instance.state == DatabaseInstanceState::deleting) return EndpointState::gone;
    return is_stopped(instance) ? EndpointState::stopped : EndpointState::there;
  } catch (NotFound const&) {
    return EndpointState::gone;
  }
}

bool ask_instance_running(DatabaseClient const& client, std::string_view name, std::chrono::nanoseconds timeout,
                          std::stop_token stop) {
  return !is_stopped(by_one_attempt(client, timeout, std::move(stop)).get_database_instance(name));
}

InstanceCredentialOptions for_instance(EndpointCredentialOptions const& options) {
  if (options.group_name || options.ttl) {
    throw ConfigError(ErrorFacts{.message = "tokens of an instance are for the caller, and for an hour",
                                 .hint = "Leave credentials.group_name and credentials.ttl unset."});
  }
  InstanceCredentialOptions result;
  for (auto const& claim : options.claims) {
    auto& same = result.claims.emplace_back();
    if (claim.permission_set) {
      same.permission_set = Enum<database::RequestedClaimsPermissionSet>::from_wire(claim.permission_set->wire());
    }
    for (auto const& resource : claim.resources) same.resources.push_back({.table_name = resource.table_name});
  }
  result.refresh = options.refresh;
  result.clock = options.clock;
  return result;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
