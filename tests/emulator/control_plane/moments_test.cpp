#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

/// Branches and snapshots of a moment, and what replaces the data of a branch.
class MomentsTest : public ControlPlaneTest {
 protected:
  MomentsTest() { make_project(); }

  static std::string branch(std::string const& id) { return "projects/shop/branches/" + id; }
  Json made(std::string const& id, Json spec) {
    spec["no_expiry"] = true;
    return finished("POST", "projects/shop/branches?branch_id=" + id, Json{{"spec", spec}});
  }
  Answer create(std::string const& id, Json spec) {
    spec["no_expiry"] = true;
    return call("POST", "projects/shop/branches?branch_id=" + id, Json{{"spec", spec}});
  }
  /// From now on the data lack what is not listed.
  void have(std::string const& what, std::vector<std::string> const& names) {
    std::vector<std::vector<std::string>> rows;
    for (auto const& name : names) rows.push_back({name});
    computes->answer(what == "roles" ? "SELECT rolname" : "SELECT datname", rows);
  }
};

TEST_F(MomentsTest, ABranchOfATimeSaysSo) {
  advance(2h);
  auto const status = made("then", Json{{"source_branch_time", "2026-06-01T15:00:00+02:00"}}).at("status");
  EXPECT_EQ(status.at("source_branch_time"), "2026-06-01T13:00:00Z");
  EXPECT_EQ(status.at("source_branch_lsn"), "0/1A2B3C");
  EXPECT_TRUE(computes->has_call_with("copy_branch " + uid(production) + " " + uid(branch("then")) +
                                      " at 2026-06-01T13:00:00Z"));
}

TEST_F(MomentsTest, ABranchOfAPositionSaysWhenThatWas) {
  auto const status = made("then", Json{{"source_branch_lsn", "0/1A2B"}}).at("status");
  EXPECT_EQ(status.at("source_branch_lsn"), "0/1A2B");
  EXPECT_EQ(status.at("source_branch_time"), "2026-06-01T11:00:00Z");
  EXPECT_TRUE(computes->has_call_with(" at 0/1A2B"));
}

TEST_F(MomentsTest, APositionThatTheSourceNeverHadIsAFailedOperation) {
  computes->fail_at("at 0/FF", "the source branch has no LSN 0/FF", "22023");
  auto const error = failed("POST", "projects/shop/branches?branch_id=then",
                            Json{{"spec", {{"no_expiry", true}, {"source_branch_lsn", "0/FF"}}}});
  EXPECT_EQ(error.at("error_code"), "BAD_REQUEST");
  EXPECT_THAT(error.at("message").get<std::string>(), HasSubstr("has no LSN 0/FF"));
  EXPECT_EQ(get(branch("then")).status, 404);
}

TEST_F(MomentsTest, TheWindowIsTheProjectsRetention) {
  finished("PATCH", "projects/shop?update_mask=spec.history_retention_duration",
           json(R"({"spec": {"history_retention_duration": "172800s"}})"));
  EXPECT_EQ(plane->retention_of(uid(production)), 48h);
  advance(72h);
  auto const at = [&](Duration ago) { return Json{{"source_branch_time", to_text(now() - ago)}}; };
  auto const refused = create("then", at(48h + 1s));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.code(), "INVALID_PARAMETER_VALUE");
  EXPECT_THAT(refused.message(), HasSubstr("its restore window begins at " + to_text(now() - 48h)));
  EXPECT_EQ(create("then", at(-1s)).status, 400);
  made("first", at(48h));
  made("last", at(0h));
}

TEST_F(MomentsTest, RolesAndDatabasesThatWereNotThereAreNoResources) {
  finished("POST", std::string{production} + "/roles?role_id=later", json(R"({"spec": {"postgres_role": "later"}})"));
  finished("POST", std::string{production} + "/databases?database_id=orders",
           json(R"({"spec": {"role": "projects/shop/branches/production/roles/developer"}})"));
  auto const owner = get(std::string{production} + "/roles/developer").body.at("status").at("postgres_role");
  have("roles", {owner});
  have("databases", {"databricks_postgres"});
  made("then", Json{{"source_branch_time", to_text(now())}});
  EXPECT_EQ(get(branch("then") + "/roles").body.at("roles").size(), 1);
  EXPECT_EQ(get(branch("then") + "/databases").body.at("databases").size(), 1);
  made("now", Json::object());
  EXPECT_EQ(get(branch("now") + "/roles").body.at("roles").size(), 2);
}

TEST_F(MomentsTest, ASnapshotOfTheSame) {
  advance(1h);
  Json const spec{{"source_branch", production}, {"source_branch_time", to_text(now() - 30min)}};
  finished("POST", "projects/shop/snapshots?snapshot_id=s", Json{{"spec", spec}});
  EXPECT_TRUE(computes->has_call_with("at " + to_text(now() - 30min)));
  have("roles", {});
  made("restored", Json{{"source_snapshot", "projects/shop/snapshots/s"}});
  EXPECT_FALSE(get(branch("restored") + "/roles").body.contains("roles"));
}

TEST_F(MomentsTest, WhatTheHistoryTakesIsInTheProjectsStatus) {
  EXPECT_EQ(get("projects/shop").body.at("status").at("synthetic_storage_size_bytes"), 0);
  computes->set_history_size(1000);
  made("dev", Json::object());
  EXPECT_EQ(get("projects/shop").body.at("status").at("synthetic_storage_size_bytes"), 2000);
}

