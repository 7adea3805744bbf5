#include <algorithm>
#include <ctime>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A schedule as the test's own calculation reads it, by the C library's calendar and hour by hour.
struct Cadence {
  enum Kind { daily, weekly, monthly } kind;
  int hour;
  int day;  // 0 for Sunday, or of the month
  int retained_hours;

  bool fires(std::time_t at) const {
    auto const calendar = [](std::time_t time) {
      std::tm fields{};
      ::gmtime_r(&time, &fields);
      return fields;
    };
    auto const now = calendar(at);
    if (now.tm_hour != hour) return false;
    if (kind == weekly) return now.tm_wday == day;
    bool const is_last = calendar(at + 24 * 3600).tm_mday == 1;
    if (kind == monthly) return now.tm_mday == day || (is_last && now.tm_mday < day);
    return true;
  }
  Json json() const {
    static char const* const days[] = {"SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"};
    Json cadence{{"retention", std::to_string(retained_hours * 3600) + "s"}};
    if (kind == daily) cadence["daily_schedule"] = Json{{"hour", hour}};
    if (kind == weekly) cadence["weekly_schedule"] = Json{{"hour", hour}, {"day_of_week", days[day]}};
    if (kind == monthly) cadence["monthly_schedule"] = Json{{"hour", hour}, {"day", day}};
    return cadence;
  }
};

class ScheduledSnapshotsTest : public ControlPlaneTest {
 protected:
  ScheduledSnapshotsTest() {
    options.is_temporary = true;  // thousands of writes need not reach the disk
    reopen();
    make_project();
  }

  void schedule(std::vector<Cadence> const& cadences, std::string const& branch = production) {
    Json list = Json::array();
    for (auto const& cadence : cadences) list.push_back(cadence.json());
    auto const answer = call("PATCH", branch + "/snapshot-schedule?update_mask=schedule", Json{{"schedule", list}});
    ASSERT_EQ(answer.status, 200) << answer.body.dump();
  }
  // By the control, as a client does it.
  std::string move(std::string const& span) {
    auto const reply = raw(request("POST", "/emulator/clock", Json{{"advance", span}}.dump()));
    EXPECT_EQ(reply.status, 200) << reply.body;
    auto const body = json(reply.body);
    EXPECT_FALSE(body.contains("still_running")) << reply.body;
    return body.at("now").get<std::string>();
  }
  // Id and end of each.
  std::map<std::string, std::string> snapshots() {
    std::map<std::string, std::string> found;
    auto const body = get("projects/shop/snapshots?page_size=1000").body;
    for (auto const& snapshot : body.value("snapshots", Json::array())) {
      found[snapshot.at("snapshot_id")] = snapshot.at("status").value("expire_time", "");
    }
    return found;
  }
  std::vector<std::string> ids() {
    std::vector<std::string> found;
    for (auto const& [id, end] : snapshots()) found.push_back(id);
    return found;
  }
};

// What is to be there, hour by hour.
class Prediction {
 public:
  Prediction(std::vector<Cadence> cadences, std::string const& now)
      : cadences_(std::move(cadences)), now_(seconds(now)) {}

  std::map<std::string, std::string> at(std::string const& now) {
    for (; now_ < seconds(now); now_ += 3600) {
      std::time_t end = 0;
      for (auto const& cadence : cadences_) {
        if (cadence.fires(now_ + 3600)) end = std::max(end, now_ + 3600 + cadence.retained_hours * std::time_t{3600});
      }
      if (end != 0) all_[text(now_ + 3600, "production-%Y-%m-%d-%H")] = end;
    }
    std::map<std::string, std::string> left;
    for (auto const& [id, end] : all_) {
      if (end > now_) left[id] = text(end, "%Y-%m-%dT%H:%M:%SZ");
    }
    return left;
  }
  std::size_t taken() const { return all_.size(); }

 private:
  static std::string text(std::time_t time, char const* format) {
    std::tm fields{};
    ::gmtime_r(&time, &fields);
    char buffer[64];
    return {buffer, std::strftime(buffer, sizeof buffer, format, &fields)};
  }
  static std::time_t seconds(std::string const& text) {
    std::tm fields{};
    ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &fields);
    return ::timegm(&fields);
  }

  std::vector<Cadence> cadences_;
  std::time_t now_;
  std::map<std::string, std::time_t> all_;
};

