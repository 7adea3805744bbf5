#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

CdfStatus PostgresClient::get_cdf_status(std::string_view name) const {
  return detail::fetch<CdfStatus>(api_, Request::get("/api/2.0/postgres/{}", name));
}

Pager<CdfStatus> PostgresClient::list_cdf_statuses(std::string_view parent,
                                                   ListCdfStatusesOptions const& options) const {
  return detail::list(api_,
                      Request::get("/api/2.0/postgres/{}/cdf-statuses", parent).query("page_size", options.page_size),
                      options.page_token, &ListCdfStatusesResponse::cdf_statuses);
}

}  // namespace v0
}  // namespace lakebase
