#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

SnapshotSchedule PostgresClient::get_snapshot_schedule(std::string_view name) const {
  return detail::fetch<SnapshotSchedule>(api_, Request::get("/api/2.0/postgres/{}", name));
}

UpdateSnapshotScheduleOperation PostgresClient::update_snapshot_schedule(std::string_view name,
                                                                         SnapshotSchedule const& snapshot_schedule,
                                                                         FieldMask const& update_mask) const {
  return detail::start<UpdateSnapshotScheduleOperation>(api_, Request::patch("/api/2.0/postgres/{}", name)
                                                                  .query("update_mask", update_mask)
                                                                  .body(snapshot_schedule, update_mask));
}

}  // namespace v0
}  // namespace lakebase
