#include <lakebase/database_client.hpp>

#include "call/call.hpp"
#include "database/names.hpp"

namespace lakebase {
inline namespace v0 {

using namespace database;
using detail::Request;
using detail::Segment;

SyncedDatabaseTable DatabaseClient::create_synced_database_table(SyncedDatabaseTable const& synced_table) const {
  return detail::fetch<SyncedDatabaseTable>(api_, Request::post("/api/2.0/database/synced_tables").body(synced_table));
}

void DatabaseClient::delete_synced_database_table(std::string_view name,
                                                  DeleteSyncedDatabaseTableOptions const& options) const {
  detail::perform(
      api_, Request::del("/api/2.0/database/synced_tables/{}", Segment{name}).query("purge_data", options.purge_data));
}

SyncedDatabaseTable DatabaseClient::get_synced_database_table(std::string_view name) const {
  return detail::fetch<SyncedDatabaseTable>(api_, Request::get("/api/2.0/database/synced_tables/{}", Segment{name}));
}

Pager<SyncedDatabaseTable> DatabaseClient::list_synced_database_tables(
    std::string_view instance_name, ListSyncedDatabaseTablesOptions const& options) const {
  return detail::list(
      api_,
      Request::get("/api/2.0/database/instances/{}/synced_tables", detail::instance_segment(instance_name))
          .query("page_size", options.page_size),
      options.page_token, &ListSyncedDatabaseTablesResponse::synced_tables);
}

SyncedDatabaseTable DatabaseClient::update_synced_database_table(std::string_view name,
                                                                 SyncedDatabaseTable const& synced_table,
                                                                 std::string_view update_mask) const {
  auto const mask = detail::parse_update_mask(update_mask);
  return detail::fetch<SyncedDatabaseTable>(api_, Request::patch("/api/2.0/database/synced_tables/{}", Segment{name})
                                                      .query("update_mask", mask)
                                                      .body(synced_table, mask));
}

}  // namespace v0
}  // namespace lakebase
