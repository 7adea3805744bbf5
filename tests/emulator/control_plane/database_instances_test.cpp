// The API of database instances: how they are made, changed and deleted.

#include <fstream>
#include <set>

#include "database/request_types.hpp"
#include "database_fixture.hpp"
#include "system/private_file_posix.hpp"

namespace lakebase::emulator::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using DatabaseInstancesTest = DatabaseTest;

TEST_F(DatabaseInstancesTest, IsCreatedAndShown) {
  computes->hold("create_branch");
  auto const made = database("POST", "instances", Json{{"name", "My-Inst-1"}});
  EXPECT_EQ(made.status, 200) << made.body.dump(1);
  EXPECT_EQ(made.body.at("state"), "STARTING");
  EXPECT_FALSE(made.body.contains("read_write_dns"));
  EXPECT_EQ(instance("My-Inst-1").body.at("state"), "STARTING");
  computes->release();
  auto shown = settled("My-Inst-1");
  EXPECT_EQ(shown.at("read_write_dns"), computes->address(endpoint_uid("My-Inst-1")));
  shown.erase("read_write_dns");
  EXPECT_EQ(shown, (Json{{"name", "My-Inst-1"},
                         {"uid", made.body.at("uid")},
                         {"state", "AVAILABLE"},
                         {"creator", "developer@example.com"},
                         {"creation_time", "2026-06-01T12:00:00Z"},
                         {"pg_version", "PG_VERSION_16"},
                         {"capacity", "CU_1"},
                         {"effective_capacity", "CU_1"},
                         {"effective_stopped", false},
                         {"effective_node_count", 1},
                         {"effective_enable_readable_secondaries", false},
                         {"effective_enable_pg_native_login", false},
                         {"effective_retention_window_in_days", 7}}));
  auto const found = database("GET", "instances:findByUid?uid=" + made.body.at("uid").get<std::string>());
  EXPECT_EQ(found.body.at("name"), "My-Inst-1");
  EXPECT_EQ(computes->settings(endpoint_uid("My-Inst-1")).max_connections, 1000);
  EXPECT_FALSE(computes->settings(endpoint_uid("My-Inst-1")).suspend_after);
}

TEST_F(DatabaseInstancesTest, TakesWhatIsAskedFor) {
  auto const made = make_instance("big", Json{{"capacity", "CU_4"},
                                              {"retention_window_in_days", 35},
                                              {"enable_pg_native_login", true},
                                              {"node_count", 1},
                                              {"usage_policy_id", "policy"},
                                              {"custom_tags", Json::array({Json{{"key", "team"}, {"value", "a"}}})}});
  EXPECT_EQ(made.at("capacity"), "CU_4");
  EXPECT_EQ(made.at("effective_retention_window_in_days"), 35);
  EXPECT_EQ(made.at("effective_enable_pg_native_login"), true);
  EXPECT_EQ(made.at("effective_usage_policy_id"), "policy");
  EXPECT_EQ(made.at("effective_custom_tags"), json(R"([{"key": "team", "value": "a"}])"));
  for (auto const* input : {"custom_tags", "node_count", "stopped", "retention_window_in_days"}) {
    EXPECT_FALSE(made.contains(input)) << input;
  }
}

TEST_F(DatabaseInstancesTest, CanBeCreatedStopped) {
  auto const made = make_instance("idle", Json{{"stopped", true}});
  EXPECT_EQ(made.at("state"), "STOPPED");
  EXPECT_EQ(made.at("effective_stopped"), true);
  EXPECT_TRUE(computes->settings(endpoint_uid("idle")).disabled);
}

