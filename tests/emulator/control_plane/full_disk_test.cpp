// A disk that takes no more, and a stop of the machine, at each write of an hour of changes. What was acknowledged is
// there after a restart and what was refused is not, in the state and in PostgreSQL.

#include <cstdlib>
#include <iostream>
#include <system_error>
#include <thread>

#include "catalog_computes.hpp"
#include "control_plane_fixture.hpp"
#include "system/private_file_posix.hpp"

namespace lakebase::emulator::tests {
namespace {

using namespace std::chrono_literals;

constexpr Duration day = 24h;

struct Step {
  std::string method;
  std::string target;
  char const* body = "{}";
};

// `SWEEP` passes the time of its target, and sweeps.
std::vector<Step> const& hour() {
  static std::string const root = "projects/shop/branches/production";
  static std::string const dev = "projects/shop/branches/dev";
  static std::vector<Step> const steps = {
      {"POST", "projects?project_id=shop"},
      {"POST", root + "/roles?role_id=app", R"({"spec": {"membership_roles": ["DATABRICKS_SUPERUSER"]}})"},
      {"POST", root + "/databases?database_id=orders",
       R"({"spec": {"role": "projects/shop/branches/production/roles/app"}})"},
      {"PATCH", root + "/roles/app?update_mask=spec.attributes", R"({"spec": {"attributes": {"createdb": true}}})"},
      {"PATCH", root + "/databases/orders?update_mask=spec.postgres_database,spec.role",
       R"({"spec": {"postgres_database": "sales", "role": "projects/shop/branches/production/roles/developer"}})"},
      {"POST", "catalogs?catalog_id=lake",
       R"({"spec": {"branch": "projects/shop/branches/production", "postgres_database": "lake_db",
           "create_database_if_missing": true}})"},
      {"POST", "synced_tables?synced_table_id=main.gold.orders",
       R"({"spec": {"branch": "projects/shop/branches/production", "postgres_database": "gold_db",
           "source_table_full_name": "main.sales.orders", "primary_key_columns": ["id"]}})"},
      {"POST", root + "/databases/orders/cdf-configs",
       R"({"catalog": "main", "schema": "feed", "postgres_schema": "public"})"},
      {"POST", "projects/shop/branches?branch_id=dev", R"({"spec": {"no_expiry": true}})"},
      {"POST", dev + "/roles?role_id=temp", R"({"spec": {"attributes": {"createrole": true}}})"},
      {"POST", dev + "/databases?database_id=temp", R"({"spec": {"role": "projects/shop/branches/dev/roles/temp"}})"},
      {"DELETE", dev + "/roles/temp?reassign_owned_to=" + dev + "/roles/app"},
      {"DELETE", dev + "/databases/temp"},
      {"PATCH", dev + "?update_mask=spec.is_protected", R"({"spec": {"is_protected": true}})"},
      {"PATCH", dev + "?update_mask=spec.is_protected", R"({"spec": {"is_protected": false}})"},
      {"DELETE", root + "/databases/orders/cdf-configs/public"},
      {"DELETE", "synced_tables/main.gold.orders"},
      {"DELETE", "catalogs/lake"},
      {"PATCH", root + "/snapshot-schedule?update_mask=schedule",
       R"({"schedule": [{"retention": "3600s", "daily_schedule": {}}]})"},
      {"POST", "projects/shop/snapshots?snapshot_id=kept",
       R"({"spec": {"source_branch": "projects/shop/branches/production"}})"},
      {"POST", "projects/shop/branches?branch_id=back",
       R"({"spec": {"no_expiry": true, "source_snapshot": "projects/shop/snapshots/kept"}})"},
      {"DELETE", "projects/shop/branches/back?purge=true"},
      {"DELETE", "projects/shop/snapshots/kept"},
      {"PATCH", "projects/shop?update_mask=spec.display_name", R"({"spec": {"display_name": "Shop"}})"},
      {"POST", dev + "/endpoints?endpoint_id=reader", R"({"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY"}})"},
      {"PATCH", dev + "/endpoints/reader?update_mask=spec.autoscaling_limit_max_cu",
       R"({"spec": {"autoscaling_limit_max_cu": 4}})"},
      {"DELETE", dev + "/endpoints/reader"},
      {"DELETE", dev},
      {"POST", dev + "/undelete"},
      {"DELETE", dev + "?purge=true"},
      {"POST", "projects/shop/branches?branch_id=short", R"({"spec": {"ttl": "3600s"}})"},
      {"SWEEP", "2"},
      {"POST", "projects/shop/branches?branch_id=old", R"({"spec": {"no_expiry": true}})"},
      {"DELETE", "projects/shop/branches/old"},
      {"SWEEP", "200"},
      {"DELETE", "projects/shop"},
      {"POST", "projects/shop/undelete"},
      {"DELETE", "projects/shop?purge=true"}};
  return steps;
}

