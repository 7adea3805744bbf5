#include "control_plane_fixture.hpp"

#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

class BranchesTest : public ControlPlaneTest {
 protected:
  BranchesTest() { make_project(); }

  Answer create(std::string const& id, Json const& spec, std::string const& query = {}) {
    return call("POST", "projects/shop/branches?branch_id=" + id + query, Json{{"spec", spec}});
  }
  static std::string branch(std::string const& id) { return "projects/shop/branches/" + id; }
};

TEST_F(BranchesTest, CopiesItsParent) {
  auto const made =
      finished("POST", "projects/shop/branches?branch_id=dev", json(R"({"spec": {"ttl": "604800s", "source_branch":
                                             "projects/shop/branches/production"}})"));
  auto const& status = made.at("status");
  EXPECT_EQ(made.at("name"), branch("dev"));
  EXPECT_EQ(status.at("current_state"), "READY");
  EXPECT_EQ(status.at("source_branch"), production);
  EXPECT_EQ(status.at("source_branch_lsn"), "0/1A2B3C");
  EXPECT_EQ(status.at("source_branch_time"), "2026-06-01T12:00:00Z");
  EXPECT_EQ(status.at("expire_time"), "2026-06-08T12:00:00Z");
  EXPECT_EQ(status.at("default"), false);
  EXPECT_TRUE(computes->has_call_with("copy_branch " + uid(production) + " " + uid(branch("dev"))));

  EXPECT_EQ(get(branch("dev") + "/endpoints/primary").body.at("status").at("current_state"), "ACTIVE");
  EXPECT_NE(get(branch("dev") + "/endpoints/primary").body.at("uid"), get(primary).body.at("uid"));
  EXPECT_EQ(get(branch("dev") + "/roles/developer").body.at("parent"), branch("dev"));
  EXPECT_EQ(get(branch("dev") + "/databases/databricks-postgres").body.at("status").at("role"),
            branch("dev") + "/roles/developer");
}

TEST_F(BranchesTest, PassesThroughInit) {
  computes->hold();
  auto const started = create("dev", Json{{"no_expiry", true}});
  auto const status = get(branch("dev")).body.at("status");
  EXPECT_EQ(status.at("current_state"), "INIT");
  EXPECT_EQ(status.at("pending_state"), "READY");
  auto const endpoint = get(branch("dev") + "/endpoints/primary").body.at("status");
  EXPECT_EQ(endpoint.at("current_state"), "INIT");
  EXPECT_EQ(endpoint.at("pending_state"), "ACTIVE");
  EXPECT_FALSE(endpoint.contains("hosts"));
  EXPECT_EQ(get(started.body.at("name")).body.at("done"), false);
  computes->release();
  wait(started);
  EXPECT_EQ(get(branch("dev")).body.at("status").at("current_state"), "READY");
}

TEST_F(BranchesTest, DemandsAChoiceOfLife) {
  struct Case {
    char const* spec;
    char const* part;
  };
  for (auto const& [spec, part] : {
           Case{R"({})", "Expiration must be specified when creating a branch"},
           Case{R"({"no_expiry": false})", "can only be true"},
           Case{R"({"ttl": "60s", "no_expiry": true})", "Only one of"},
           Case{R"({"ttl": "60s", "expire_time": "2026-06-02T00:00:00Z"})", "Only one of"},
           Case{R"({"ttl": "0s"})", "positive and at most 30 days"},
           Case{R"({"ttl": "-5s"})", "positive and at most 30 days"},
           Case{R"({"ttl": "2592001s"})", "positive and at most 30 days"},
           Case{R"({"expire_time": "2026-06-01T12:00:00Z"})", "in the future"},
           Case{R"({"expire_time": "2026-07-01T12:00:01Z"})", "at most 30 days ahead"},
           Case{R"({"expire_time": "tomorrow"})", "RFC 3339"},
           Case{R"({"ttl": "60s", "is_protected": true})", "protected branch cannot have an expiration"},
       }) {
    auto const answer = create("dev", json(spec));
    EXPECT_EQ(answer.status, 400) << spec;
    EXPECT_THAT(answer.message(), HasSubstr(part)) << spec;
  }
  expect_error(call("POST", "projects/shop/branches?branch_id=dev"), 400, "INVALID_PARAMETER_VALUE",
               "Expiration must be specified when creating a branch");
  EXPECT_EQ(get(branch("dev")).status, 404);
  options.expiration_optional = true;
  reopen();
  EXPECT_FALSE(
      finished("POST", "projects/shop/branches?branch_id=dev", Json::object()).at("status").contains("expire_time"));
}