TEST_F(DatabaseInstancesTest, StopsAndStarts) {
  make_instance("db");
  auto const uid = endpoint_uid("db");
  computes->hold("update_endpoint");
  auto const stopping = database("PATCH", "instances/db?update_mask=stopped", Json{{"name", "db"}, {"stopped", true}});
  EXPECT_EQ(stopping.body.at("state"), "UPDATING");
  EXPECT_EQ(stopping.body.at("effective_stopped"), true);
  auto const another = database("PATCH", "instances/db?update_mask=capacity", Json{{"capacity", "CU_2"}});
  EXPECT_EQ(another.status, 409);
  EXPECT_EQ(another.code(), "ABORTED");
  EXPECT_THAT(another.message(), HasSubstr("database instance 'db'"));
  computes->release();
  EXPECT_EQ(settled("db").at("state"), "STOPPED");
  EXPECT_TRUE(computes->settings(uid).disabled);

  expect_error(database("PATCH", "instances/db?update_mask=capacity", Json{{"capacity", "CU_2"}}), 400, "BAD_REQUEST",
               "Database instance 'db' is stopped, and cannot be resized. Start it first.");
  EXPECT_EQ(changed("db", "retention_window_in_days", Json{{"retention_window_in_days", 3}}).at("state"), "STOPPED");
  // As the CLI does it, which leaves false out.
  auto const started = changed("db", "stopped", Json{{"name", "db"}});
  EXPECT_EQ(started.at("state"), "AVAILABLE");
  EXPECT_EQ(started.at("effective_stopped"), false);
  EXPECT_TRUE(computes->has_call_with("start " + uid));
  EXPECT_EQ(changed("db", "*", Json{{"stopped", true}}).at("effective_retention_window_in_days"), 3);
  EXPECT_EQ(changed("db", "stopped,capacity", Json{{"stopped", false}, {"capacity", "CU_8"}}).at("capacity"), "CU_8");
}

TEST_F(DatabaseInstancesTest, AnUpdateChangesWhatItsMaskNames) {
  make_instance("db", Json{{"custom_tags", json(R"([{"key": "a", "value": "1"}])")}});
  auto const started = database("PATCH", "instances/db", Json{{"capacity", "CU_2"}, {"uid", "x"}, {"unknown", 1}});
  EXPECT_EQ(started.body.at("capacity"), "CU_2");
  EXPECT_EQ(started.body.at("custom_tags"), started.body.at("effective_custom_tags"));
  EXPECT_EQ(settled("db").at("effective_custom_tags").size(), 1);
  EXPECT_FALSE(changed("db", "custom_tags", Json::object()).contains("effective_custom_tags"));
  EXPECT_EQ(changed("db", "enable_pg_native_login", Json{{"enable_pg_native_login", true}, {"capacity", "CU_1"}})
                .at("capacity"),
            "CU_2");
}

TEST_F(DatabaseInstancesTest, AFailedUpdateChangesNothing) {
  make_instance("db");
  computes->fail_at("update_endpoint", "no more memory");
  EXPECT_EQ(changed("db", "stopped,retention_window_in_days", Json{{"stopped", true}, {"retention_window_in_days", 9}}),
            instance("db").body);
  EXPECT_EQ(instance("db").body.at("state"), "AVAILABLE");
  EXPECT_EQ(instance("db").body.at("effective_retention_window_in_days"), 7);
}

TEST_F(DatabaseInstancesTest, AFailedCreationLeavesNothing) {
  computes->fail_at("create_branch", "no more disk");
  EXPECT_EQ(make_instance("db").value("error_code", ""), "NOT_FOUND");
  EXPECT_EQ(make_instance("db").at("state"), "AVAILABLE");
}

