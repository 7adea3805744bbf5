#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

#include <lakebase/postgres_client.hpp>
#include <lakebase/pq/connection_source.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// The endpoint for this intent in `target`: an endpoint, a branch or a project. A read-write endpoint serves reads if
/// the branch has no replica of its own.
/// @throws ConfigError, and what the calls throw
postgres::Endpoint find_endpoint(PostgresClient const& client, std::string_view target, Intent intent);

/// The host of an endpoint for this intent.
/// @throws ConfigError if it has none of that kind, or is disabled
std::string host_of(postgres::Endpoint const& endpoint, Intent intent, bool pooled);

/// The state of the endpoint of that name, by one request to the service.
/// @throws what the call throws
EndpointState ask_endpoint(PostgresClient const& client, std::string_view name, std::chrono::nanoseconds timeout,
                           std::stop_token stop);

/// Whether a connection to an endpoint would wake nothing, by one request.
/// @throws what the client does
bool ask_running(PostgresClient const& client, std::string_view name, std::chrono::nanoseconds timeout,
                 std::stop_token stop);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