TEST_F(BranchesTest, ChecksItsSource) {
  make_branch("short", Json{{"ttl", "3600s"}});
  struct Case {
    char const* spec;
    int status;
    char const* part;
  };
  for (auto const& [spec, status, part] : {
           Case{R"({"source_branch": "production"})", 400, "must point to the branch from the same Project"},
           Case{R"({"source_branch": "projects/other/branches/production"})", 400, "from the same Project"},
           Case{R"({"source_branch": "projects/shop/branches/none"})", 404, "branch id not found"},
           Case{R"({"source_branch": "projects/shop/branches/short"})", 400, "cannot have children"},
           Case{R"({"source_branch_time": "2026-06-01T11:00:00Z", "source_branch_lsn": "0/1"})", 400, "Only one of"},
           Case{R"({"source_branch_time": "2026-06-01T13:00:00Z"})", 400, "in the future"},
           Case{R"({"source_branch_time": "2026-06-01T11:59:59Z"})", 400,
                "has no 2026-06-01T11:59:59Z: its restore window begins at 2026-06-01T12:00:00Z."},
           Case{R"({"source_branch_time": "2026-06-01T13:59:59+02:00"})", 400, "has no 2026-06-01T11:59:59Z: "},
           Case{R"({"source_branch_time": "2026-06-01T12:00:01-00:00"})", 400, "in the future"},
           Case{R"({"source_branch_time": "2026-06-01T12:00:00"})", 400, "source_branch_time' must be"},
           Case{R"({"source_branch_time": "2026-06-01T12:00:00Z[Europe/Berlin]"})", 400, "source_branch_time' must be"},
           Case{R"({"source_branch_lsn": "1"})", 400, "must be a position in the write-ahead log"},
           Case{R"({"source_snapshot": "projects/shop/snapshots/s", "source_branch_lsn": "0/1"})", 400, "excludes"},
           Case{R"({"source_snapshot": "projects/shop/snapshots/s", "source_branch": "x"})", 400, "excludes"},
           Case{R"({"source_snapshot": "projects/shop/snapshots/s"})", 404, "snapshot id not found"},
       }) {
    auto body = json(spec);
    body["no_expiry"] = true;
    auto const answer = create("dev", body);
    EXPECT_EQ(answer.status, status) << spec;
    EXPECT_THAT(answer.message(), HasSubstr(part)) << spec;
  }
}

TEST_F(BranchesTest, ChecksIdsAndDuplicates) {
  expect_error(create("", Json{{"no_expiry", true}}), 400, "INVALID_PARAMETER_VALUE",
               "Field 'branch_id' is required, expected non-default value (not \"\")!");
  EXPECT_THAT(create("Dev", Json{{"no_expiry", true}}).message(), HasSubstr("Field branch_id must match pattern"));
  auto const answer = create("production", Json{{"no_expiry", true}});
  expect_error(answer, 400, "BAD_REQUEST", "branch already exists; branch_name:\"production\"");
  EXPECT_THAT(answer.body.at("message").get<std::string>(), HasSubstr("[TraceId: "));
}

TEST_F(BranchesTest, ReplacesAnExistingOneInPlace) {
  auto const before = get(production).body;
  expect_error(create("production", Json{{"is_protected", true}}, "&replace_existing=true"), 400,
               "INVALID_PARAMETER_VALUE", "Expiration must be specified when creating a branch");
  auto const after = finished("POST", "projects/shop/branches?branch_id=production&replace_existing=true",
                              json(R"({"spec": {"is_protected": true, "no_expiry": true}})"));
  EXPECT_EQ(after.at("uid"), before.at("uid"));
  EXPECT_EQ(after.at("create_time"), before.at("create_time"));
  EXPECT_EQ(after.at("status").at("is_protected"), true);
  make_branch("fresh");
}