TEST_F(DatabaseInstancesTest, Refuses) {
  make_instance("db");
  make_project();
  struct Case {
    std::string method, target;
    Json body;
    int status;
    char const* code;
    std::string message;
  };
  auto const* const bad = "INVALID_PARAMETER_VALUE";
  auto const create = [&](Json body, std::string message) {
    body.emplace("name", "other");
    return Case{"POST", "instances", std::move(body), 400, bad, std::move(message)};
  };
  auto const update = [&](std::string const& mask, Json body, std::string message) {
    return Case{"PATCH", "instances/db?update_mask=" + mask, std::move(body), 400, bad, std::move(message)};
  };
  std::string const name = "Field 'name' must be 1 to 63 letters, digits and hyphens, got ";
  for (auto const& [method, target, body, status, code, message] : {
           Case{"POST", "instances", Json::object(), 400, bad,
                "Field 'name' is required, expected non-default value (not \"\")!"},
           create(Json{{"name", "under_score"}}, name + "'under_score'."),
           create(Json{{"name", "instances/x"}}, name + "'instances/x'."),
           create(Json{{"name", std::string(64, 'a')}}, name + "'" + std::string(64, 'a') + "'."),
           Case{"POST", "instances", Json{{"name", "db"}}, 409, "ALREADY_EXISTS", "Instance name is not unique"},
           Case{"POST", "instances", Json{{"name", 7}}, 400, "MALFORMED_REQUEST",
                "Could not parse request object: field 'name' must be a string."},
           create(Json{{"capacity", "CU_3"}}, "Field 'capacity' must be one of CU_1, CU_2, CU_4, CU_8, got 'CU_3'."),
           create(Json{{"retention_window_in_days", 1}},
                  "Field 'retention_window_in_days' must be from 2 to 35, got 1."),
           create(Json{{"retention_window_in_days", 36}},
                  "Field 'retention_window_in_days' must be from 2 to 35, got 36."),
           create(Json{{"node_count", 0}}, "Field 'node_count' must be from 1 to 3, got 0."),
           create(Json{{"node_count", 4}}, "Field 'node_count' must be from 1 to 3, got 4."),
           create(Json{{"enable_readable_secondaries", true}},
                  "Field 'enable_readable_secondaries' needs a 'node_count' of 2 or more."),
           create(Json{{"parent_instance_ref", Json::object()}},
                  "Field 'parent_instance_ref.name' is required, expected non-default value (not \"\")!"),
           create(Json{{"parent_instance_ref", Json{{"lsn", "0/1"}}}},
                  "Field 'parent_instance_ref.name' is required, expected non-default value (not \"\")!"),
           create(Json{{"custom_tags", json(R"([{"value": "v"}])")}},
                  "Field 'custom_tags.key' is required, expected non-default value (not \"\")!"),
           create(Json{{"parent_instance_ref", Json{{"lsn", "0/1"}}}},
                  "Field 'parent_instance_ref.name' is required, expected non-default value (not \"\")!"),
           create(Json{{"parent_instance_ref", Json{{"name", "db"}, {"lsn", "x"}}}},
                  "Field 'parent_instance_ref.lsn' must be a position in the write-ahead log, such as 0/1A2B3C8, got "
                  "'x'."),
           create(Json{{"parent_instance_ref", Json{{"name", "db"}, {"branch_time", "2027-01-01T00:00:00Z"}}}},
                  "Field 'parent_instance_ref.branch_time' must not lie in the future."),
           create(Json{{"parent_instance_ref", Json{{"name", "db"}, {"branch_time", "2020-01-01T00:00:00Z"}}}},
                  "Database instance 'db' has no 2020-01-01T00:00:00Z: its restore window begins at "
                  "2026-06-01T12:00:00Z."),
           Case{"POST", "instances", json(R"({"name": "other", "parent_instance_ref": {"name": "none"}})"), 404,
                "NOT_FOUND", "Database instance 'none' not found"},
           update("size", Json{{"size", 1}}, "Unknown field path in update_mask: 'size'"),
           update("name", Json{{"name", "x"}}, "Unknown field path in update_mask: 'name'"),
           update("capacity", Json::object(), "Field 'capacity' is in update_mask but not provided in request"),
           update("capacity", Json{{"capacity", "CU_16"}},
                  "Field 'capacity' must be one of CU_1, CU_2, CU_4, CU_8, got 'CU_16'."),
           Case{"PATCH", "instances/db?update_mask=node_count", Json{{"node_count", 4}}, 400, bad,
                "Field 'node_count' must be from 1 to 3, got 4."},
           Case{"PATCH", "instances/db?update_mask=a%00b", Json{{"capacity", "CU_1"}}, 400, bad,
                "Query parameter 'update_mask' must not hold NUL."},
           Case{"PATCH", "instances/none", Json::object(), 404, "NOT_FOUND", "Database instance 'none' not found"},
           Case{"GET", "instances/none", nullptr, 404, "NOT_FOUND", "Database instance 'none' not found"},
           Case{"GET", "instances/shop", nullptr, 404, "NOT_FOUND", "Database instance 'shop' not found"},
           Case{"GET", "instances:findByUid?uid=none", nullptr, 404, "NOT_FOUND",
                "Database instance with uid 'none' not found"},
           Case{"GET", "instances:findByUid", nullptr, 400, bad,
                "Field 'uid' is required, expected non-default value (not \"\")!"},
           Case{"GET", "instances?page_size=-1", nullptr, 400, bad, "Field 'page_size' must not be negative, got -1."},
           Case{"DELETE", "instances/db?purge=false", nullptr, 400, bad,
                "DELETE request must have purge=true parameter"},
           Case{"DELETE", "instances/none", nullptr, 404, "NOT_FOUND", "Database instance 'none' not found"},
           Case{"POST", "instances/db/failover", Json::object(), 400, "BAD_REQUEST",
                "Database instance 'db' has a single node: there is no secondary to fail over to."},
           Case{"POST", "instances/none/failover", Json::object(), 404, "NOT_FOUND",
                "Database instance 'none' not found"},
           Case{"POST", "credentials", Json::object(), 400, bad,
                "At least one of 'instance_names' and 'claims' must be set."},
           Case{"POST", "credentials", json(R"({"instance_names": ["db", "none"]})"), 404, "NOT_FOUND",
                "Database instance 'none' not found"},
           Case{"POST", "credentials", json(R"({"claims": [{"permission_set": "ALL"}]})"), 400, bad,
                "Field 'claims.permission_set' must be one of READ_ONLY, got 'ALL'."},
           Case{"POST", "credentials", json(R"({"claims": ["x"]})"), 400, "MALFORMED_REQUEST",
                "Could not parse request object: field 'claims[0]' must be an object."},
           Case{"POST", "credentials", json(R"({"claims": [{"permission_set": "READ_ONLY"}]})"), 501, "NOT_IMPLEMENTED",
                "The Lakebase emulator does not offer database credentials with claims."},
           Case{"POST", "nothing", Json::object(), 404, "ENDPOINT_NOT_FOUND",
                "No API found for 'POST /database/nothing'"},
       }) {
    auto const answer = database(method, target, body);
    expect_error(answer, status, code, message);
  }
  EXPECT_EQ(database("GET", "instances").body.at("database_instances").size(), 1);
  EXPECT_EQ(instance("db").body.at("capacity"), "CU_1");
}