std::vector<Cadence> const many = {
    {Cadence::daily, 3, 0, 48},          {Cadence::weekly, 3, 0, 14 * 24}, {Cadence::monthly, 3, 31, 62 * 24},
    {Cadence::weekly, 15, 3, 3 * 24},    {Cadence::daily, 15, 0, 5},       {Cadence::monthly, 0, 30, 24 * 24},
    {Cadence::monthly, 23, 1, 100 * 24},
};

TEST_F(ScheduledSnapshotsTest, AQuarterDayByDay) {
  auto const start = move("25w");  // so that February is among the months
  schedule(many);
  Prediction prediction{many, start};
  std::string now;
  for (int day = 1; day <= 100; ++day) {
    now = move("1d");
    ASSERT_EQ(snapshots(), prediction.at(now)) << now;
  }
  EXPECT_GT(now, "2027-03-01");
  EXPECT_GT(prediction.taken(), 200U);
}

TEST_F(ScheduledSnapshotsTest, AQuarterAtOnce) {
  auto const start = move("25w");
  schedule(many);
  Prediction prediction{many, start};
  auto const now = move("100d");
  EXPECT_EQ(snapshots(), prediction.at(now));
  auto const copies = computes->calls();
  EXPECT_EQ(
      std::count_if(copies.begin(), copies.end(), [](auto const& line) { return line.starts_with("copy_branch"); }),
      static_cast<std::ptrdiff_t>(prediction.taken()));
  auto const listed = get("projects/shop/snapshots?page_size=1000").body.at("snapshots");
  for (auto const& snapshot : listed) {
    auto const moment = snapshot.at("create_time").get<std::string>();
    EXPECT_EQ(snapshot.at("snapshot_id"), "production-" + moment.substr(0, 10) + "-" + moment.substr(11, 2));
    EXPECT_EQ(moment.substr(13), ":00:00Z") << "taken when it was due";
  }
}

TEST_F(ScheduledSnapshotsTest, OneOfSeveralCadencesHasTheLongestRetention) {
  schedule({{Cadence::daily, 3, 0, 48}, {Cadence::weekly, 3, 2, 240}, {Cadence::daily, 3, 0, 1}});
  move("1d");
  EXPECT_EQ(snapshots(), (std::map<std::string, std::string>{{"production-2026-06-02-03", "2026-06-12T03:00:00Z"}}));
}