TEST_F(BranchesTest, UpdatesByMask) {
  make_branch("dev", Json{{"ttl", "3600s"}});
  auto const target = branch("dev") + "?update_mask=";
  expect_error(call("PATCH", target + "spec.ttl", json(R"({"spec": {"ttl": "60s"}})")), 400, "INVALID_PARAMETER_VALUE",
               "Unknown field path in update_mask: 'spec.ttl'");
  expect_error(call("PATCH", target + "spec.source_branch", Json::object()), 400, "INVALID_PARAMETER_VALUE",
               "Unknown field path in update_mask: 'spec.source_branch'");
  expect_error(call("PATCH", target + "spec.expiration", Json::object()), 400, "INVALID_PARAMETER_VALUE",
               "Field 'spec.expiration' is in update_mask but not provided in request");
  auto const longer = finished("PATCH", target + "spec.expiration", json(R"({"spec": {"ttl": "7200s"}})"));
  EXPECT_EQ(longer.at("status").at("expire_time"), "2026-06-01T14:00:00Z");
  EXPECT_EQ(call("PATCH", target + "spec.is_protected", json(R"({"spec": {"is_protected": true}})")).status, 400);
  auto const kept = finished("PATCH", target + "spec.expiration,spec.is_protected",
                             json(R"({"spec": {"no_expiry": true, "is_protected": true}})"));
  EXPECT_FALSE(kept.at("status").contains("expire_time"));
  EXPECT_EQ(kept.at("status").at("is_protected"), true);
  expect_error(call("PATCH", branch("none") + "?update_mask=spec", Json::object()), 404, "NOT_FOUND",
               "branch id not found");
}

TEST_F(BranchesTest, DefaultBranchesAndParentsDoNotExpire) {
  make_branch("parent");
  make_branch("child", Json{{"no_expiry", true}, {"source_branch", branch("parent")}});
  auto const body = json(R"({"spec": {"ttl": "3600s"}})");
  EXPECT_EQ(call("PATCH", std::string(production) + "?update_mask=spec.expiration", body).code(), "BAD_REQUEST");
  EXPECT_THAT(call("PATCH", branch("parent") + "?update_mask=spec.expiration", body).message(), HasSubstr("children"));
}

TEST_F(BranchesTest, OneProtectedBranchAProject) {
  options.limits = service_limits();
  reopen();
  make_branch("a", Json{{"no_expiry", true}, {"is_protected", true}});
  EXPECT_EQ(create("b", Json{{"no_expiry", true}, {"is_protected", true}}).code(), "QUOTA_EXCEEDED");
}

TEST_F(BranchesTest, RefusesToDelete) {
  make_branch("kept", Json{{"no_expiry", true}, {"is_protected", true}});
  expect_error(call("DELETE", branch("kept")), 400, "BAD_REQUEST", "cannot delete protected branch");
  auto const root = call("DELETE", production);
  expect_error(root, 400, "BAD_REQUEST",
               "Cannot delete root branch 'projects/shop/branches/production'. Root branches cannot be deleted "
               "independently.");
  auto const& details = root.body.at("details");
  EXPECT_EQ(details.at(0).at("@type"), "type.googleapis.com/google.rpc.ErrorInfo");
  EXPECT_EQ(details.at(0).at("reason"), "RESOURCE_CONFLICT");
  EXPECT_EQ(details.at(0).at("domain"), "databricks.com");
  EXPECT_EQ(details.at(0).at("metadata").at("declarative_context"), "MANAGED_BY_PARENT");
  EXPECT_EQ(details.at(1).at("serving_data"), "");
  make_branch("parent");
  make_branch("child", Json{{"no_expiry", true}, {"source_branch", branch("parent")}});
  EXPECT_THAT(call("DELETE", branch("parent")).message(), HasSubstr("children"));
  expect_error(call("DELETE", branch("none")), 404, "NOT_FOUND", "branch id not found");
}

