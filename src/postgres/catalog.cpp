#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

CreateCatalogOperation PostgresClient::create_catalog(Catalog const& catalog, std::string_view catalog_id) const {
  return detail::start<CreateCatalogOperation>(
      api_, Request::post("/api/2.0/postgres/catalogs").query("catalog_id", catalog_id).body(catalog));
}

DeleteCatalogOperation PostgresClient::delete_catalog(std::string_view name) const {
  return detail::start<DeleteCatalogOperation>(api_, Request::del("/api/2.0/postgres/{}", name));
}

Catalog PostgresClient::get_catalog(std::string_view name) const {
  return detail::fetch<Catalog>(api_, Request::get("/api/2.0/postgres/{}", name));
}

}  // namespace v0
}  // namespace lakebase
