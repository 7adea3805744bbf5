#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

CreateCdfConfigOperation PostgresClient::create_cdf_config(std::string_view parent, CdfConfig const& cdf_config,
                                                           CreateCdfConfigOptions const& options) const {
  return detail::start<CreateCdfConfigOperation>(api_, Request::post("/api/2.0/postgres/{}/cdf-configs", parent)
                                                           .query("cdf_config_id", options.cdf_config_id)
                                                           .body(cdf_config));
}

DeleteCdfConfigOperation PostgresClient::delete_cdf_config(std::string_view name,
                                                           DeleteCdfConfigOptions const& options) const {
  return detail::start<DeleteCdfConfigOperation>(
      api_, Request::del("/api/2.0/postgres/{}", name).query("force", options.force));
}

CdfConfig PostgresClient::get_cdf_config(std::string_view name) const {
  return detail::fetch<CdfConfig>(api_, Request::get("/api/2.0/postgres/{}", name));
}

Pager<CdfConfig> PostgresClient::list_cdf_configs(std::string_view parent, ListCdfConfigsOptions const& options) const {
  return detail::list(api_,
                      Request::get("/api/2.0/postgres/{}/cdf-configs", parent).query("page_size", options.page_size),
                      options.page_token, &ListCdfConfigsResponse::cdf_configs);
}

}  // namespace v0
}  // namespace lakebase