TEST_F(BranchesTest, DeletesSoftlyAndBringsBack) {
  make_branch("dev");
  finished("DELETE", branch("dev"));
  auto const gone = get(branch("dev")).body.at("status");
  EXPECT_EQ(gone.at("current_state"), "DELETED");
  EXPECT_EQ(gone.at("purge_time"), "2026-06-08T12:00:00Z");
  EXPECT_EQ(get("projects/shop/branches").body.at("branches").size(), 1);
  EXPECT_EQ(get("projects/shop/branches?show_deleted=true").body.at("branches").size(), 2);
  expect_error(get(branch("dev") + "/endpoints/primary"), 404, "NOT_FOUND", "branch id not found");
  expect_error(create("dev", Json{{"no_expiry", true}}), 400, "BAD_REQUEST",
               "branch already exists; branch_name:\"dev\"");
  finished("POST", branch("dev") + "/undelete", Json::object());
  EXPECT_EQ(get(branch("dev")).body.at("status").at("current_state"), "READY");
  EXPECT_EQ(get(branch("dev") + "/endpoints/primary").status, 200);
}

TEST_F(BranchesTest, DoNotComeBackBelowABranchThatExpires) {
  make_branch("parent");
  make_branch("child", Json{{"no_expiry", true}, {"source_branch", branch("parent")}});
  finished("DELETE", branch("child"));
  finished("PATCH", branch("parent") + "?update_mask=spec.expiration", json(R"({"spec": {"ttl": "3600s"}})"));
  expect_error(call("POST", branch("child") + "/undelete", Json::object()), 400, "BAD_REQUEST",
               "Source branch 'projects/shop/branches/parent' has an expiration; it cannot have children.");
}

TEST_F(BranchesTest, ComeBackToStay) {
  make_branch("dev", Json{{"ttl", "3600s"}});
  make_branch("long", Json{{"ttl", "86400s"}});
  finished("DELETE", branch("dev"));
  finished("DELETE", branch("long"));
  advance(2h);
  finished("POST", branch("dev") + "/undelete", Json::object());
  finished("POST", branch("long") + "/undelete", Json::object());
  EXPECT_FALSE(get(branch("dev")).body.at("status").contains("expire_time"));
  EXPECT_EQ(get(branch("long")).body.at("status").at("expire_time"), "2026-06-02T12:00:00Z");
  plane->sweep();
  EXPECT_EQ(get(branch("dev")).body.at("status").at("current_state"), "READY");
}

TEST_F(BranchesTest, Purges) {
  make_branch("dev");
  finished("DELETE", branch("dev") + "?purge=true");
  EXPECT_EQ(get(branch("dev")).status, 404);
  make_branch("dev");
  finished("DELETE", branch("dev"));
  finished("DELETE", branch("dev") + "?purge=true");
  EXPECT_EQ(get(branch("dev")).status, 404);
}

TEST_F(BranchesTest, AllowsMissingOnes) {
  auto const response = finished("DELETE", branch("none") + "?allow_missing=true");
  EXPECT_EQ(response.at("@type"), "type.googleapis.com/google.protobuf.Empty");
}

TEST_F(BranchesTest, ExpiresInTime) {
  make_branch("dev", Json{{"ttl", "3600s"}});
  advance(3599s);
  plane->sweep();
  EXPECT_EQ(get(branch("dev")).status, 200);
  advance(1s);
  plane->sweep();
  for (int i = 0; i < 1000 && get(branch("dev")).status == 200; ++i) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(get(branch("dev")).status, 404);
}

TEST_F(BranchesTest, WhatIsDueAndCannotBeStartedIsLogged) {
  std::mutex mutex;
  std::string log;
  options.log = [&](std::string_view line) {
    std::lock_guard const lock{mutex};
    log += line;
  };
  reopen();
  make_branch("dev", Json{{"ttl", "3600s"}});
  advance(1h);
  computes->hold("copy_branch");
  auto const started = create("other", Json{{"no_expiry", true}});
  plane->sweep();
  advance(-1h);
  computes->release();
  wait(started);
  plane->stop();
  EXPECT_EQ(log, "") << "the project was busy, and that passes";
  advance(1h);
  plane->sweep();
  EXPECT_THAT(log, HasSubstr("What is due cannot be started: The emulator is stopping."));
}

