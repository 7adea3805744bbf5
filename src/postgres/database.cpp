#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

CreateDatabaseOperation PostgresClient::create_database(std::string_view parent, Database const& database,
                                                        CreateDatabaseOptions const& options) const {
  return detail::start<CreateDatabaseOperation>(api_, Request::post("/api/2.0/postgres/{}/databases", parent)
                                                          .query("database_id", options.database_id)
                                                          .query("replace_existing", options.replace_existing)
                                                          .body(database));
}

DeleteDatabaseOperation PostgresClient::delete_database(std::string_view name) const {
  return detail::start<DeleteDatabaseOperation>(api_, Request::del("/api/2.0/postgres/{}", name));
}

Database PostgresClient::get_database(std::string_view name) const {
  return detail::fetch<Database>(api_, Request::get("/api/2.0/postgres/{}", name));
}

Pager<Database> PostgresClient::list_databases(std::string_view parent, ListDatabasesOptions const& options) const {
  return detail::list(api_,
                      Request::get("/api/2.0/postgres/{}/databases", parent).query("page_size", options.page_size),
                      options.page_token, &ListDatabasesResponse::databases);
}

UpdateDatabaseOperation PostgresClient::update_database(std::string_view name, Database const& database,
                                                        FieldMask const& update_mask) const {
  return detail::start<UpdateDatabaseOperation>(
      api_, Request::patch("/api/2.0/postgres/{}", name).query("update_mask", update_mask).body(database, update_mask));
}

}  // namespace v0
}  // namespace lakebase