TEST_F(DatabaseInstancesTest, Lists) {
  EXPECT_EQ(database("GET", "instances").body, Json::object());
  for (auto const* name : {"a", "b", "c"}) make_instance(name);
  std::vector<std::string> names;
  std::string token;
  do {
    auto const page = database("GET", "instances?page_size=2&page_token=" + token).body;
    for (auto const& one : page.at("database_instances")) names.push_back(one.at("name"));
    token = page.value("next_page_token", "");
  } while (!token.empty());
  EXPECT_THAT(names, ElementsAre("a", "b", "c"));
}

TEST_F(DatabaseInstancesTest, HasAQuota) {
  options.limits = service_limits();
  reopen();
  for (int i = 0; i < 10; ++i) make_instance("db-" + std::to_string(i));
  expect_error(database("POST", "instances", Json{{"name", "one-more"}}), 400, "QUOTA_EXCEEDED",
               "A workspace can have at most 10 database instances. Delete one first, or start the emulator with "
               "another limit (--limit instances=11).");
}

TEST_F(DatabaseInstancesTest, IsNoProject) {
  make_instance("shop");
  EXPECT_EQ(call("GET", "projects").body, Json::object());
  for (std::string const name : {"projects/shop", "projects/instance:shop", "projects/instance:shop/branches",
                                 "projects/instance:shop/branches/production/endpoints/primary"}) {
    expect_error(get(name), 404, "NOT_FOUND", "project id not found");
  }
  expect_error(
      call("POST", "credentials", Json{{"endpoint", "projects/instance:shop/branches/production/endpoints/primary"}}),
      404, "NOT_FOUND", "project id not found");
  make_project();
  EXPECT_EQ(call("GET", "projects").body.at("projects").size(), 1);
  EXPECT_NE(get("projects/shop").body.at("uid"), instance("shop").body.at("uid"));
}