TEST_F(BranchesTest, ChildrenOfProtectedBranchesGetNewPasswords) {
  finished("POST", std::string(production) + "/roles?role_id=app", Json{{"spec", Json{{"postgres_role", "app"}}}});
  make_branch("open");
  EXPECT_FALSE(computes->has_call_with(R"(ALTER ROLE "app" PASSWORD)"));
  finished("PATCH", std::string(production) + "?update_mask=spec.is_protected",
           json(R"({"spec": {"is_protected": true}})"));
  make_branch("guarded");
  EXPECT_TRUE(computes->has_call_with(R"(ALTER ROLE "app" PASSWORD ')"));
}

TEST_F(BranchesTest, ChildrenOfProtectedBranchesAreMadeAlsoIfSqlHasDroppedARole) {
  for (std::string const role : {"app", "gone"}) {
    finished("POST", std::string(production) + "/roles?role_id=" + role, Json{{"spec", Json{{"postgres_role", role}}}});
  }
  computes->drop_role("gone");
  finished("PATCH", std::string(production) + "?update_mask=spec.is_protected",
           json(R"({"spec": {"is_protected": true}})"));
  make_branch("guarded");
  EXPECT_TRUE(computes->has_call_with(R"(ALTER ROLE "app" PASSWORD ')"));
  EXPECT_FALSE(computes->has_call_with(R"(ALTER ROLE "gone" PASSWORD ')"));
}

TEST_F(BranchesTest, TellsItsSize) {
  computes->set_size([] { return 4711; });
  auto const made = finished("POST", "projects/shop/branches?branch_id=dev", json(R"({"spec": {"no_expiry": true}})"));
  EXPECT_EQ(made.at("status").at("logical_size_bytes"), 4711);
  EXPECT_EQ(get(branch("dev")).body.at("status").at("logical_size_bytes"), 4711);
}

TEST_F(BranchesTest, AreThereAlsoIfTheirSizeCannotBeMeasured) {
  computes->set_size([]() -> std::optional<std::int64_t> { throw std::runtime_error("no process"); });
  auto const made = finished("POST", "projects/shop/branches?branch_id=dev", json(R"({"spec": {"no_expiry": true}})"));
  EXPECT_FALSE(made.at("status").contains("logical_size_bytes"));
  EXPECT_EQ(get(branch("dev")).body.at("status").at("current_state"), "READY");
  EXPECT_EQ(get("projects/shop/branches").status, 200);
}

TEST_F(BranchesTest, OtherProjectsGoOnWhileASizeIsMeasured) {
  std::promise<void> measuring, go_on;
  computes->set_size([&, first = std::make_shared<std::once_flag>()]() -> std::optional<std::int64_t> {
    std::call_once(*first, [&] {
      measuring.set_value();
      go_on.get_future().wait();
    });
    return 1;
  });
  auto const started = create("dev", Json{{"no_expiry", true}});
  measuring.get_future().wait();
  finished("POST", "projects?project_id=other", Json::object());
  go_on.set_value();
  EXPECT_TRUE(wait(started).contains("response"));
}

TEST_F(BranchesTest, AFailedCopyLeavesNothing) {
  computes->fail_at("copy_branch", "no space left");
  auto const error = failed("POST", "projects/shop/branches?branch_id=dev", Json{{"spec", Json{{"no_expiry", true}}}});
  EXPECT_EQ(error.at("error_code"), "INTERNAL_ERROR");
  EXPECT_EQ(error.at("message"), "no space left");
  EXPECT_EQ(get(branch("dev")).status, 404);
  EXPECT_TRUE(computes->has_call_with("remove_branch"));
  make_branch("dev");
}

}  // namespace
}  // namespace lakebase::emulator::tests
