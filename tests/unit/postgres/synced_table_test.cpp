#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;

using Maintenance = SyncedTableSyncedTableSpecExtraColumnMaintenance;
using CreationPoint = SyncedTableSyncedTableSpecSecondaryIndexCreationPoint;
using PgType = SyncedTableSyncedTableSpecPgSpecificType;
using Policy = SyncedTableSyncedTableSpecSyncedTableSchedulingPolicy;

constexpr auto synced_table_operation = R"({"name":"synced_tables/c.s.t/operations/1","done":false})";

TEST(CreateSyncedTable, SendsIdInQueryAndSpecInBody) {
  auto const wire = script({{200, synced_table_operation}});
  auto const started = client_over(wire).create_synced_table(
      SyncedTable{.spec = SyncedTableSyncedTableSpec{.branch = "projects/p/branches/production",
                                                     .create_database_objects_if_missing = false,
                                                     .new_pipeline_spec =
                                                         NewPipelineSpec{.pipeline_channel =
                                                                             NewPipelineSpecPipelineChannel::preview,
                                                                         .storage_catalog = "main",
                                                                         .storage_schema = "sync"},
                                                     .postgres_database = "shop_db",
                                                     .primary_key_columns = {"id", "region"},
                                                     .scheduling_policy = Policy::continuous,
                                                     .source_table_full_name = "main.sales.orders",
                                                     .timeseries_key = "updated_at"}},
      "c.s.t");
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/postgres/synced_tables?synced_table_id=c.s.t", R"({
    "spec":{"branch":"projects/p/branches/production","create_database_objects_if_missing":false,
            "new_pipeline_spec":{"pipeline_channel":"PREVIEW","storage_catalog":"main","storage_schema":"sync"},
            "postgres_database":"shop_db","primary_key_columns":["id","region"],"scheduling_policy":"CONTINUOUS",
            "source_table_full_name":"main.sales.orders","timeseries_key":"updated_at"}})"));
  EXPECT_EQ(started.name(), "synced_tables/c.s.t/operations/1");
}

TEST(CreateSyncedTable, SendsColumnsIndexesAndTypes) {
  auto const wire = script({{200, synced_table_operation}});
  static_cast<void>(client_over(wire).create_synced_table(
      SyncedTable{.spec =
                      SyncedTableSyncedTableSpec{
                          .accelerated_sync = true,
                          .existing_pipeline_id = "pipeline-1",
                          .extra_columns = {{.column_name = "words",
                                             .column_type = "tsvector",
                                             .compute = "to_tsvector('english', content)",
                                             .maintenance = Maintenance::stored_generated}},
                          .extra_index_definitions = {{.name = "by_words",
                                                       .definition = "USING gin (words)",
                                                       .creation_point = CreationPoint::after_data_load}},
                          .type_overrides = {{.column_name = "embedding", .pg_type = PgType::vector, .size = 1024}}}},
      "c.s.t"));
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/postgres/synced_tables?synced_table_id=c.s.t", R"json({
    "spec":{"accelerated_sync":true,"existing_pipeline_id":"pipeline-1",
            "extra_columns":[{"column_name":"words","column_type":"tsvector",
                              "compute":"to_tsvector('english', content)","maintenance":"STORED_GENERATED"}],
            "extra_index_definitions":[{"name":"by_words","definition":"USING gin (words)",
                                        "creation_point":"CREATION_POINT_AFTER_DATA_LOAD"}],
            "type_overrides":[{"column_name":"embedding","pg_type":"PG_SPECIFIC_TYPE_VECTOR","size":1024}]}})json"));
}

TEST(DeleteSyncedTable, DeletesByName) {
  auto const wire = script({{200, synced_table_operation}});
  static_cast<void>(client_over(wire).delete_synced_table("synced_tables/c.s.t"));
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE", "/api/2.0/postgres/synced_tables/c.s.t"));
}

TEST(GetSyncedTable, ReadsByName) {
  auto const wire = script({{200, R"({"name":"synced_tables/c.s.t","synced_table_id":"c.s.t","status":{
    "detailed_state":"SYNCED_TABLE_ONLINE_TRIGGERED_UPDATE","last_processed_commit_version":"9223372036854775807",
    "last_sync":{"delta_table_sync_info":{"delta_commit_time":"2026-08-01T10:00:00.000000001Z",
                                          "delta_commit_version":41},
                 "sync_start_time":"2026-08-01T10:01:00Z","sync_end_time":"2026-08-01T10:02:00Z"},
    "last_sync_time":"2026-08-01T10:02:00Z","message":"running","pipeline_id":"pipeline-1","project":"projects/p",
    "ongoing_sync_progress":{"estimated_completion_time_seconds":12.5,"latest_version_currently_processing":42,
                             "sync_progress_completion":0.25,"synced_row_count":"250","total_row_count":1000},
    "provisioning_phase":"PROVISIONING_PHASE_MAIN","unity_catalog_provisioning_state":"ACTIVE"}})"}});
  auto const table = client_over(wire).get_synced_table("synced_tables/c.s.t");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/synced_tables/c.s.t"));
  EXPECT_EQ(table.synced_table_id, "c.s.t");
  auto const& status = table.status.value();
  EXPECT_EQ(status.detailed_state, SyncedTableState::online_triggered_update);
  EXPECT_EQ(status.last_processed_commit_version, 9223372036854775807);
  EXPECT_EQ(status.last_sync,
            (SyncedTablePosition{.delta_table_sync_info = DeltaTableSyncInfo{.delta_commit_time = Timestamp::parse(
                                                                                 "2026-08-01T10:00:00.000000001Z"),
                                                                             .delta_commit_version = 41},
                                 .sync_end_time = Timestamp::parse("2026-08-01T10:02:00Z"),
                                 .sync_start_time = Timestamp::parse("2026-08-01T10:01:00Z")}));
  EXPECT_EQ(status.ongoing_sync_progress, (SyncedTablePipelineProgress{.estimated_completion_time_seconds = 12.5,
                                                                       .latest_version_currently_processing = 42,
                                                                       .sync_progress_completion = 0.25,
                                                                       .synced_row_count = 250,
                                                                       .total_row_count = 1000}));
  EXPECT_EQ(status.pipeline_id, "pipeline-1");
  EXPECT_EQ(status.provisioning_phase, ProvisioningPhase::main);
  EXPECT_EQ(status.unity_catalog_provisioning_state, ProvisioningInfoState::active);
}

TEST(GetSyncedTable, KeepsAStateThatItDoesNotKnow) {
  auto const wire = script({{200, R"({"status":{"detailed_state":"SYNCED_TABLE_ASLEEP"}})"}});
  auto const state = client_over(wire).get_synced_table("synced_tables/c.s.t").status.value().detailed_state.value();
  EXPECT_EQ(state.value(), SyncedTableState::unrecognized);
  EXPECT_EQ(state.wire(), "SYNCED_TABLE_ASLEEP");
}

}  // namespace
}  // namespace lakebase::tests
