#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

ComputeInstance PostgresClient::get_compute_instance(std::string_view name) const {
  return detail::fetch<ComputeInstance>(api_, Request::get("/api/2.0/postgres/{}", name));
}

Pager<ComputeInstance> PostgresClient::list_compute_instances(std::string_view parent,
                                                              ListComputeInstancesOptions const& options) const {
  return detail::list(
      api_, Request::get("/api/2.0/postgres/{}/compute-instances", parent).query("page_size", options.page_size),
      options.page_token, &ListComputeInstancesResponse::compute_instances);
}

}  // namespace v0
}  // namespace lakebase
