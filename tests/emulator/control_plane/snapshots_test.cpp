#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

class SnapshotsTest : public ControlPlaneTest {
 protected:
  SnapshotsTest() { make_project(); }

  static std::string name_of(std::string const& id) { return "projects/shop/snapshots/" + id; }
  static Json of_production(Json more = Json::object()) {
    more["source_branch"] = production;
    return more;
  }
  Answer create(std::string const& id, Json const& spec) {
    return call("POST", "projects/shop/snapshots?snapshot_id=" + id, Json{{"spec", spec}});
  }
  Json made(std::string const& id, Json const& spec = of_production()) {
    return wait(create(id, spec)).value("response", Json::object());
  }
  Json restored(std::string const& branch, std::string const& snapshot) {
    return finished("POST", "projects/shop/branches?branch_id=" + branch,
                    Json{{"spec", Json{{"no_expiry", true}, {"source_snapshot", name_of(snapshot)}}}});
  }
};

TEST_F(SnapshotsTest, IsACopyOfItsBranch) {
  computes->set_size([] { return 4711; });
  auto const started = create("monday", of_production());
  EXPECT_THAT(started.body.at("name").get<std::string>(), StartsWith("projects/shop/snapshots/monday/operations/"));
  EXPECT_THAT(started.body.at("metadata").at("@type").get<std::string>(), HasSubstr("SnapshotOperationMetadata"));
  auto const snapshot = wait(started).at("response");
  EXPECT_EQ(snapshot.at("name"), name_of("monday"));
  EXPECT_EQ(snapshot.at("snapshot_id"), "monday");
  EXPECT_EQ(snapshot.at("create_time"), to_text(now()));
  EXPECT_FALSE(snapshot.contains("spec"));
  EXPECT_EQ(snapshot.at("status"),
            Json({{"source_branch", production}, {"no_expiry", true}, {"full_size_bytes", 4711}}));
  auto const copy = "copy_branch " + uid(production) + " " + snapshot.at("uid").get<std::string>();
  EXPECT_TRUE(computes->has_call_with(copy));
  EXPECT_EQ(get(name_of("monday")).body, snapshot);
  EXPECT_EQ(get("projects/shop/snapshots").body.at("snapshots"), Json::array({snapshot}));
}

TEST_F(SnapshotsTest, ShowsWhatItHasBeyondTheOneBeforeOfItsBranch) {
  std::vector<std::string> compared;
  computes->set_beyond([&](std::string const& branch, std::string const& former) {
    compared.push_back(branch + " " + former);
    return 8192;
  });
  auto const first = made("first");
  EXPECT_FALSE(first.at("status").contains("diff_size_bytes")) << "there is none before it";
  restored("other", "first");
  auto const of_other = made("of-other", Json{{"source_branch", "projects/shop/branches/other"}});
  EXPECT_FALSE(of_other.at("status").contains("diff_size_bytes"));
  auto const second = made("second");
  EXPECT_EQ(second.at("status").at("diff_size_bytes"), 8192);
  EXPECT_EQ(get(name_of("second")).body, second);
  auto const uid_of = [](Json const& snapshot) { return snapshot.at("uid").get<std::string>(); };
  EXPECT_EQ(compared, std::vector{uid_of(second) + " " + uid_of(first)});
  finished("DELETE", name_of("first"));
  EXPECT_EQ(get(name_of("second")).body, second) << "as it was when it was taken";
}

TEST_F(SnapshotsTest, ItsSpecIsEchoedWhereAsked) {
  options.echo_spec = true;
  reopen();
  auto const snapshot = made("monday", of_production({{"ttl", "86400s"}}));
  EXPECT_EQ(snapshot.at("spec"), Json({{"source_branch", production}, {"expire_time", to_text(now() + 24h)}}));
}

TEST_F(SnapshotsTest, CannotBeChanged) {
  made("monday");
  expect_error(call("PATCH", name_of("monday") + "?update_mask=spec", json(R"({"spec": {}})")), 404,
               "ENDPOINT_NOT_FOUND", "No API found for 'PATCH /postgres/projects/shop/snapshots/monday'");
}

