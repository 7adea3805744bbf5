#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

CreateSnapshotOperation PostgresClient::create_snapshot(std::string_view parent, Snapshot const& snapshot,
                                                        std::string_view snapshot_id) const {
  return detail::start<CreateSnapshotOperation>(
      api_, Request::post("/api/2.0/postgres/{}/snapshots", parent).query("snapshot_id", snapshot_id).body(snapshot));
}

DeleteSnapshotOperation PostgresClient::delete_snapshot(std::string_view name) const {
  return detail::start<DeleteSnapshotOperation>(api_, Request::del("/api/2.0/postgres/{}", name));
}

Snapshot PostgresClient::get_snapshot(std::string_view name) const {
  return detail::fetch<Snapshot>(api_, Request::get("/api/2.0/postgres/{}", name));
}

Pager<Snapshot> PostgresClient::list_snapshots(std::string_view parent, ListSnapshotsOptions const& options) const {
  return detail::list(api_,
                      Request::get("/api/2.0/postgres/{}/snapshots", parent).query("page_size", options.page_size),
                      options.page_token, &ListSnapshotsResponse::snapshots);
}

}  // namespace v0
}  // namespace lakebase
