#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

CreateSyncedTableOperation PostgresClient::create_synced_table(SyncedTable const& synced_table,
                                                               std::string_view synced_table_id) const {
  return detail::start<CreateSyncedTableOperation>(
      api_,
      Request::post("/api/2.0/postgres/synced_tables").query("synced_table_id", synced_table_id).body(synced_table));
}

DeleteSyncedTableOperation PostgresClient::delete_synced_table(std::string_view name) const {
  return detail::start<DeleteSyncedTableOperation>(api_, Request::del("/api/2.0/postgres/{}", name));
}

SyncedTable PostgresClient::get_synced_table(std::string_view name) const {
  return detail::fetch<SyncedTable>(api_, Request::get("/api/2.0/postgres/{}", name));
}

}  // namespace v0
}  // namespace lakebase
