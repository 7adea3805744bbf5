#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class SnapshotSchedulesTest : public ControlPlaneTest {
 protected:
  SnapshotSchedulesTest() { make_project(); }

  Answer set(char const* schedule) {
    return call("PATCH", name + "?update_mask=schedule", Json{{"schedule", json(schedule)}});
  }

  std::string const name = std::string(production) + "/snapshot-schedule";
};

TEST_F(SnapshotSchedulesTest, IsEmptyAtFirst) {
  EXPECT_EQ(get(name).body, Json({{"name", name}}));
}

TEST_F(SnapshotSchedulesTest, IsReplacedAsAWholeByAnOperationThatIsDone) {
  auto const first = set(R"([{"retention": "604800s", "daily_schedule": {"hour": 3}},
                             {"retention": "3600s", "weekly_schedule": {"day_of_week": "SUNDAY"}}])");
  ASSERT_EQ(first.status, 200);
  EXPECT_EQ(first.body.at("done"), true);
  EXPECT_THAT(first.body.at("name").get<std::string>(), StartsWith(name + "/operations/"));
  EXPECT_THAT(first.body.at("metadata").at("@type").get<std::string>(), HasSubstr("SnapshotScheduleOperationMetadata"));
  EXPECT_EQ(first.body.at("response").at("schedule"), json(R"([{"retention": "604800s", "daily_schedule": {"hour": 3}},
                     {"retention": "3600s", "weekly_schedule": {"hour": 0, "day_of_week": "SUNDAY"}}])"));
  EXPECT_EQ(get(first.body.at("name")).body, first.body);
  EXPECT_EQ(get(name).body, first.body.at("response"));
  set(R"([{"retention": "2678400s", "monthly_schedule": {"day": 31, "hour": 23}}])");
  EXPECT_EQ(get(name).body.at("schedule"),
            json(R"([{"retention": "2678400s", "monthly_schedule": {"hour": 23, "day": 31}}])"));
  set("[]");
  EXPECT_EQ(get(name).body, Json({{"name", name}}));
}

TEST_F(SnapshotSchedulesTest, IsSeenDoneByPollsToo) {
  options.operation_polls = 3;
  reopen();
  auto const operation = set(R"([{"retention": "3600s", "daily_schedule": {}}])").body;
  EXPECT_EQ(operation.at("done"), true);
  EXPECT_EQ(get(operation.at("name")).body, operation);
}

TEST_F(SnapshotSchedulesTest, SurvivesARestartAndIsNotInherited) {
  set(R"([{"retention": "3600s", "daily_schedule": {"hour": 1}}])");
  auto const before = get(name).body;
  restart();
  EXPECT_EQ(get(name).body, before);
  make_branch("child");
  EXPECT_FALSE(get("projects/shop/branches/child/snapshot-schedule").body.contains("schedule"));
}

TEST_F(SnapshotSchedulesTest, RefusesWhatCanNeverFire) {
  struct Case {
    char const* schedule;
    char const* part;
  };
  for (auto const& [schedule, part] : {
           Case{R"([{}])", "must have exactly one of daily_schedule, weekly_schedule, monthly_schedule"},
           Case{R"([{"retention": "3600s"}])", "exactly one of"},
           Case{R"([{"retention": "3600s", "daily_schedule": {}, "monthly_schedule": {"day": 1}}])", "exactly one of"},
           Case{R"([{"daily_schedule": {}}])", "Field 'schedule.retention' is required"},
           Case{R"([{"retention": "3599s", "daily_schedule": {}}])", "must be at least 3600s, got 3599s"},
           Case{R"([{"retention": "3153600001s", "daily_schedule": {}}])",
                "must be at most 3153600000s, got 3153600001s"},
           Case{R"([{"retention": "3600s", "daily_schedule": {"hour": 24}}])",
                "Field 'schedule.daily_schedule.hour' must be between 0 and 23, got 24."},
           Case{R"([{"retention": "3600s", "daily_schedule": {"hour": -1}}])", "got -1"},
           Case{R"([{"retention": "3600s", "weekly_schedule": {"hour": 1}}])",
                "Field 'schedule.weekly_schedule.day_of_week' is required"},
           Case{R"([{"retention": "3600s", "weekly_schedule": {"day_of_week": "Sunday"}}])", "must be one of MONDAY"},
           Case{R"([{"retention": "3600s", "monthly_schedule": {"hour": 1}}])", "must be between 1 and 31, got 0"},
           Case{R"([{"retention": "3600s", "monthly_schedule": {"day": 32}}])", "got 32"},
       }) {
    auto const answer = set(schedule);
    EXPECT_EQ(answer.status, 400) << schedule;
    EXPECT_EQ(answer.code(), "INVALID_PARAMETER_VALUE") << schedule;
    EXPECT_THAT(answer.message(), HasSubstr(part)) << schedule;
  }
  EXPECT_FALSE(get(name).body.contains("schedule"));
}

TEST_F(SnapshotSchedulesTest, OnlyItsListIsAPathOfTheMask) {
  auto const body = json(R"({"schedule": []})");
  for (auto const mask : {"", "?update_mask=", "?update_mask=,%20,"}) {
    expect_error(call("PATCH", name + mask, body), 400, "INVALID_PARAMETER_VALUE",
                 "Field 'update_mask' is required, expected non-default value (not \"\")!");
  }
  for (std::string const path : {"schedule.retention", "spec"}) {
    auto const with_spec = json(R"({"schedule": [], "spec": {}})");
    expect_error(call("PATCH", name + "?update_mask=" + path, with_spec), 400, "INVALID_PARAMETER_VALUE",
                 "Unknown field path in update_mask: '" + path + "'");
  }
}

TEST_F(SnapshotSchedulesTest, IsOfARootBranchThatExists) {
  make_branch("child");
  auto const child = call("PATCH", "projects/shop/branches/child/snapshot-schedule?update_mask=schedule",
                          json(R"({"schedule": [{"retention": "3600s", "daily_schedule": {}}]})"));
  EXPECT_EQ(child.code(), "BAD_REQUEST");
  EXPECT_THAT(child.message(), HasSubstr("root branches only"));
  expect_error(get("projects/shop/branches/none/snapshot-schedule"), 404, "NOT_FOUND", "branch id not found");
  for (auto const method : {"POST", "DELETE"}) EXPECT_EQ(call(method, name).code(), "ENDPOINT_NOT_FOUND") << method;
}

TEST_F(SnapshotSchedulesTest, WaitsForWhatIsRunning) {
  computes->hold("copy_branch");
  auto const running = call("POST", "projects/shop/branches?branch_id=dev", json(R"({"spec": {"no_expiry": true}})"));
  computes->wait_until_held();
  EXPECT_EQ(set("[]").code(), "ABORTED");
  computes->release();
  wait(running);
  EXPECT_EQ(set("[]").status, 200);
}

}  // namespace
}  // namespace lakebase::emulator::tests