TEST_F(DatabaseInstancesTest, ChildrenAreCopies) {
  auto const parent = make_instance("parent", Json{{"capacity", "CU_2"}});
  advance(1h);
  auto const ref = Json{{"name", "parent"}, {"branch_time", "2026-06-01T12:30:00Z"}};
  auto const child = make_instance("child", Json{{"parent_instance_ref", ref}});
  EXPECT_TRUE(computes->has_call_with("copy_branch"));
  EXPECT_EQ(child.at("capacity"), "CU_1");
  auto const& shown = child.at("parent_instance_ref");
  EXPECT_EQ(shown.at("name"), "parent");
  EXPECT_EQ(shown.at("uid"), parent.at("uid"));
  EXPECT_EQ(shown.at("branch_time"), "2026-06-01T12:30:00Z");
  EXPECT_FALSE(shown.at("effective_lsn").get<std::string>().empty());
  auto const children = instance("parent").body.at("child_instance_refs");
  ASSERT_EQ(children.size(), 1);
  EXPECT_EQ(children[0],
            (Json{{"name", "child"}, {"uid", child.at("uid")}, {"effective_lsn", shown.at("effective_lsn")}}));
  make_instance("grandchild", Json{{"parent_instance_ref", Json{{"name", "child"}}}});

  expect_error(database("DELETE", "instances/parent?purge=true"), 400, "BAD_REQUEST",
               "Database instance 'parent' has child instances. Delete them first, or set 'force'.");
  EXPECT_EQ(instance("child").status, 200);
  computes->hold("remove_branch");
  auto const removed = database("DELETE", "instances/parent?force=true");
  EXPECT_EQ(removed.status, 200);
  EXPECT_EQ(removed.body, Json::object());
  computes->release();
  for (auto const* name : {"parent", "child", "grandchild"}) {
    EXPECT_EQ(settled(name).value("error_code", ""), "NOT_FOUND") << name;
  }
  EXPECT_EQ(make_instance("parent").at("state"), "AVAILABLE");
}

TEST_F(DatabaseInstancesTest, APositionCountsBeforeATime) {
  make_instance("parent");
  auto const ref = Json{{"name", "parent"}, {"lsn", "0/1A2B3C8"}, {"branch_time", "2026-06-01T12:00:00Z"}};
  auto const child = make_instance("child", Json{{"parent_instance_ref", ref}});
  EXPECT_EQ(child.at("parent_instance_ref").at("lsn"), "0/1A2B3C8");
  EXPECT_FALSE(child.at("parent_instance_ref").contains("branch_time"));
}

TEST_F(DatabaseInstancesTest, IsDeletingUntilItIsGone) {
  options.operation_delay = 200ms;
  reopen();
  make_instance("db");
  EXPECT_EQ(database("DELETE", "instances/db?purge=true").status, 200);
  EXPECT_EQ(instance("db").body.at("state"), "DELETING");
  expect_error(database("POST", "instances", Json{{"name", "db"}}), 409, "ALREADY_EXISTS",
               "Instance name is not unique");
  EXPECT_EQ(settled("db").value("error_code", ""), "NOT_FOUND");
}

TEST_F(DatabaseInstancesTest, SurvivesARestart) {
  auto const parent = make_instance("db", Json{{"custom_tags", json(R"([{"key": "a", "value": "1"}])")}});
  make_instance("child", Json{{"parent_instance_ref", Json{{"name", "db"}}}});
  changed("child", "stopped", Json{{"stopped", true}});
  auto const before = std::pair{instance("db").body, instance("child").body};
  restart();
  EXPECT_EQ(instance("db").body, before.first);
  EXPECT_EQ(instance("child").body, before.second);
  EXPECT_TRUE(computes->settings(endpoint_uid("child")).disabled);
}

TEST_F(DatabaseInstancesTest, WhatAKillInterruptsGoesOn) {
  for (auto const* name : {"stopped", "moved", "gone"}) make_instance(name);
  make_instance("child", json(R"({"parent_instance_ref": {"name": "gone"}})"));
  options.operation_delay = 1h;
  reopen();
  EXPECT_EQ(database("PATCH", "instances/stopped?update_mask=stopped", Json{{"stopped", true}}).status, 200);
  EXPECT_EQ(database("PATCH", "instances/moved/upgrade", Json::object()).status, 200);
  EXPECT_EQ(database("DELETE", "instances/gone?force=true").status, 200);
  EXPECT_EQ(database("POST", "instances", Json{{"name", "new"}}).status, 200);
  auto const killed = read_own_file(folder.path() / "state.json");
  plane->stop();
  write_private_file(folder.path() / "state.json", killed);
  options.operation_delay = 0s;
  reopen();
  EXPECT_EQ(settled("stopped").at("state"), "STOPPED");
  EXPECT_TRUE(computes->settings(endpoint_uid("stopped")).disabled);
  EXPECT_EQ(settled("moved").at("state"), "AVAILABLE");
  EXPECT_EQ(get("projects/moved").status, 200);
  for (auto const* name : {"gone", "child", "new"}) {
    EXPECT_EQ(settled(name).value("error_code", ""), "NOT_FOUND") << name;
  }
}

