#include <lakebase/database_client.hpp>

#include "call/call.hpp"
#include "database/names.hpp"

namespace lakebase {
inline namespace v0 {

using namespace database;
using detail::Request;
using detail::Segment;

DatabaseCatalog DatabaseClient::create_database_catalog(DatabaseCatalog const& catalog) const {
  return detail::fetch<DatabaseCatalog>(api_, Request::post("/api/2.0/database/catalogs").body(catalog));
}

void DatabaseClient::delete_database_catalog(std::string_view name) const {
  detail::perform(api_, Request::del("/api/2.0/database/catalogs/{}", Segment{name}));
}

DatabaseCatalog DatabaseClient::get_database_catalog(std::string_view name) const {
  return detail::fetch<DatabaseCatalog>(api_, Request::get("/api/2.0/database/catalogs/{}", Segment{name}));
}

Pager<DatabaseCatalog> DatabaseClient::list_database_catalogs(std::string_view instance_name,
                                                              ListDatabaseCatalogsOptions const& options) const {
  return detail::list(api_,
                      Request::get("/api/2.0/database/instances/{}/catalogs", detail::instance_segment(instance_name))
                          .query("page_size", options.page_size),
                      options.page_token, &ListDatabaseCatalogsResponse::database_catalogs);
}

DatabaseCatalog DatabaseClient::update_database_catalog(std::string_view name, DatabaseCatalog const& database_catalog,
                                                        std::string_view update_mask) const {
  auto const mask = detail::parse_update_mask(update_mask);
  return detail::fetch<DatabaseCatalog>(api_, Request::patch("/api/2.0/database/catalogs/{}", Segment{name})
                                                  .query("update_mask", mask)
                                                  .body(database_catalog, mask));
}

}  // namespace v0
}  // namespace lakebase
