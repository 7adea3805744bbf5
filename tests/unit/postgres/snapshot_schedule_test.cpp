#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;

constexpr auto schedule_name = "projects/p/branches/b/snapshot-schedule";

TEST(GetSnapshotSchedule, ReadsByName) {
  auto const wire = script({{200, R"({"name":"projects/p/branches/b/snapshot-schedule","schedule":[
    {"retention":"86400s","daily_schedule":{"hour":0}},
    {"retention":"604800s","weekly_schedule":{"day_of_week":"SUNDAY","hour":3}},
    {"retention":"2592000s","monthly_schedule":{"day":31,"hour":23}}]})"}});
  auto const read = client_over(wire).get_snapshot_schedule(schedule_name);
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/snapshot-schedule"));
  EXPECT_EQ(read.name, schedule_name);
  ASSERT_EQ(read.schedule.size(), 3U);
  EXPECT_EQ(read.schedule[0], (ScheduleCadence{.retention = 24h, .daily_schedule = DailySchedule{.hour = 0}}));
  EXPECT_EQ(read.schedule[1],
            (ScheduleCadence{.retention = 168h,
                             .weekly_schedule = WeeklySchedule{.day_of_week = DayOfWeek::sunday, .hour = 3}}));
  EXPECT_EQ(read.schedule[2],
            (ScheduleCadence{.retention = 720h, .monthly_schedule = MonthlySchedule{.day = 31, .hour = 23}}));
}

TEST(GetSnapshotSchedule, IsEmptyWhereNoneWasSet) {
  auto const wire = script({{200, R"({"name":"projects/p/branches/b/snapshot-schedule"})"}});
  EXPECT_TRUE(client_over(wire).get_snapshot_schedule(schedule_name).schedule.empty());
}

TEST(UpdateSnapshotSchedule, SendsMaskAndBodyAndGivesTheSchedule) {
  auto const wire = script({{200, R"({"name":"projects/p/branches/b/snapshot-schedule/operations/1","done":true,
      "metadata":{"@type":"type.googleapis.com/databricks.postgres.v1.SnapshotScheduleOperationMetadata"},
      "response":{"schedule":[{"retention":"86400s","daily_schedule":{"hour":0}}]}})"}});
  auto const set =
      client_over(wire)
          .update_snapshot_schedule(
              schedule_name,
              SnapshotSchedule{
                  .schedule = {{.retention = 24h, .daily_schedule = DailySchedule{.hour = 0}},
                               {.retention = 168h, .weekly_schedule = WeeklySchedule{.day_of_week = DayOfWeek::monday}},
                               {.retention = 720h, .monthly_schedule = MonthlySchedule{.day = 1, .hour = 4}}}},
              FieldMask{"schedule"})
          .wait();
  EXPECT_THAT(wire->only_request(),
              IsRequest("PATCH", "/api/2.0/postgres/projects/p/branches/b/snapshot-schedule?update_mask=schedule",
                        R"({"schedule":[{"retention":"86400s","daily_schedule":{"hour":0}},
                            {"retention":"604800s","weekly_schedule":{"day_of_week":"MONDAY"}},
                            {"retention":"2592000s","monthly_schedule":{"day":1,"hour":4}}]})"));
  ASSERT_EQ(set.schedule.size(), 1U);
  EXPECT_EQ(set.schedule[0].daily_schedule->hour, 0);
}

TEST(UpdateSnapshotSchedule, SendsAnEmptyListToEndSnapshots) {
  auto const wire = script({{200, R"({"name":"projects/p/branches/b/snapshot-schedule/operations/1","done":true,
      "response":{"name":"projects/p/branches/b/snapshot-schedule"}})"}});
  client_over(wire).update_snapshot_schedule(schedule_name, {}, FieldMask{"schedule"}).wait();
  EXPECT_THAT(wire->only_request(),
              IsRequest("PATCH", "/api/2.0/postgres/projects/p/branches/b/snapshot-schedule?update_mask=schedule",
                        R"({"schedule":[]})"));
}

}  // namespace
}  // namespace lakebase::tests