// How an hour goes wrong at one of its writes.
enum class Trouble {
  none,
  one_write,   ///< One write fails.
  all_writes,  ///< No write succeeds from then on, until the restart.
  stop,        ///< The machine stops before the write.
};

// What a client sees of a role, in words of SQL.
BranchCatalog::Role role_from(Json const& status) {
  auto const& attributes = status.at("attributes");
  auto const word = [&](char const* name, std::string const& text) {
    return (attributes.at(name).get<bool>() ? " " : " NO") + text;
  };
  return {"LOGIN" + word("createdb", "CREATEDB") + word("createrole", "CREATEROLE") + word("bypassrls", "BYPASSRLS"),
          status.contains("membership_roles")};
}

class FullDiskTest : public ::testing::Test {
 protected:
  FullDiskTest() { options.folder = folder.path(); }
  ~FullDiskTest() override { plane.reset(); }

  void open(Catalogs catalogs) {
    plane.reset();
    computes = std::make_unique<CatalogComputes>(std::move(catalogs));
    plane = std::make_unique<ControlPlane>(options, *computes, time);
    plane->open();
  }

  // A new workspace, in which the write `at` goes wrong.
  void begin(Trouble wanted, int at) {
    plane.reset();
    std::filesystem::remove(state_file());
    trouble = Trouble::none;
    now = parse_time("2026-06-01T12:00:00Z").value().time_since_epoch().count();
    options.write_step = [this](std::string_view) { write(); };
    open({});
    writes = 0;
    trouble_at = at;
    troubled = false;
    trouble = wanted;
  }

  void write() {
    ++writes;
    if (trouble == Trouble::none || writes < trouble_at || (writes > trouble_at && trouble != Trouble::all_writes))
      return;
    troubled = true;
    if (trouble == Trouble::stop) {
      stopped_state = read_private_file(state_file());
      stopped_catalogs = computes->catalogs();
    } else {
      throw std::system_error(std::make_error_code(std::errc::no_space_on_device), "state.json.new");
    }
  }

  std::filesystem::path state_file() const { return folder.path() / "state.json"; }

  // The next life; what goes wrong has gone wrong.
  void restart() {
    auto catalogs = computes->catalogs();
    plane.reset();
    catalogs = computes->catalogs();
    if (trouble == Trouble::stop) {
      write_private_file(state_file(), stopped_state);
      if (stopped_state.empty()) std::filesystem::remove(state_file());
      catalogs = stopped_catalogs;
    }
    trouble = Trouble::none;
    open(std::move(catalogs));
  }

  Answer call(std::string const& method, std::string const& target, std::string body = {}) {
    HttpRequest request;
    request.method = method;
    auto const question = std::min(target.find('?'), target.size());
    request.path = target.substr(0, question);
    request.segments = decoded_segments(request.path);
    if (question < target.size()) request.query = decoded_form(std::string_view{target}.substr(question + 1));
    request.authorization = "Bearer " + plane->token();
    request.body = std::move(body);
    auto const reply = plane->handle(request);
    return {reply.status, json(reply.body)};
  }
  Json get(std::string const& name) { return call("GET", "/api/2.0/postgres/" + name).body; }

  // Does what is due, and waits for its end.
  void sweep() {
    plane->sweep();
    wait_until_idle();
  }