TEST_F(MomentsTest, AResetBranchHasItsParentsDataAndItsOwnAddressAndRoles) {
  made("dev", Json::object());
  finished("POST", branch("dev") + "/roles?role_id=app",
           json(R"({"spec": {"postgres_role": "app", "auth_method": "PG_PASSWORD_SCRAM_SHA_256"}})"));
  finished("POST", std::string{production} + "/databases?database_id=orders",
           json(R"({"spec": {"role": "projects/shop/branches/production/roles/developer"}})"));
  auto const endpoint = get(branch("dev") + "/endpoints/primary").body;
  auto const owner = get(branch("dev") + "/roles/developer").body.at("status").at("postgres_role");
  have("roles", {owner});
  have("databases", {"databricks_postgres", "orders"});
  advance(1h);
  computes->hold("replace_data");
  auto const started = call("POST", branch("dev") + "/reset");
  computes->wait_until_held();
  EXPECT_EQ(get(branch("dev")).body.at("status").at("current_state"), "RESETTING");
  EXPECT_EQ(get(branch("dev")).body.at("status").at("pending_state"), "READY");
  computes->release();
  auto const reset = wait(started).at("response");
  EXPECT_EQ(reset.at("status").at("current_state"), "READY");
  EXPECT_EQ(reset.at("status").at("source_branch_time"), to_text(now()));
  EXPECT_EQ(reset.at("uid"), uid(branch("dev")));
  EXPECT_TRUE(computes->has_call_with("replace_data " + uid(branch("dev")) + " " + uid(production)));
  EXPECT_EQ(get(branch("dev") + "/endpoints/primary").body, endpoint);
  EXPECT_TRUE(computes->has_call_with(R"(CREATE ROLE "app")"));
  EXPECT_EQ(get(branch("dev") + "/roles/app").status, 200);
  EXPECT_EQ(get(branch("dev") + "/databases/orders").body.at("status").at("role"), branch("dev") + "/roles/developer");
  auto const before =
      create("then", Json{{"source_branch", branch("dev")}, {"source_branch_time", to_text(now() - 1s)}});
  EXPECT_THAT(before.message(), HasSubstr("its restore window begins at " + to_text(now())));
}

TEST_F(MomentsTest, AResetThatFailsLeavesTheBranchAsItWas) {
  made("dev", Json::object());
  auto before = get(branch("dev")).body;
  computes->fail_at("replace_data", "No space left on device");
  auto const error = failed("POST", branch("dev") + "/reset");
  EXPECT_THAT(error.at("message").get<std::string>(), HasSubstr("No space left"));
  EXPECT_EQ(get(branch("dev")).body, before);
  computes->hold("replace_data");
  call("POST", branch("dev") + "/reset");
  computes->wait_until_held();
  computes->release();
}

TEST_F(MomentsTest, RefusesToResetWhatCannotBe) {
  make_branch("parent");
  made("child", Json{{"source_branch", branch("parent")}});
  expect_error(call("POST", std::string{production} + "/reset"), 400, "BAD_REQUEST",
               "Branch 'projects/shop/branches/production' is a root branch: it has no parent to reset it from.");
  expect_error(call("POST", branch("parent") + "/reset"), 400, "BAD_REQUEST",
               "Branch 'projects/shop/branches/parent' has children.");
  finished("PATCH", branch("child") + "?update_mask=spec.is_protected", json(R"({"spec": {"is_protected": true}})"));
  expect_error(call("POST", branch("child") + "/reset"), 400, "BAD_REQUEST",
               "Branch 'projects/shop/branches/child' is protected.");
  EXPECT_EQ(call("POST", branch("none") + "/reset").status, 404);
  EXPECT_FALSE(computes->has_call_with("replace_data"));
}

TEST_F(MomentsTest, ABranchIsRestoredInPlace) {
  auto const restore = std::string{production} + "/restore";
  finished("POST", "projects/shop/snapshots?snapshot_id=s", Json{{"spec", {{"source_branch", production}}}});
  advance(1h);
  auto const owner = get(std::string{production} + "/roles/developer").body.at("status").at("postgres_role");
  have("roles", {owner});
  finished("POST", restore, Json{{"source_branch_time", to_text(now() - 10min)}});
  EXPECT_TRUE(computes->has_call_with("replace_data " + uid(production) + " " + uid(production) + " at " +
                                      to_text(now() - 10min)));
  EXPECT_FALSE(get(production).body.at("status").contains("source_branch"));
  EXPECT_EQ(call("POST", restore, Json{{"source_branch_time", to_text(now() - 10min)}}).status, 400);
  finished("POST", restore, Json{{"source_snapshot", "projects/shop/snapshots/s"}});
  EXPECT_TRUE(computes->has_call_with("replace_data " + uid(production) + " snap-"));
  auto const none = "Exactly one of 'source_branch_time', 'source_branch_lsn' and 'source_snapshot' must be set.";
  expect_error(call("POST", restore, Json::object()), 400, "INVALID_PARAMETER_VALUE", none);
  expect_error(call("POST", restore, Json{{"source_branch_lsn", "0/1"}, {"source_snapshot", "s"}}), 400,
               "INVALID_PARAMETER_VALUE", none);
}

}  // namespace
}  // namespace lakebase::emulator::tests