TEST_F(DatabaseInstancesTest, CredentialsOpenIt) {
  make_instance("db");
  auto const minted = database("POST", "credentials", json(R"({"request_id": "r", "instance_names": ["db"]})"));
  EXPECT_EQ(minted.body.at("expiration_time"), "2026-06-01T13:00:00Z");
  Login const login{endpoint_uid("db"), "developer@example.com", "databricks_postgres",
                    minted.body.at("token").get<std::string>()};
  EXPECT_EQ(plane->decide(login).verdict, LoginDecision::Verdict::trusted);
  changed("db", "stopped", Json{{"stopped", true}});
  auto const refused = plane->decide(login);
  EXPECT_EQ(refused.verdict, LoginDecision::Verdict::refused);
  EXPECT_EQ(refused.sqlstate, "55000");
  EXPECT_EQ(refused.message, "database instance 'db' is stopped; start it (stopped = false) and connect again");
  // Whether it is stopped is nobody's business but that of those who may log in.
  auto stranger = login;
  stranger.user = "somebody@example.com";
  EXPECT_EQ(plane->decide(stranger).sqlstate, "28P01");
  EXPECT_EQ(database("POST", "credentials", json(R"({"instance_names": ["db"]})")).status, 200);
  changed("db", "stopped", Json{{"stopped", false}});
  EXPECT_EQ(plane->decide(login).verdict, LoginDecision::Verdict::trusted);
  advance(1h);
  EXPECT_EQ(plane->decide(login).sqlstate, "28P01");
}

TEST_F(DatabaseInstancesTest, ControlsReachIt) {
  make_instance("db");
  auto const uid = endpoint_uid("db");
  auto const control = [&](std::string const& name, Json const& body) {
    auto const reply = raw(request("POST", "/emulator/" + name, body.dump()));
    return Answer{reply.status, json(reply.body)};
  };
  EXPECT_EQ(control("crash", Json{{"instance", "db"}}).status, 200);
  EXPECT_TRUE(computes->has_call_with("crash " + uid));
  EXPECT_EQ(control("suspend", Json{{"instance", "db"}}).status, 200);
  EXPECT_TRUE(computes->has_call_with("suspend " + uid));
  EXPECT_EQ(control("refuse-logins", Json{{"instance", "db"}}).status, 200);
  EXPECT_EQ(plane->decide({uid, "u", "d", "p"}).sqlstate, "57P03");
  EXPECT_EQ(control("accept-logins", Json{{"instance", "db"}}).status, 200);
  expect_error(control("crash", Json{{"instance", "none"}}), 404, "NOT_FOUND", "Database instance 'none' not found");
  expect_error(control("crash", Json{{"instance", "db"}, {"endpoint", primary}}), 400, "INVALID_PARAMETER_VALUE",
               "Only one of 'endpoint' and 'instance' can be set.");
  plane->controls().crash("db");
}

TEST_F(DatabaseInstancesTest, SeveralNodesAreAGroup) {
  auto const made = make_instance("ha", Json{{"node_count", 3}, {"enable_readable_secondaries", true}});
  auto const uid = endpoint_uid("ha");
  EXPECT_EQ(made.at("effective_node_count"), 3);
  EXPECT_EQ(made.at("effective_enable_readable_secondaries"), true);
  EXPECT_FALSE(made.contains("node_count"));
  EXPECT_EQ(computes->settings(uid).standbys, 2);
  EXPECT_TRUE(computes->settings(uid).readable_standbys);
  auto const host = made.at("read_only_dns");
  EXPECT_NE(host, made.at("read_write_dns"));

  expect_error(database("PATCH", "instances/ha?update_mask=node_count", Json{{"node_count", 1}}), 400,
               "INVALID_PARAMETER_VALUE", "Field 'enable_readable_secondaries' needs a 'node_count' of 2 or more.");
  auto const hidden = changed("ha", "enable_readable_secondaries", Json{{"enable_readable_secondaries", false}});
  EXPECT_FALSE(hidden.contains("read_only_dns"));
  EXPECT_EQ(hidden.at("effective_node_count"), 3);
  EXPECT_FALSE(computes->settings(uid).readable_standbys);
  EXPECT_EQ(changed("ha", "node_count", Json{{"node_count", 1}}).at("effective_node_count"), 1);
  EXPECT_EQ(computes->settings(uid).standbys, 0);
  computes->fail_at("update_endpoint", "the disk is full", "");
  EXPECT_EQ(changed("ha", "node_count", Json{{"node_count", 2}}).at("effective_node_count"), 1);
  auto const again = changed("ha", "node_count,enable_readable_secondaries",
                             Json{{"node_count", 2}, {"enable_readable_secondaries", true}});
  EXPECT_EQ(again.at("read_only_dns"), host) << "it is kept";
  changed("ha", "stopped", Json{{"stopped", true}});
  EXPECT_EQ(changed("ha", "stopped", Json{{"stopped", false}}).at("read_only_dns"), host);
  reopen();
  EXPECT_EQ(instance("ha").body.at("read_only_dns"), host);
  auto const child = make_instance("child", json(R"({"parent_instance_ref": {"name": "ha"}, "node_count": 2})"));
  EXPECT_EQ(child.at("effective_node_count"), 2);
}