  // Whether it was acknowledged; none: it was not told.
  std::optional<bool> take(Step const& step) {
    if (step.method == "SWEEP") {
      now = now.load() + Duration{std::chrono::hours{std::atoi(step.target.c_str())}}.count();
      sweep();
      return std::nullopt;
    }
    auto const started = call(step.method, "/api/2.0/postgres/" + step.target, step.body);
    if (started.status != 200) {
      EXPECT_GE(started.status, troubled ? 500 : 200) << started.body.dump(1);
      return false;
    }
    for (int polls = 0;; ++polls) {
      auto const operation = get(started.body.at("name"));
      if (operation.at("done").get<bool>()) return operation.contains("response");
      // It goes on when there is room again.
      if (trouble == Trouble::all_writes && troubled && polls > 100) return std::nullopt;
      std::this_thread::sleep_for(1ms);
    }
  }

  // All that clients see and that tells one state from another. Adds what PostgreSQL should hold by it.
  Json view() {
    Json seen = Json::object();
    expected.clear();
    expected_endpoints.clear();
    auto const projects = get("projects?show_deleted=true");
    for (auto const& project : projects.value("projects", Json::array())) {
      auto const name = project.at("name").get<std::string>();
      auto& entry = seen[name];
      entry["display_name"] = project.at("status").at("display_name");
      entry["deleted"] = project.contains("delete_time");
      // What a deleted project holds can be seen after it is undeleted only.
      if (project.contains("delete_time")) continue;
      for (auto const& branch : get(name + "/branches?show_deleted=true").value("branches", Json::array())) {
        see_branch(branch, entry[branch.at("name").get<std::string>()]);
      }
      for (auto const& snapshot : get(name + "/snapshots").value("snapshots", Json::array())) {
        entry[snapshot.at("name").get<std::string>()] = snapshot.at("status");
        expected[snapshot.at("uid").get<std::string>()];  // its roles cannot be seen
      }
    }
    see_registered(seen);
    return seen;
  }

  void see_registered(Json& seen) {
    auto const catalog = get("catalogs/lake");
    if (catalog.contains("status")) seen["catalogs/lake"] = catalog.at("status");
    auto const table = get("synced_tables/main.gold.orders");
    if (table.contains("status")) seen["synced_tables/main.gold.orders"] = table.at("status").at("detailed_state");
  }

  void see_branch(Json const& branch, Json& entry) {
    auto const name = branch.at("name").get<std::string>();
    auto const& status = branch.at("status");
    entry["state"] = status.at("current_state");
    entry["protected"] = status.at("is_protected");
    auto& catalog = expected[branch.at("uid").get<std::string>()];
    if (status.at("current_state") == "DELETED") return;
    entry["schedule"] = get(name + "/snapshot-schedule").value("schedule", Json::array());
    for (auto const& role : get(name + "/roles").value("roles", Json::array())) {
      entry[role.at("name").get<std::string>()] = role.at("status");
      catalog.roles[role.at("status").at("postgres_role")] = role_from(role.at("status"));
    }
    for (auto const& database : get(name + "/databases").value("databases", Json::array())) {
      auto const database_name = database.at("name").get<std::string>();
      entry[database_name] = database.at("status");
      entry[database_name + "/cdf-configs"] = get(database_name + "/cdf-configs").value("cdf_configs", Json::array());
      auto const owner = get(database.at("status").at("role"));
      catalog.databases[database.at("status").at("postgres_database")] = owner.at("status").at("postgres_role");
    }
    for (auto const& endpoint : get(name + "/endpoints").value("endpoints", Json::array())) {
      entry[endpoint.at("name").get<std::string>()] = endpoint.at("status").at("autoscaling_limit_max_cu");
      expected_endpoints.insert(endpoint.at("uid").get<std::string>());
    }
  }

  bool is_working() { return !call("GET", "/emulator/state").body.at("running_operations").empty(); }
  void wait_until_idle() {
    while (is_working()) std::this_thread::sleep_for(1ms);
  }