TEST_F(SnapshotsTest, IsDeletedWithItsData) {
  auto const uid = made("monday").at("uid").get<std::string>();
  auto const response = finished("DELETE", name_of("monday"));
  EXPECT_EQ(response.at("@type"), "type.googleapis.com/google.protobuf.Empty");
  EXPECT_TRUE(computes->has_call_with("remove_branch " + uid));
  expect_error(get(name_of("monday")), 404, "NOT_FOUND", "snapshot id not found");
  expect_error(call("DELETE", name_of("monday")), 404, "NOT_FOUND", "snapshot id not found");
  EXPECT_FALSE(get("projects/shop/snapshots").body.contains("snapshots"));
}

TEST_F(SnapshotsTest, ExpiresByItsTtlOrItsTime) {
  auto const short_one = made("ttl", of_production({{"ttl", "3600s"}}));
  EXPECT_EQ(short_one.at("status").at("expire_time"), to_text(now() + 1h));
  EXPECT_FALSE(short_one.at("status").contains("no_expiry"));
  made("time", of_production({{"expire_time", to_text(now() + 2h)}}));
  made("kept", of_production({{"no_expiry", true}}));
  advance(1h);
  plane->sweep();
  plane->stop();
  restart();
  EXPECT_EQ(get(name_of("ttl")).status, 404);
  EXPECT_EQ(get(name_of("time")).status, 200);
  advance(1h);
  plane->sweep();
  plane->stop();
  restart();
  EXPECT_EQ(get(name_of("time")).status, 404);
  EXPECT_EQ(get(name_of("kept")).status, 200);
}

TEST_F(SnapshotsTest, SurvivesARestart) {
  auto const before = made("monday", of_production({{"ttl", "3600s"}}));
  restart();
  EXPECT_EQ(get(name_of("monday")).body, before);
}

TEST_F(SnapshotsTest, LeavesNothingIfItFails) {
  computes->fail_at("copy_branch", "cannot copy");
  auto const error = failed("POST", "projects/shop/snapshots?snapshot_id=monday", Json{{"spec", of_production()}});
  EXPECT_THAT(error.at("message").get<std::string>(), HasSubstr("cannot copy"));
  EXPECT_EQ(get(name_of("monday")).status, 404);
  EXPECT_TRUE(computes->has_call_with("remove_branch snap-"));
}

TEST_F(SnapshotsTest, RefusesWhatMakesNoSense) {
  make_branch("child");
  struct Case {
    char const* spec;
    int status;
    char const* part;
  };
  for (auto const& [spec, status, part] : {
           Case{R"({})", 400, "Field 'snapshot.spec.source_branch' is required"},
           Case{R"({"source_branch": "production"})", 400, "must point to the branch from the same Project"},
           Case{R"({"source_branch": "projects/other/branches/production"})", 400, "from the same Project"},
           Case{R"({"source_branch": "projects/shop/branches/none"})", 404, "branch id not found"},
           Case{R"({"source_branch": "projects/shop/branches/child"})", 400, "root branches only"},
           Case{R"({"source_branch": "projects/shop/branches/production", "ttl": "3600s", "no_expiry": true})", 400,
                "Only one of 'ttl', 'expire_time' and 'no_expiry'"},
           Case{R"({"source_branch": "projects/shop/branches/production", "no_expiry": false})", 400,
                "Field 'snapshot.spec.no_expiry' can only be true."},
           Case{R"({"source_branch": "projects/shop/branches/production", "ttl": "-1s"})", 400, "must be positive"},
           Case{R"({"source_branch": "projects/shop/branches/production", "expire_time": "2020-01-01T00:00:00Z"})", 400,
                "must lie in the future"},
           Case{R"({"source_branch": "projects/shop/branches/production", "source_branch_lsn": "0/1",
                    "source_branch_time": "2026-06-01T11:00:00Z"})",
                400, "Only one of"},
           Case{R"({"source_branch": "projects/shop/branches/production",
                    "source_branch_time": "2099-06-01T13:00:00Z"})",
                400, "in the future"},
           Case{R"({"source_branch": "projects/shop/branches/production", "source_branch_lsn": "0/x"})", 400,
                "must be a position in the write-ahead log"},
           Case{R"({"source_branch": "projects/shop/branches/production",
                    "source_branch_time": "2026-06-01T11:59:59Z"})",
                400, "its restore window begins at 2026-06-01T12:00:00Z"},
       }) {
    auto const answer = create("bad", json(spec));
    EXPECT_EQ(answer.status, status) << spec;
    EXPECT_THAT(answer.message(), HasSubstr(part)) << spec;
  }
  EXPECT_FALSE(get("projects/shop/snapshots").body.contains("snapshots"));
}

