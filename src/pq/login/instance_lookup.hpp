#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

#include <lakebase/database_client.hpp>
#include <lakebase/pq/connection_source.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// What to do about an instance that is stopped.
inline constexpr std::string_view how_to_start_instance =
    "The instance is stopped: start it, e.g. by database::start_instance, and wait until it is AVAILABLE.";

/// Whether this is the name of an instance of Provisioned; names of endpoints of Autoscaling have slashes.
bool names_instance(std::string_view name) noexcept;

/// The host of an instance for this intent. Its read-write host serves reads if it has no readable secondaries.
/// @throws ConfigError if it has none, or is stopped
std::string host_of(database::DatabaseInstance const& instance, Intent intent);

/// The state of the instance of that name, by one request to the service.
/// @throws what the call throws
EndpointState ask_instance(DatabaseClient const& client, std::string_view name, std::chrono::nanoseconds timeout,
                           std::stop_token stop);

/// Whether the instance runs, by one request.
/// @throws what the client does
bool ask_instance_running(DatabaseClient const& client, std::string_view name, std::chrono::nanoseconds timeout,
                          std::stop_token stop);

/// The options of tokens of an instance.
/// @throws ConfigError if the others have what such tokens do not have
InstanceCredentialOptions for_instance(EndpointCredentialOptions const& options);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
