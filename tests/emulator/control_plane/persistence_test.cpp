#include <atomic>
#include <fstream>
#include <mutex>
#include <stdexcept>

#include "control_plane_fixture.hpp"
#include "system/private_file_posix.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

class PersistenceTest : public ControlPlaneTest {
 protected:
  std::filesystem::path state_file() const { return folder.path() / "state.json"; }
  std::string state_text() const { return read_own_file(state_file()); }
  void put_state(std::string const& text) { write_private_file(state_file(), text); }
};

TEST_F(PersistenceTest, KeepsEverything) {
  make_project(json(R"({"spec": {"display_name": "Läden", "custom_tags": [{"key": "a", "value": "b"}]}})"));
  make_branch("dev", Json{{"ttl", "3600s"}});
  auto const names = {std::string("projects/shop"),
                      std::string(production),
                      std::string(primary),
                      std::string("projects/shop/branches/dev"),
                      std::string("projects/shop/branches/dev/endpoints/primary"),
                      std::string(production) + "/roles/developer",
                      std::string(production) + "/databases"};
  auto const token = plane->token();
  std::vector<Json> before;
  for (auto const& name : names) before.push_back(get(name).body);
  restart();
  EXPECT_EQ(plane->token(), token);
  EXPECT_TRUE(computes->has_call_with("add_endpoint " + uid(primary)));
  std::size_t i = 0;
  for (auto const& name : names) {
    auto after = get(name).body;
    auto& expected = before[i++];
    // After a restart the computes sleep until somebody connects.
    if (expected.contains("status") && expected["status"].contains("hosts"))
      expected["status"]["current_state"] = "IDLE";
    EXPECT_EQ(after, expected) << name;
  }
  make_branch("more");
}

TEST_F(PersistenceTest, KeepsTheVersionThatRuns) {
  make_project(json(R"({"spec": {"pg_version": 18}})"));
  restart();
  computes->set_versions({15});
  EXPECT_EQ(get("projects/shop").body.at("status").at("pg_version"), 18);
}

// Files of 0.1.0 knew the version that was asked for alone.
TEST_F(PersistenceTest, LooksForTheVersionThatRunsIfTheFileDoesNotSay) {
  make_project(json(R"({"spec": {"pg_version": 17}})"));
  plane->stop();
  Json state = Json::parse(state_text());
  ASSERT_EQ(state.at("state").at("projects").at(0).erase("running_pg_version"), 1U);
  put_state(state.dump());
  restart();
  EXPECT_EQ(get("projects/shop").body.at("status").at("pg_version"), computes->branch_version(uid(production)));
  EXPECT_NE(get("projects/shop").body.at("status").at("pg_version"), 17);
}

// Earlier emulators took it; PostgreSQL obeyed the last.
TEST_F(PersistenceTest, ASettingThatIsThereTwiceIsKeptOnce) {
  make_project();
  plane->stop();
  Json state = Json::parse(state_text());
  auto& endpoint = state.at("state").at("projects").at(0).at("branches").at(0).at("endpoints").at(0);
  endpoint["compute"]["pg_settings"] = Json{{"Work_Mem", "6MB"}, {"jit", "off"}, {"work_mem", "5MB"}};
  put_state(state.dump());
  restart();
  EXPECT_EQ(get(primary).body.at("status").at("settings").dump(), R"({"pg_settings":{"jit":"off","work_mem":"5MB"}})");
}

TEST_F(PersistenceTest, OperationsCanStillBeRead) {
  auto const started = call("POST", "projects?project_id=shop", Json::object());
  auto const done = wait(started);
  restart();
  EXPECT_EQ(get(started.body.at("name")).body, done);
}

TEST_F(PersistenceTest, UnfinishedCreationsAreUndone) {
  make_project();
  computes->hold();
  auto const branch = call("POST", "projects/shop/branches?branch_id=dev", json(R"({"spec":{"no_expiry":true}})"));
  auto const project = call("POST", "projects?project_id=other", Json::object());
  auto const dev_uid = uid("projects/shop/branches/dev");
  auto const killed = state_text();
  computes->release();
  wait(branch);
  wait(project);
  plane->stop();
  put_state(killed);
  restart();
  for (auto const& started : {branch, project}) {
    auto const operation = get(started.body.at("name")).body;
    EXPECT_EQ(operation.at("done"), true);
    EXPECT_EQ(operation.at("error").at("error_code"), "ABORTED");
  }
  EXPECT_EQ(get("projects/other").status, 404);
  EXPECT_EQ(get("projects/shop/branches/dev").status, 404);
  EXPECT_TRUE(computes->has_call_with("remove_branch " + dev_uid));
  make_branch("dev");
}

