#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/database_client.hpp>
#include <lakebase/error.hpp>
#include <lakebase/set_fields.hpp>
#include <lakebase/workspace_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace database;
using ::testing::HasSubstr;

constexpr auto available = R"({"name":"my-instance","state":"AVAILABLE"})";

TEST(CreateDatabaseInstance, SendsTheInstanceAsTheWholeBody) {
  auto const wire = script({{200, available}});
  static_cast<void>(DatabaseClient{config_over(wire)}.create_database_instance(
      {.name = "my-instance",
       .capacity = "CU_2",
       .custom_tags = {{.key = "team", .value = "data"}},
       .enable_pg_native_login = true,
       .enable_readable_secondaries = true,
       .node_count = 2,
       .parent_instance_ref = DatabaseInstanceRef{.lsn = "0/1A", .name = "parent"},
       .retention_window_in_days = 14,
       .stopped = false,
       .usage_policy_id = "u-1"}));
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/database/instances",
                                              R"({"name":"my-instance","capacity":"CU_2",
    "custom_tags":[{"key":"team","value":"data"}],"enable_pg_native_login":true,"enable_readable_secondaries":true,
    "node_count":2,"parent_instance_ref":{"lsn":"0/1A","name":"parent"},"retention_window_in_days":14,"stopped":false,
    "usage_policy_id":"u-1"})"));
}

TEST(CreateDatabaseInstance, SendsNothingUnasked) {
  auto const wire = script({{200, available}});
  static_cast<void>(DatabaseClient{config_over(wire)}.create_database_instance({.name = "my-instance"}));
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/database/instances", R"({"name":"my-instance"})"));
}

TEST(CreateDatabaseInstance, RefusesWhatNoInstanceCanBeCreatedWith) {
  auto const wire = script({});
  DatabaseClient const client{config_over(wire)};
  EXPECT_THROW(static_cast<void>(client.create_database_instance({})), InvalidArgument);
  DatabaseInstance two{.name = "i", .parent_instance_ref = DatabaseInstanceRef{.branch_time = "2026-01-01T00:00:00Z"}};
  two.parent_instance_ref->lsn = "0/1A";
  try {
    static_cast<void>(client.create_database_instance(two));
    FAIL() << "accepted";
  } catch (InvalidArgument const& error) {
    EXPECT_THAT(error.what(), HasSubstr("both an lsn and a branch_time"));
  }
  two.parent_instance_ref = DatabaseInstanceRef{.name = "no name"};
  EXPECT_THROW(static_cast<void>(client.create_database_instance(two)), InvalidArgument);
  EXPECT_TRUE(wire->requests().empty());
}

TEST(DatabaseInstanceNames, AreRefusedByEveryCallBeforeARequest) {
  auto const wire = script({});
  DatabaseClient const client{config_over(wire)};
  std::vector<std::function<void(std::string const&)>> const calls{
      [&](auto const& name) { static_cast<void>(client.create_database_instance({.name = name})); },
      [&](auto const& name) { client.delete_database_instance(name); },
      [&](auto const& name) { static_cast<void>(client.get_database_instance(name)); },
      [&](auto const& name) { client.update_database_instance(name, {}); },
      [&](auto const& name) { client.failover_database_instance(name); },
      [&](auto const& name) {
        client.failover_database_instance("i", {.failover_target_database_instance_name = name});
      },
      [&](auto const& name) { client.upgrade_instance_to_autoscaling(name); },
      [&](auto const& name) { client.create_database_instance_role(name, {}); },
      [&](auto const& name) { client.delete_database_instance_role(name, "r"); },
      [&](auto const& name) { static_cast<void>(client.get_database_instance_role(name, "r")); },
      [&](auto const& name) { client.update_database_instance_role(name, "r", {}); },
      [&](auto const& name) { static_cast<void>(client.list_database_instance_roles(name)); },
      [&](auto const& name) { static_cast<void>(client.list_database_catalogs(name)); },
      [&](auto const& name) { static_cast<void>(client.list_synced_database_tables(name)); },
      [&](auto const& name) { static_cast<void>(client.generate_database_credential({.instance_names = {name}})); },
      [&](auto const& name) { static_cast<void>(client.resume<CreateDatabaseInstanceOperation>(name)); },
  };
  for (std::string const name : {"", ".", "..", "a/b", "a b", "a_b", "a\nb", "\xc3\xbc", "a.b", "*"}) {
    for (auto const& call : calls) EXPECT_THROW(call(name), InvalidArgument) << name;
  }
  for (auto const& call : calls) EXPECT_THROW(call(std::string(64, 'x')), InvalidArgument);
  try {
    static_cast<void>(client.get_database_instance("projects/p"));
    FAIL() << "accepted";
  } catch (InvalidArgument const& error) {
    EXPECT_THAT(error.what(), HasSubstr("\"projects/p\" is not the name of an instance"));
    EXPECT_THAT(error.hint(), HasSubstr("w.postgres"));
  }
  EXPECT_TRUE(wire->requests().empty());
}

