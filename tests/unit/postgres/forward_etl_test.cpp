#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;

constexpr auto etl_branch = "projects/p/branches/b";

TEST(DeleteForwardEtlConfiguration, SendsItsOptionsAndReadsTheCounts) {
  auto const wire = script({{200, R"({"deleted_configs":1,"deleted_mappings":12})"}});
  auto const deleted = client_over(wire).delete_forward_etl_configuration(
      etl_branch, {.pg_database_oid = 16384, .pg_schema_oid = 4294967295, .tenant_id = "t0", .timeline_id = "l0"});
  EXPECT_THAT(wire->only_request(),
              IsRequest("DELETE",
                        "/api/2.0/postgres/projects/p/branches/b/forward-etl/configuration"
                        "?pg_database_oid=16384&pg_schema_oid=4294967295&tenant_id=t0&timeline_id=l0"));
  EXPECT_EQ(deleted.deleted_configs, 1);
  EXPECT_EQ(deleted.deleted_mappings, 12);
}

TEST(DeleteForwardEtlConfiguration, SendsNoQueryWithoutOptions) {
  auto const wire = script({{200, R"({"deleted_configs":0,"deleted_mappings":0})"}});
  client_over(wire).delete_forward_etl_configuration(etl_branch);
  EXPECT_THAT(wire->only_request(),
              IsRequest("DELETE", "/api/2.0/postgres/projects/p/branches/b/forward-etl/configuration"));
}

TEST(DisableForwardEtl, SendsItsOptions) {
  auto const wire = script({{200, R"({"disabled":true})"}});
  auto const answer = client_over(wire).disable_forward_etl(
      etl_branch, {.pg_database_oid = 16384, .pg_schema_oid = 2200, .tenant_id = "t0", .timeline_id = "l0"});
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE",
                                              "/api/2.0/postgres/projects/p/branches/b/forward-etl"
                                              "?pg_database_oid=16384&pg_schema_oid=2200&tenant_id=t0&timeline_id=l0"));
  EXPECT_EQ(answer.disabled, true);
}

TEST(GetForwardEtlMetadata, SendsItsOptionsAndReadsTheOids) {
  auto const wire = script({{200, R"({"databases":[{"name":"databricks_postgres","oid":"16384"}],
    "schemas":[{"name":"public","oid":2200},{"name":"api","oid":4294967295}]})"}});
  auto const metadata =
      client_over(wire).get_forward_etl_metadata(etl_branch, {.tenant_id = "t0", .timeline_id = "l0"});
  EXPECT_THAT(
      wire->only_request(),
      IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/forward-etl/metadata?tenant_id=t0&timeline_id=l0"));
  EXPECT_EQ(metadata.databases, (std::vector{ForwardEtlDatabase{.name = "databricks_postgres", .oid = 16384}}));
  EXPECT_EQ(metadata.schemas, (std::vector{ForwardEtlSchema{.name = "public", .oid = 2200},
                                           ForwardEtlSchema{.name = "api", .oid = 4294967295}}));
}

TEST(GetForwardEtlStatus, SendsItsOptionsAndReadsTheMappings) {
  auto const wire = script({{200, R"({"configurations":[{"create_time_millis":"1785578400000","enabled":true,
    "pg_database_oid":16384,"pg_schema_oid":2200,"tenant_id":"t0","timeline_id":"l0","uc_catalog_id":"c0",
    "uc_schema_id":"s0","update_time_millis":1785578400001,"workspace_id":"9223372036854775807"}],
    "table_mappings":[{"enabled":false,"last_synced_lsn":"0/1A2B3C","pg_table_name":"orders","pg_table_oid":16401,
    "uc_table_id":"u0","uc_table_name":"orders_feed"}]})"}});
  auto const status = client_over(wire).get_forward_etl_status(etl_branch, {.tenant_id = "t0", .timeline_id = "l0"});
  EXPECT_THAT(wire->only_request(),
              IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/forward-etl?tenant_id=t0&timeline_id=l0"));
  EXPECT_EQ(status.configurations, (std::vector{ForwardEtlConfig{.create_time_millis = 1785578400000,
                                                                 .enabled = true,
                                                                 .pg_database_oid = 16384,
                                                                 .pg_schema_oid = 2200,
                                                                 .tenant_id = "t0",
                                                                 .timeline_id = "l0",
                                                                 .uc_catalog_id = "c0",
                                                                 .uc_schema_id = "s0",
                                                                 .update_time_millis = 1785578400001,
                                                                 .workspace_id = 9223372036854775807}}));
  EXPECT_EQ(status.table_mappings, (std::vector{ForwardEtlTableMapping{.enabled = false,
                                                                       .last_synced_lsn = "0/1A2B3C",
                                                                       .pg_table_name = "orders",
                                                                       .pg_table_oid = 16401,
                                                                       .uc_table_id = "u0",
                                                                       .uc_table_name = "orders_feed"}}));
}

}  // namespace
}  // namespace lakebase::tests