TEST_F(DatabaseInstancesTest, FailsOver) {
  make_instance("ha", Json{{"node_count", 2}});
  auto const uid = endpoint_uid("ha");
  computes->hold("fail_over");
  EXPECT_EQ(database("POST", "instances/ha/failover", Json::object()).body.at("state"), "FAILING_OVER");
  EXPECT_EQ(instance("ha").body.at("state"), "FAILING_OVER");
  EXPECT_EQ(database("POST", "instances/ha/failover", Json::object()).status, 409);
  computes->release();
  EXPECT_EQ(settled("ha").at("state"), "AVAILABLE");
  EXPECT_TRUE(computes->has_call_with("fail_over " + uid));
  computes->fail_at("fail_over", "no standby has caught up", "55000");
  EXPECT_EQ(database("POST", "instances/ha/failover", Json::object()).status, 200);
  EXPECT_EQ(settled("ha").at("state"), "AVAILABLE") << "and it is as before";
  expect_error(database("POST", "instances/ha/failover", json(R"({"failover_target_database_instance_name": "x"})")),
               400, "BAD_REQUEST", "Database instance 'ha' has no secondary 'x'.");
  changed("ha", "stopped", Json{{"stopped", true}});
  expect_error(database("POST", "instances/ha/failover", Json::object()), 400, "BAD_REQUEST",
               "Database instance 'ha' is stopped. Start it first.");
  EXPECT_EQ(raw(request("POST", "/emulator/failover", R"({"instance": "ha"})")).status, 200);
}

TEST_F(DatabaseInstancesTest, AnUpgradedOneShowsTheNodesOfItsProject) {
  make_instance("grown");
  database("PATCH", "instances/grown/upgrade", Json::object());
  settled("grown");
  finished("PATCH", "projects/grown/branches/production/endpoints/primary?update_mask=spec.group,spec.suspension",
           json(R"({"spec": {"no_suspension": true,
                             "group": {"min": 3, "max": 3, "enable_readable_secondaries": true}}})"));
  auto const shown = instance("grown").body;
  EXPECT_EQ(shown.at("effective_node_count"), 3);
  EXPECT_EQ(shown.at("effective_enable_readable_secondaries"), true);
  EXPECT_TRUE(shown.contains("read_only_dns"));
  EXPECT_EQ(database("POST", "instances/grown/failover", Json::object()).status, 200);
  EXPECT_EQ(settled("grown").at("state"), "AVAILABLE");
}

