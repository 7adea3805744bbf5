#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

CreateDataApiOperation PostgresClient::create_data_api(std::string_view parent, DataApi const& data_api) const {
  return detail::start<CreateDataApiOperation>(api_,
                                               Request::post("/api/2.0/postgres/{}/data-api", parent).body(data_api));
}

DeleteDataApiOperation PostgresClient::delete_data_api(std::string_view name) const {
  return detail::start<DeleteDataApiOperation>(api_, Request::del("/api/2.0/postgres/{}", name));
}

DataApi PostgresClient::get_data_api(std::string_view name) const {
  return detail::fetch<DataApi>(api_, Request::get("/api/2.0/postgres/{}", name));
}

UpdateDataApiOperation PostgresClient::update_data_api(std::string_view name, DataApi const& data_api,
                                                       FieldMask const& update_mask) const {
  return detail::start<UpdateDataApiOperation>(
      api_, Request::patch("/api/2.0/postgres/{}", name).query("update_mask", update_mask).body(data_api, update_mask));
}

}  // namespace v0
}  // namespace lakebase
