#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

DeleteForwardEtlConfigurationResponse PostgresClient::delete_forward_etl_configuration(
    std::string_view parent, DeleteForwardEtlConfigurationOptions const& options) const {
  return detail::fetch<DeleteForwardEtlConfigurationResponse>(
      api_, Request::del("/api/2.0/postgres/{}/forward-etl/configuration", parent)
                .query("pg_database_oid", options.pg_database_oid)
                .query("pg_schema_oid", options.pg_schema_oid)
                .query("tenant_id", options.tenant_id)
                .query("timeline_id", options.timeline_id));
}

DisableForwardEtlResponse PostgresClient::disable_forward_etl(std::string_view parent,
                                                              DisableForwardEtlOptions const& options) const {
  return detail::fetch<DisableForwardEtlResponse>(api_, Request::del("/api/2.0/postgres/{}/forward-etl", parent)
                                                            .query("pg_database_oid", options.pg_database_oid)
                                                            .query("pg_schema_oid", options.pg_schema_oid)
                                                            .query("tenant_id", options.tenant_id)
                                                            .query("timeline_id", options.timeline_id));
}

ForwardEtlMetadata PostgresClient::get_forward_etl_metadata(std::string_view parent,
                                                            GetForwardEtlMetadataOptions const& options) const {
  return detail::fetch<ForwardEtlMetadata>(api_, Request::get("/api/2.0/postgres/{}/forward-etl/metadata", parent)
                                                     .query("tenant_id", options.tenant_id)
                                                     .query("timeline_id", options.timeline_id));
}

ForwardEtlStatus PostgresClient::get_forward_etl_status(std::string_view parent,
                                                        GetForwardEtlStatusOptions const& options) const {
  return detail::fetch<ForwardEtlStatus>(api_, Request::get("/api/2.0/postgres/{}/forward-etl", parent)
                                                   .query("tenant_id", options.tenant_id)
                                                   .query("timeline_id", options.timeline_id));
}

}  // namespace v0
}  // namespace lakebase