TEST(GetDatabaseInstance, ReadsWhatTheServiceTells) {
  auto const wire = script({{200, R"({"name":"my-instance","uid":"0b6f","capacity":"CU_1","effective_capacity":"CU_1",
    "creation_time":"2026-08-19T10:00:00Z","creator":"ann@example.com","state":"AVAILABLE","pg_version":"PG_VERSION_16",
    "effective_stopped":false,"effective_node_count":1,"effective_retention_window_in_days":7,
    "effective_enable_pg_native_login":false,"effective_enable_readable_secondaries":false,
    "read_write_dns":"ep-1.example.com","child_instance_refs":[{"name":"c","uid":"1"}],
    "parent_instance_ref":{"name":"p","uid":"2","effective_lsn":"0/1A"}})"}});
  auto const instance = DatabaseClient{config_over(wire)}.get_database_instance("my-instance");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/database/instances/my-instance"));
  EXPECT_EQ(instance, (DatabaseInstance{
                          .name = "my-instance",
                          .capacity = "CU_1",
                          .child_instance_refs = {{.name = "c", .uid = "1"}},
                          .creation_time = "2026-08-19T10:00:00Z",
                          .creator = "ann@example.com",
                          .effective_capacity = "CU_1",
                          .effective_enable_pg_native_login = false,
                          .effective_enable_readable_secondaries = false,
                          .effective_node_count = 1,
                          .effective_retention_window_in_days = 7,
                          .effective_stopped = false,
                          .parent_instance_ref = DatabaseInstanceRef{.effective_lsn = "0/1A", .name = "p", .uid = "2"},
                          .pg_version = "PG_VERSION_16",
                          .read_write_dns = "ep-1.example.com",
                          .state = DatabaseInstanceState::available,
                          .uid = "0b6f"}));
}

TEST(FindDatabaseInstanceByUid, SendsItsOptionOrNone) {
  auto const wire = script({{200, available}, {200, available}});
  DatabaseClient const client{config_over(wire)};
  EXPECT_EQ(client.find_database_instance_by_uid({.uid = "0b6f/1"}).name, "my-instance");
  static_cast<void>(client.find_database_instance_by_uid());
  EXPECT_THAT(wire->requests()[0], IsRequest("GET", "/api/2.0/database/instances:findByUid?uid=0b6f%2F1"));
  EXPECT_THAT(wire->requests()[1], IsRequest("GET", "/api/2.0/database/instances:findByUid"));
}

TEST(ListDatabaseInstances, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"database_instances":[{"name":"a"}],"next_page_token":"t?1"})"},
                            {200, R"({"next_page_token":"t2"})"},
                            {200, R"({"database_instances":[{"name":"b"}]})"}});
  auto const instances =
      DatabaseClient{config_over(wire)}.list_database_instances({.page_size = 1, .page_token = "t0"}).to_vector();
  ASSERT_EQ(instances.size(), 2U);
  EXPECT_EQ(instances[1].name, "b");
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  std::string const first = "/api/2.0/database/instances?page_size=1";
  EXPECT_THAT(requests[0], IsRequest("GET", first + "&page_token=t0"));
  EXPECT_THAT(requests[1], IsRequest("GET", first + "&page_token=t%3F1"));
  EXPECT_THAT(requests[2], IsRequest("GET", first + "&page_token=t2"));
}

TEST(ListDatabaseInstances, SendsNoOptionUnasked) {
  auto const wire = script({{200, "{}"}});
  EXPECT_TRUE(DatabaseClient{config_over(wire)}.list_database_instances().to_vector().empty());
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/database/instances"));
}

TEST(UpdateDatabaseInstance, SendsItsMaskAndWhatItClears) {
  auto const wire = script({{200, R"({"name":"i","state":"UPDATING"})"}});
  auto const updated = DatabaseClient{config_over(wire)}.update_database_instance(
      "i", {.name = "i", .capacity = "CU_4", .stopped = true}, "capacity, stopped,custom_tags");
  EXPECT_THAT(wire->only_request(),
              IsRequest("PATCH", "/api/2.0/database/instances/i?update_mask=capacity%2Cstopped%2Ccustom_tags",
                        R"({"name":"i","capacity":"CU_4","custom_tags":[],"stopped":true})"));
  EXPECT_EQ(updated.state, DatabaseInstanceState::updating);
}

TEST(UpdateDatabaseInstance, MeansEverythingWithoutAMask) {
  auto const wire = script({{200, available}});
  DatabaseClient{config_over(wire)}.update_database_instance("i", {.name = "i", .node_count = 2});
  EXPECT_THAT(wire->only_request(),
              IsRequest("PATCH", "/api/2.0/database/instances/i?update_mask=%2A", R"({"name":"i","node_count":2})"));
}