TEST_F(ScheduledSnapshotsTest, ChangesAreNotRetroactive) {
  schedule({{Cadence::daily, 3, 0, 72}});
  move("1d");
  schedule({{Cadence::daily, 3, 0, 1}, {Cadence::daily, 11, 0, 24}});
  move("1d");
  EXPECT_EQ(snapshots(), (std::map<std::string, std::string>{{"production-2026-06-02-03", "2026-06-05T03:00:00Z"},
                                                             {"production-2026-06-03-11", "2026-06-04T11:00:00Z"}}));
  schedule({});
  move("3d");
  EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(ScheduledSnapshotsTest, AreNotCountedAsManualOnes) {
  options.limits.snapshots = 1;
  reopen();
  schedule({{Cadence::daily, 3, 0, 72}});
  auto const by_hand = Json{{"spec", Json{{"source_branch", production}}}};
  move("2d");
  finished("POST", "projects/shop/snapshots?snapshot_id=one", by_hand);
  EXPECT_EQ(call("POST", "projects/shop/snapshots?snapshot_id=two", by_hand).code(), "QUOTA_EXCEEDED");
  move("1d");
  EXPECT_THAT(ids(),
              ElementsAre("one", "production-2026-06-02-03", "production-2026-06-03-03", "production-2026-06-04-03"));
}

TEST_F(ScheduledSnapshotsTest, ATakenIdGetsANumber) {
  finished("POST", "projects/shop/snapshots?snapshot_id=production-2026-06-02-03",
           Json{{"spec", Json{{"source_branch", production}}}});
  schedule({{Cadence::daily, 3, 0, 72}});
  move("1d");
  EXPECT_THAT(ids(), ElementsAre("production-2026-06-02-03", "production-2026-06-02-03-2"));
}

TEST_F(ScheduledSnapshotsTest, EachRootBranchHasItsOwn) {
  finished("POST", "projects/shop/snapshots?snapshot_id=first", Json{{"spec", Json{{"source_branch", production}}}});
  std::string const id(63, 'a');
  make_branch(id, Json{{"no_expiry", true}, {"source_snapshot", "projects/shop/snapshots/first"}});
  schedule({{Cadence::daily, 3, 0, 72}});
  schedule({{Cadence::daily, 3, 0, 72}}, "projects/shop/branches/" + id);
  move("1d");
  EXPECT_THAT(ids(), ElementsAre(id.substr(0, 45) + "-2026-06-02-03", "first", "production-2026-06-02-03"));
  finished("DELETE", "projects/shop/branches/" + id);
  move("1d");
  finished("POST", "projects/shop/branches/" + id + "/undelete");
  EXPECT_THAT(ids(), ElementsAre(id.substr(0, 45) + "-2026-06-02-03", "first", "production-2026-06-02-03",
                                 "production-2026-06-03-03"))
      << "a deleted branch takes none, nor makes up for it";
  move("1d");
  EXPECT_EQ(ids().size(), 6U);
}

TEST_F(ScheduledSnapshotsTest, ADeletedProjectTakesNone) {
  schedule({{Cadence::daily, 3, 0, 72}});
  finished("DELETE", "projects/shop");
  move("2d");
  finished("POST", "projects/shop/undelete");
  move("1h");
  EXPECT_THAT(ids(), IsEmpty());
  move("1d");
  EXPECT_THAT(ids(), ElementsAre("production-2026-06-04-03"));
}

TEST_F(ScheduledSnapshotsTest, WhatWasMissedIsMadeUpForByOne) {
  schedule({{Cadence::daily, 3, 0, 24}, {Cadence::weekly, 5, 3, 240}});
  plane.reset();
  advance(std::chrono::days{4});
  restart();
  move("1s");
  EXPECT_EQ(snapshots(), (std::map<std::string, std::string>{{"production-2026-06-05-03", "2026-06-13T05:00:00Z"}}));
}

TEST_F(ScheduledSnapshotsTest, WhatWouldHaveExpiredIsNotMadeUpFor) {
  schedule({{Cadence::daily, 3, 0, 2}});
  plane.reset();
  advance(std::chrono::days{1});
  restart();
  move("1s");
  EXPECT_THAT(ids(), IsEmpty());
  move("16h");
  EXPECT_THAT(ids(), ElementsAre("production-2026-06-03-03"));
}

TEST_F(ScheduledSnapshotsTest, OneThatFailsIsNotAttemptedAgain) {
  schedule({{Cadence::daily, 3, 0, 72}});
  computes->fail_at("copy_branch", "cannot copy");
  move("1d");
  EXPECT_THAT(ids(), IsEmpty());
  move("1d");
  EXPECT_THAT(ids(), ElementsAre("production-2026-06-03-03"));
}

TEST_F(ScheduledSnapshotsTest, TheTimeGoesNotBeyondWhatTheEmulatorCanHold) {
  for (auto const* span : {"100000w", "9999999999999999999w", "9000000001s"}) {
    auto const reply = raw(request("POST", "/emulator/clock", Json{{"advance", span}}.dump()));
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(json(reply.body).at("message").get<std::string>(), ::testing::HasSubstr("not beyond the year 2100"));
  }
}

TEST_F(ScheduledSnapshotsTest, WaitForAnOperationThatIsInTheWay) {
  schedule({{Cadence::daily, 3, 0, 72}});
  computes->hold("copy_branch");
  auto const running = call("POST", "projects/shop/branches?branch_id=dev", json(R"({"spec": {"no_expiry": true}})"));
  computes->wait_until_held();
  std::thread moving{[&] { move("1d"); }};
  while (json(raw(request("GET", "/emulator/clock")).body).at("now") != "2026-06-02T03:00:00Z")
    std::this_thread::yield();
  computes->release();
  moving.join();
  wait(running);
  EXPECT_THAT(ids(), ElementsAre("production-2026-06-02-03"));
}

}  // namespace
}  // namespace lakebase::emulator::tests