TEST_F(DatabaseInstancesTest, IsUpgraded) {
  make_instance("Move-Me", Json{{"capacity", "CU_2"}, {"retention_window_in_days", 9}});
  make_instance("child", Json{{"parent_instance_ref", Json{{"name", "Move-Me"}}}});
  auto const uid = endpoint_uid("Move-Me");
  auto const host = instance("Move-Me").body.at("read_write_dns");
  computes->hold("update_endpoint");
  EXPECT_EQ(database("PATCH", "instances/Move-Me/upgrade", Json::object()).body, Json::object());
  EXPECT_EQ(instance("Move-Me").body.at("state"), "UPGRADING");
  expect_error(get("projects/move-me"), 404, "NOT_FOUND", "project id not found");
  computes->release();
  auto const after = settled("Move-Me");
  EXPECT_EQ(after.at("state"), "AVAILABLE");
  EXPECT_EQ(after.at("read_write_dns"), host);
  EXPECT_EQ(after.at("child_instance_refs").size(), 1);

  auto const status = get("projects/move-me").body.at("status");
  EXPECT_EQ(status.at("display_name"), "Move-Me");
  EXPECT_EQ(status.at("history_retention_duration"), "777600s");
  EXPECT_EQ(status.at("default_endpoint_settings").at("autoscaling_limit_min_cu"), 8);
  auto const endpoint = get("projects/move-me/branches/production/endpoints/primary").body;
  EXPECT_EQ(endpoint.at("status").at("hosts").at("host"), host);
  EXPECT_EQ(endpoint.at("uid"), uid);
  EXPECT_EQ(computes->settings(uid).max_connections, 3357);

  auto const moved =
      "Database instance 'Move-Me' was upgraded to autoscaling. Change or delete its project "
      "'projects/move-me'.";
  expect_error(database("PATCH", "instances/Move-Me", Json{{"capacity", "CU_1"}}), 400, "BAD_REQUEST", moved);
  expect_error(database("PATCH", "instances/Move-Me/upgrade", Json::object()), 400, "BAD_REQUEST", moved);
  expect_error(database("DELETE", "instances/Move-Me"), 400, "BAD_REQUEST", moved);
  EXPECT_EQ(database("POST", "credentials", json(R"({"instance_names": ["Move-Me"]})")).status, 200);
  restart();
  EXPECT_EQ(instance("Move-Me").body, after);
  EXPECT_EQ(get("projects/move-me").status, 200);
  finished("DELETE", "projects/move-me");
  EXPECT_EQ(instance("Move-Me").status, 404);
  expect_error(database("POST", "instances", Json{{"name", "Move-Me"}}), 409, "ALREADY_EXISTS",
               "Instance name is not unique");
  finished("POST", "projects/move-me/undelete");
  EXPECT_EQ(instance("Move-Me").body.at("read_write_dns"), host);
  finished("DELETE", "projects/move-me?purge=true");
  EXPECT_EQ(instance("Move-Me").status, 404);
}

TEST_F(DatabaseInstancesTest, AnUpgradedOneWhoseNameFitsNoProjectIsFoundByIt) {
  make_instance("1abc");
  database("PATCH", "instances/1abc/upgrade", Json::object());
  EXPECT_EQ(settled("1abc").at("state"), "AVAILABLE");
  auto const projects = get("projects").body.at("projects");
  ASSERT_EQ(projects.size(), 1);
  EXPECT_EQ(projects.at(0).at("status").at("display_name"), "1abc");
  EXPECT_THAT(projects.at(0).at("name").get<std::string>(), ::testing::MatchesRegex("projects/instance-[0-9a-f]+"));
}

TEST_F(DatabaseInstancesTest, AnUpgradeNeedsAFreeNameAndARunningInstance) {
  make_project();
  make_instance("shop");
  expect_error(database("PATCH", "instances/shop/upgrade", Json::object()), 409, "ALREADY_EXISTS",
               "project with such id already exists in the workspace: 'shop'");
  make_instance("idle", Json{{"stopped", true}});
  expect_error(database("PATCH", "instances/idle/upgrade", Json::object()), 400, "BAD_REQUEST",
               "Database instance 'idle' is stopped. Start it first.");
}

TEST(DatabaseRequestTypes, AreThoseOfTheManifest) {
  std::ifstream file{LAKEBASE_DATABASE_API_MANIFEST};
  auto const manifest = Json::parse(file);
  std::set<std::string> const output{"creator",
                                     "pg_version",
                                     "read_only_dns",
                                     "read_write_dns",
                                     "uid",
                                     "creation_time",
                                     "state",
                                     "child_instance_refs",
                                     "data_synchronization_status",
                                     "unity_catalog_provisioning_state",
                                     "table_serving_url"};
  for (auto const& [message, members] : database_request_types()) {
    if (message.ends_with("Request")) continue;  // in the manifest as arguments of a method
    std::map<std::string, std::string> expected;
    for (auto const& member : manifest.at("messages").at(std::string{message})) {
      auto const name = member.at("name").get<std::string>();
      bool const is_output = output.contains(name) && !(name == "uid" && message == "DatabaseInstanceRef");
      if (is_output || name.starts_with("effective_")) continue;
      auto const type = member.at("type").get<std::string>();
      expected[name] = manifest.at("enums").contains(type) ? "str" : type;
    }
    std::map<std::string, std::string> known;
    for (auto const& member : members) known.emplace(member.name, member.type);
    EXPECT_EQ(known, expected) << message;
  }
}

}  // namespace
}  // namespace lakebase::emulator::tests