TEST(UpdateDatabaseInstance, RefusesAMaskWithAnEmptyEntry) {
  auto const wire = script({});
  DatabaseClient const client{config_over(wire)};
  for (auto const* mask : {"", " ", "capacity,", ",capacity", "capacity,,stopped", "capacity, ,stopped"}) {
    EXPECT_THROW(client.update_database_instance("i", {}, mask), InvalidArgument) << mask;
    EXPECT_THROW(client.update_database_catalog("c", {}, mask), InvalidArgument) << mask;
    EXPECT_THROW(client.update_synced_database_table("a.b.c", {}, mask), InvalidArgument) << mask;
  }
  EXPECT_TRUE(wire->requests().empty());
}

TEST(DeleteDatabaseInstance, SendsItsOptions) {
  auto const wire = script({{200, "{}"}, {400, R"({"message":"purge=false is not supported"})"}});
  DatabaseClient const client{config_over(wire)};
  client.delete_database_instance("i", {.force = true, .purge = true});
  EXPECT_THAT(wire->requests()[0], IsRequest("DELETE", "/api/2.0/database/instances/i?force=true&purge=true"));
  try {
    client.delete_database_instance("i", {.purge = false});
    FAIL() << "accepted";
  } catch (BadRequest const& error) {
    EXPECT_THAT(error.what(), HasSubstr("purge=false is not supported"));
    EXPECT_THAT(error.hint(), HasSubstr("deleted for good"));
  }
  EXPECT_THAT(wire->requests()[1], IsRequest("DELETE", "/api/2.0/database/instances/i?purge=false"));
}

TEST(DeleteDatabaseInstance, SendsNoOptionUnasked) {
  auto const wire = script({{200, ""}});
  DatabaseClient{config_over(wire)}.delete_database_instance("i");
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE", "/api/2.0/database/instances/i"));
}

TEST(FailoverDatabaseInstance, SendsItsTargetOrNone) {
  auto const wire = script({{200, R"({"name":"i","state":"FAILING_OVER"})"}, {200, available}});
  DatabaseClient const client{config_over(wire)};
  EXPECT_EQ(client.failover_database_instance("i", {.failover_target_database_instance_name = "i-2"}).state,
            DatabaseInstanceState::failing_over);
  client.failover_database_instance("i");
  EXPECT_THAT(wire->requests()[0], IsRequest("POST", "/api/2.0/database/instances/i/failover",
                                             R"({"failover_target_database_instance_name":"i-2"})"));
  EXPECT_THAT(wire->requests()[1], IsRequest("POST", "/api/2.0/database/instances/i/failover", "{}"));
}

TEST(UpgradeInstanceToAutoscaling, SendsNoBody) {
  auto const wire = script({{200, "{}"}});
  DatabaseClient{config_over(wire)}.upgrade_instance_to_autoscaling("i");
  EXPECT_THAT(wire->only_request(), IsRequest("PATCH", "/api/2.0/database/instances/i/upgrade"));
}

TEST(HostOfInstance, SaysWhyThereIsNone) {
  DatabaseInstance instance{.name = "i",
                            .read_only_dns = "ro.example.com",
                            .read_write_dns = "rw.example.com",
                            .state = DatabaseInstanceState::available};
  EXPECT_EQ(host_of(instance), "rw.example.com");
  EXPECT_EQ(host_of(instance, HostKind::read_only), "ro.example.com");
  auto const why = [&](HostKind kind) -> std::string {
    try {
      return host_of(instance, kind);
    } catch (MissingField const& error) {
      return error.what();
    }
  };
  instance.read_only_dns.reset();
  EXPECT_THAT(why(HostKind::read_only), HasSubstr("no host for reads: it has no readable secondaries"));
  instance.read_write_dns = "";
  EXPECT_THAT(why(HostKind::read_write), HasSubstr("its state is AVAILABLE"));
  instance.state = DatabaseInstanceState::starting;
  EXPECT_THAT(why(HostKind::read_write), HasSubstr("it is still being started"));
  instance.state = DatabaseInstanceState::stopped;
  EXPECT_THAT(why(HostKind::read_write), HasSubstr("the instance is stopped"));
  instance.state = DatabaseInstanceState::deleting;
  EXPECT_THAT(why(HostKind::read_write), HasSubstr("it is being deleted"));
  instance.state.reset();
  EXPECT_THAT(why(HostKind::read_write), HasSubstr("not one that the service has sent"));
}

TEST(DatabaseInstanceMask, ListsWhatIsSetAndCanChange) {
  DatabaseInstance const instance{.name = "i",
                                  .capacity = "CU_2",
                                  .creator = "ann",
                                  .custom_tags = {{.key = "a"}},
                                  .parent_instance_ref = DatabaseInstanceRef{.name = "p"},
                                  .stopped = false,
                                  .uid = "u"};
  EXPECT_EQ(set_fields(instance).to_string(), "capacity,custom_tags,stopped");
}

TEST(WorkspaceClientDatabase, SharesTheConfigurationAndItsOptions) {
  auto const wire = script({{200, available}});
  WorkspaceClient const w{config_over(wire)};
  static_cast<void>(w.with({.headers = {{"X-Team", "data"}}}).database.get_database_instance("i"));
  auto const request = wire->only_request();
  EXPECT_EQ(find_header(request.headers, "X-Team"), "data");
}

}  // namespace
}  // namespace lakebase::tests