TEST_F(SnapshotsTest, AnIdIsThereOnce) {
  made("monday");
  expect_error(create("monday", of_production()), 409, "ALREADY_EXISTS",
               "snapshot with such id already exists in the project");
  expect_error(create("", of_production()), 400, "INVALID_PARAMETER_VALUE",
               "Field 'snapshot_id' is required, expected non-default value (not \"\")!");
}

TEST_F(SnapshotsTest, HoldsItsQuota) {
  options.limits.snapshots = 1;
  reopen();
  made("one");
  auto const answer = create("two", of_production());
  EXPECT_EQ(answer.code(), "QUOTA_EXCEEDED");
  EXPECT_THAT(answer.message(), HasSubstr("at most 1 manual snapshots"));
  EXPECT_THAT(answer.message(), HasSubstr("--limit snapshots=2"));
  finished("DELETE", name_of("one"));
  made("two");
}

TEST_F(SnapshotsTest, ABranchFromItHasItsRolesAndDatabases) {
  finished("POST", std::string(production) + "/roles?role_id=app", json(R"({"spec": {"postgres_role": "app"}})"));
  auto const snapshot = made("monday");
  finished("DELETE", std::string(production) + "/roles/app");
  auto const branch = restored("back", "monday");
  EXPECT_EQ(branch.at("status").at("source_snapshot"), name_of("monday"));
  EXPECT_FALSE(branch.at("status").contains("source_branch"));
  EXPECT_FALSE(branch.at("status").contains("source_branch_time"));
  EXPECT_TRUE(computes->has_call_with("copy_branch " + snapshot.at("uid").get<std::string>() + " " +
                                      branch.at("uid").get<std::string>()));
  EXPECT_EQ(get("projects/shop/branches/back/roles/app").status, 200);
  EXPECT_EQ(get("projects/shop/branches/back/databases/databricks-postgres").status, 200);
}

TEST_F(SnapshotsTest, OutlivesBranchesAndTheyIt) {
  made("monday");
  restored("first", "monday");
  made("tuesday", Json{{"source_branch", "projects/shop/branches/first"}});
  finished("DELETE", "projects/shop/branches/first?purge=true");
  EXPECT_EQ(get(name_of("tuesday")).body.at("status").at("source_branch"), "projects/shop/branches/first");
  restored("second", "tuesday");
  finished("DELETE", name_of("tuesday"));
  EXPECT_EQ(get("projects/shop/branches/second").body.at("status").at("source_snapshot"), name_of("tuesday"));
}

TEST_F(SnapshotsTest, RestoresNoSnapshotOfAnotherProject) {
  auto const answer = call("POST", "projects/shop/branches?branch_id=back",
                           json(R"({"spec": {"no_expiry": true, "source_snapshot": "projects/other/snapshots/x"}})"));
  expect_error(answer, 400, "INVALID_PARAMETER_VALUE",
               "source_snapshot field must point to the snapshot from the same Project");
}

TEST_F(SnapshotsTest, ABranchFromOneOfAProtectedBranchHasNewPasswords) {
  finished("POST", std::string(production) + "/roles?role_id=app", json(R"({"spec": {"postgres_role": "app"}})"));
  finished("PATCH", std::string(production) + "?update_mask=spec.is_protected",
           json(R"({"spec": {"is_protected": true}})"));
  made("monday");
  restored("back", "monday");
  EXPECT_TRUE(computes->has_call_with(R"(ALTER ROLE "app" PASSWORD ')"));
}

TEST_F(SnapshotsTest, GoesWithItsProject) {
  auto const uid = made("monday").at("uid").get<std::string>();
  finished("DELETE", "projects/shop");
  expect_error(get(name_of("monday")), 404, "NOT_FOUND", "project id not found");
  finished("POST", "projects/shop/undelete");
  EXPECT_EQ(get(name_of("monday")).status, 200);
  finished("DELETE", "projects/shop?purge=true");
  EXPECT_TRUE(computes->has_call_with("remove_branch " + uid));
}

}  // namespace
}  // namespace lakebase::emulator::tests
