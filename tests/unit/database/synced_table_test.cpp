#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/database_client.hpp>
#include <lakebase/error.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace database;
using ::testing::HasSubstr;

constexpr auto synced = R"({"name":"a.b.c"})";

TEST(CreateSyncedDatabaseTable, SendsTheTableAsTheWholeBody) {
  auto const wire = script({{200, synced}});
  DatabaseClient{config_over(wire)}.create_synced_database_table(
      {.name = "a.b.c",
       .database_instance_name = "i",
       .logical_database_name = "db",
       .spec = SyncedTableSpec{
           .create_database_objects_if_missing = true,
           .new_pipeline_spec = NewPipelineSpec{.storage_catalog = "s", .storage_schema = "t"},
           .primary_key_columns = {"id"},
           .scheduling_policy = SyncedTableSchedulingPolicy::snapshot,
           .source_table_full_name = "a.b.source",
           .type_overrides = {{.column_name = "v", .pg_type = SyncedTableSpecPgSpecificType::vector, .size = 3}}}});
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/database/synced_tables", R"({"name":"a.b.c",
    "database_instance_name":"i","logical_database_name":"db","spec":{"create_database_objects_if_missing":true,
    "new_pipeline_spec":{"storage_catalog":"s","storage_schema":"t"},"primary_key_columns":["id"],
    "scheduling_policy":"SNAPSHOT","source_table_full_name":"a.b.source",
    "type_overrides":[{"column_name":"v","pg_type":"PG_SPECIFIC_TYPE_VECTOR","size":3}]}})"));
}

TEST(GetSyncedDatabaseTable, ReadsWhatTheServiceTells) {
  auto const wire = script({{200, R"({"name":"a.b.c","data_synchronization_status":{
    "detailed_state":"SYNCED_TABLED_OFFLINE","message":"m","pipeline_id":"p","triggered_update_status":{
    "last_processed_commit_version":"7","triggered_update_progress":{"sync_progress_completion":0.5,
    "provisioning_phase":"PROVISIONING_PHASE_MAIN"}},"last_sync":{"sync_end_timestamp":"2026-08-19T11:00:00Z",
    "delta_table_sync_info":{"delta_commit_version":6}}},"unity_catalog_provisioning_state":"ACTIVE"})"}});
  auto const table = DatabaseClient{config_over(wire)}.get_synced_database_table("a.b.c");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/database/synced_tables/a.b.c"));
  EXPECT_EQ(table.unity_catalog_provisioning_state, ProvisioningInfoState::active);
  auto const status = table.data_synchronization_status.value();
  EXPECT_EQ(status.detailed_state, SyncedTableState::tabled_offline);
  EXPECT_EQ(status.triggered_update_status->last_processed_commit_version, 7);
  EXPECT_EQ(status.triggered_update_status->triggered_update_progress->provisioning_phase, ProvisioningPhase::main);
  EXPECT_EQ(status.last_sync->delta_table_sync_info->delta_commit_version, 6);
}

TEST(DeleteSyncedDatabaseTable, SendsItsOptionOrNone) {
  auto const wire = script({{200, "{}"}, {200, "{}"}});
  DatabaseClient const client{config_over(wire)};
  client.delete_synced_database_table("a.b.c", {.purge_data = true});
  client.delete_synced_database_table("a.b.c");
  EXPECT_THAT(wire->requests()[0], IsRequest("DELETE", "/api/2.0/database/synced_tables/a.b.c?purge_data=true"));
  EXPECT_THAT(wire->requests()[1], IsRequest("DELETE", "/api/2.0/database/synced_tables/a.b.c"));
}

TEST(ListSyncedDatabaseTables, SendsItsOptionsOrNone) {
  auto const wire = script({{200, R"({"synced_tables":[{"name":"a.b.c"}]})"}, {200, "{}"}});
  DatabaseClient const client{config_over(wire)};
  EXPECT_EQ(client.list_synced_database_tables("i", {.page_size = 1, .page_token = "t0"}).to_vector().size(), 1U);
  EXPECT_TRUE(client.list_synced_database_tables("i").to_vector().empty());
  EXPECT_THAT(wire->requests()[0],
              IsRequest("GET", "/api/2.0/database/instances/i/synced_tables?page_size=1&page_token=t0"));
  EXPECT_THAT(wire->requests()[1], IsRequest("GET", "/api/2.0/database/instances/i/synced_tables"));
}

TEST(UpdateSyncedDatabaseTable, SaysWhatToDoAsTheServiceCannot) {
  auto const wire = script({{200, synced}, {501, R"({"error_code":"NOT_IMPLEMENTED",
                              "message":"Update Synced Database Table is not yet implemented."})"}});
  DatabaseClient const client{config_over(wire)};
  client.update_synced_database_table("a.b.c", {.name = "a.b.c"}, "spec");
  EXPECT_THAT(wire->requests()[0],
              IsRequest("PATCH", "/api/2.0/database/synced_tables/a.b.c?update_mask=spec", R"({"name":"a.b.c"})"));
  try {
    client.update_synced_database_table("a.b.c", {});
    FAIL() << "accepted";
  } catch (NotImplemented const& error) {
    EXPECT_THAT(error.hint(), HasSubstr("delete it, and create another one"));
  }
  EXPECT_THAT(wire->requests()[1], IsRequest("PATCH", "/api/2.0/database/synced_tables/a.b.c?update_mask=%2A", "{}"));
}

}  // namespace
}  // namespace lakebase::tests
