#pragma once

#include <string>
#include <string_view>

#include <lakebase/postgres_client.hpp>
#include <lakebase/pq/connection_source.hpp>

namespace lakebase::inline v0::pq::detail {

/// The endpoint that `target` leads to, for this intent. A read-write endpoint serves reads where the branch has no
/// replica of its own.
/// @throws ConfigError, and what the calls throw
postgres::Endpoint find_endpoint(PostgresClient const& client, std::string_view target, Intent intent);

/// The host of an endpoint for this intent.
/// @throws ConfigError where it has none of that kind, or is disabled
std::string host_of(postgres::Endpoint const& endpoint, Intent intent, bool pooled);

}  // namespace lakebase::inline v0::pq::detail