TEST_F(PersistenceTest, SettingsThatAnEarlierEmulatorTookAreDroppedIfTheyAreRefusedNow) {
  make_project();
  finished("PATCH", std::string(primary) + "?update_mask=spec.settings.pg_settings",
           json(R"({"spec": {"settings": {"pg_settings": {"work_mem": "8MB", "app.text": "x"}}}})"));
  plane->stop();
  auto old = state_text();
  auto const at = old.find("work_mem");
  ASSERT_NE(at, std::string::npos);
  put_state(old.replace(at, 8, "archive_command"));
  restart();
  EXPECT_EQ(computes->settings(uid(primary)).pg_settings, (std::map<std::string, std::string>{{"app.text", "x"}}));
}

TEST_F(PersistenceTest, UnfinishedRolesAndDatabasesAreDropped) {
  make_project();
  computes->hold("CREATE ROLE");
  auto const started = call("POST", std::string(production) + "/roles?role_id=app", Json{{"spec", Json::object()}});
  computes->wait_until_held();
  auto const killed = state_text();
  computes->release();
  wait(started);
  plane->stop();
  put_state(killed);
  restart();
  EXPECT_EQ(get(std::string(production) + "/roles/app").status, 404);
  EXPECT_TRUE(computes->has_call_with(R"(DROP ROLE IF EXISTS "app")"));
}

TEST_F(PersistenceTest, UnfinishedRemovalsAreFinished) {
  make_project();
  auto const branch_uid = uid(production);
  computes->hold();
  auto const started = call("DELETE", "projects/shop?purge=true");
  computes->wait_until_held();  // Before that nothing has been done, so that nothing is to be finished.
  auto const killed = state_text();
  computes->release();
  wait(started);
  plane->stop();
  put_state(killed);
  restart();
  EXPECT_EQ(get("projects/shop").status, 404);
  EXPECT_TRUE(computes->has_call_with("remove_branch " + branch_uid));
  EXPECT_TRUE(get(started.body.at("name")).body.contains("response"));
}

TEST_F(PersistenceTest, SecretsAreTheOwnersAlone) {
  make_project();
  for (auto const name : {"state.json", "token", "signing.key"}) {
    auto const mode = std::filesystem::status(folder.path() / name).permissions();
    EXPECT_EQ(mode & std::filesystem::perms::all,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << name;
  }
}

TEST_F(PersistenceTest, RefusesAFileThatIsNotItsOwn) {
  plane.reset();
  for (auto const text : {"not JSON", R"({"format": 99, "state": {}})", R"({"format": 1})",
                          R"({"format": 1, "state": {"projects": 5}})"}) {
    put_state(text);
    ControlPlane other{options, *computes, time};
    try {
      other.open();
      ADD_FAILURE() << text;
    } catch (std::runtime_error const& error) {
      EXPECT_THAT(error.what(), HasSubstr("state.json cannot be read"));
    }
  }
  put_state(R"({"format": 1, "state": {}})");
  reopen();
}

TEST_F(PersistenceTest, ACleanupThatCannotBeReadKeepsNothingElseFromItsTurn) {
  make_project();
  auto const uid_of_branch = uid(production);
  plane->stop();
  Json state = Json::parse(state_text());
  state.at("state")["chores"] = Json::array(
      {Json{{"branch_uid", 42}}, Json{{"branch_uid", uid_of_branch}, {"statements", Json::array({"SELECT 7"})}}});
  put_state(state.dump());
  std::string log;
  options.log = [&](std::string_view line) { log += line; };
  restart();
  plane->stop();
  EXPECT_TRUE(computes->has_call_with("SELECT 7"));
  EXPECT_THAT(log, HasSubstr("a cleanup failed"));
}

TEST_F(PersistenceTest, AFailureInTheBackgroundIsLogged) {
  make_project();
  plane.reset();
  std::mutex mutex;
  std::string log;
  options.log = [&](std::string_view line) {
    std::lock_guard const lock{mutex};
    log += line;
  };
  std::atomic<bool> fails = false;
  Timekeeper failing{[&] {
    if (fails) throw std::runtime_error("the clock stands still");
    return now();
  }};
  ControlPlane other{options, *computes, failing};
  other.open();
  fails = true;
  EXPECT_NO_THROW(other.sweep());
  fails = false;
  other.stop();
  EXPECT_THAT(log, HasSubstr("What is due failed, and is attempted again: the clock stands still"));
}

}  // namespace
}  // namespace lakebase::emulator::tests
