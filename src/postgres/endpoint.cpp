#include <lakebase/postgres_client.hpp>

#include "client/call.hpp"

namespace lakebase::inline v0 {

using namespace postgres;
using detail::Request;

CreateEndpointOperation PostgresClient::create_endpoint(std::string_view parent, Endpoint const& endpoint,
                                                        std::string_view endpoint_id,
                                                        CreateEndpointOptions const& options) const {
  return detail::start<CreateEndpointOperation>(api_, Request::post("/api/2.0/postgres/{}/endpoints", parent)
                                                          .query("endpoint_id", endpoint_id)
                                                          .query("replace_existing", options.replace_existing)
                                                          .body(endpoint));
}

DeleteEndpointOperation PostgresClient::delete_endpoint(std::string_view name) const {
  return detail::start<DeleteEndpointOperation>(api_, Request::del("/api/2.0/postgres/{}", name));
}

Endpoint PostgresClient::get_endpoint(std::string_view name) const {
  return detail::fetch<Endpoint>(api_, Request::get("/api/2.0/postgres/{}", name));
}

Pager<Endpoint> PostgresClient::list_endpoints(std::string_view parent, ListEndpointsOptions const& options) const {
  return detail::list(api_,
                      Request::get("/api/2.0/postgres/{}/endpoints", parent).query("page_size", options.page_size),
                      options.page_token, &ListEndpointsResponse::endpoints);
}

UpdateEndpointOperation PostgresClient::update_endpoint(std::string_view name, Endpoint const& endpoint,
                                                        FieldMask const& update_mask) const {
  return detail::start<UpdateEndpointOperation>(
      api_, Request::patch("/api/2.0/postgres/{}", name).query("update_mask", update_mask).body(endpoint, update_mask));
}

}  // namespace lakebase::inline v0