  // What clients see is what PostgreSQL holds.
  void expect_both_sides_agree(std::string const& when) {
    bool deleted_project = false;
    // What is due after a restart starts by itself, and must not change one side between two looks.
    Json seen;
    Catalogs held;
    std::set<std::string> endpoints;
    do {
      wait_until_idle();
      seen = view();
      held = computes->catalogs();
      endpoints = computes->endpoints();
    } while (is_working() || view() != seen);
    for (auto const& [name, entry] : seen.items())
      deleted_project |= entry.is_object() && entry.value("deleted", false);
    EXPECT_EQ(endpoints, expected_endpoints) << when;
    if (deleted_project) return;
    EXPECT_EQ(held.size(), expected.size()) << when;
    for (auto const& [uid, catalog] : expected) {
      ASSERT_TRUE(held.contains(uid)) << when;
      if (catalog.roles.empty()) continue;  // a deleted branch, which shows nothing
      EXPECT_EQ(held.at(uid).roles, catalog.roles) << when;
      EXPECT_EQ(held.at(uid).databases, catalog.databases) << when;
    }
  }

  // How it looks after each step where nothing goes wrong.
  std::vector<Json> undisturbed() {
    begin(Trouble::none, 0);
    std::vector<Json> views{view()};
    for (auto const& step : hour()) {
      EXPECT_NE(take(step), std::optional{false}) << step.method << " " << step.target;
      views.push_back(view());
      EXPECT_NE(views.back(), views.at(views.size() - 2)) << step.method << " " << step.target << " changes nothing";
      expect_both_sides_agree("after " + step.method + " " + step.target);
    }
    return views;
  }

  // False where the hour has fewer writes.
  bool disturb(Trouble wanted, int at, std::vector<Json> const& views) {
    begin(wanted, at);
    std::size_t i = 0;
    for (; i < hour().size() && !troubled; ++i) {
      auto const& step = hour()[i];
      auto const when = "write " + std::to_string(at) + ", " + step.method + " " + step.target;
      auto const acknowledged = take(step);
      if (!troubled) continue;
      bool const was_told = wanted != Trouble::stop && acknowledged;
      if (was_told) {
        EXPECT_EQ(view(), views[i + *acknowledged]) << when;
      }
      restart();
      // The new life sweeps by itself, perhaps while it is looked at.
      if (step.method == "SWEEP") sweep();
      auto const now_seen = view();
      bool const done = now_seen == views[i + 1];
      EXPECT_TRUE(done || now_seen == views[i]) << when << "\n" << now_seen.dump(1);
      if (was_told) {
        EXPECT_EQ(done, *acknowledged) << when;
      }
      expect_both_sides_agree(when);
      if (!done) {
        EXPECT_NE(take(step), std::optional{false}) << "again: " << when;
      }
      EXPECT_EQ(view(), views[i + 1]) << "again: " << when;
    }
    if (!troubled) return false;
    for (; i < hour().size(); ++i) EXPECT_NE(take(hour()[i]), std::optional{false}) << "write " << at << ", step " << i;
    EXPECT_EQ(view(), views.back());
    return !HasFailure();
  }

  void disturb_all(Trouble wanted, int first) {
    char const* const text = std::getenv("LAKEBASE_FULL_DISK_STRIDE");
    int const stride = text == nullptr ? 23 : std::atoi(text);
    auto const views = undisturbed();
    int count = 0;
    for (int at = first; disturb(wanted, at, views); at += stride) ++count;
    std::cout << count << " of " << writes << " writes\n";
    EXPECT_GT(count, 10);
  }

  // Many times more writes than a disk would take in the time.
  ScratchFolder folder{std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path()};
  WorkspaceOptions options;
  std::unique_ptr<CatalogComputes> computes;
  std::unique_ptr<ControlPlane> plane;
  std::atomic<std::int64_t> now = 0;
  Timekeeper time{[this] { return TimePoint{Duration{now.load()}}; }};

  std::atomic<Trouble> trouble = Trouble::none;
  int trouble_at = 0;
  int writes = 0;
  std::atomic<bool> troubled = false;
  std::string stopped_state;
  Catalogs stopped_catalogs;
  Catalogs expected;
  std::set<std::string> expected_endpoints;
};

TEST_F(FullDiskTest, AWriteThatFails) {
  disturb_all(Trouble::one_write, 1);
}

TEST_F(FullDiskTest, NoWriteSucceedsUntilTheRestart) {
  disturb_all(Trouble::all_writes, 2);
}

TEST_F(FullDiskTest, AStopOfTheMachine) {
  disturb_all(Trouble::stop, 3);
}

}  // namespace
}  // namespace lakebase::emulator::tests
