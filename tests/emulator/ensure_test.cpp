// The conveniences of <lakebase/postgres/ensure.hpp> and set_fields against the emulator: that what they compare and
// name is what a server shows and accepts.

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include <lakebase/lakebase.hpp>
#include <lakebase/postgres/ensure.hpp>
#include <lakebase/postgres/names.hpp>
#include <lakebase/testing/emulator.hpp>

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;

/// The major version of PostgreSQL that the project runs, once it is there.
std::optional<std::int64_t> version;

Project shop() {
  return Project{.spec = ProjectSpec{
                     .custom_tags = {{.key = "team", .value = "orders"}},
                     .default_endpoint_settings = ProjectDefaultEndpointSettings{.autoscaling_limit_max_cu = 2.0,
                                                                                 .autoscaling_limit_min_cu = 1.0,
                                                                                 .pg_settings = {{"work_mem", "16384"}},
                                                                                 .suspend_timeout_duration = 300s},
                     .display_name = "Shop",
                     .enable_pg_native_login = true,
                     .history_retention_duration = 72h,
                     .pg_version = version}};
}

// One emulator with one project serves the whole suite: initdb is what takes time.
class EnsureOnEmulator : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    emulator = new testing::Emulator{};
    EXPECT_EQ(ensure_project(client(), shop(), "shop").outcome, EnsureOutcome::created);
    version = client().get_project("projects/shop").status->pg_version;
  }
  static void TearDownTestSuite() {
    delete emulator;
    emulator = nullptr;
  }
  void TearDown() override { emulator->clear_faults(); }

  static PostgresClient client() { return PostgresClient{emulator->config()}; }

  static EnsureOutcome ensure(Branch const& branch, std::string const& id) {
    return ensure_branch(client(), project, branch, id, {.wait = {.timeout = 1min}}).outcome;
  }
  static EnsureOutcome ensure(Endpoint const& endpoint, std::string const& id = "primary") {
    return ensure_endpoint(client(), production, endpoint, id, {.wait = {.timeout = 1min}}).outcome;
  }

  static inline testing::Emulator* emulator = nullptr;
  static inline ProjectName const project{"shop"};
  static inline BranchName const production = project.branch("production");
};

TEST_F(EnsureOnEmulator, LeavesAProjectAloneUntilSomethingDiffers) {
  EXPECT_EQ(ensure_project(client(), shop(), "shop").outcome, EnsureOutcome::unchanged);
  auto wanted = shop();
  wanted.spec->display_name = "The shop";
  wanted.spec->custom_tags = {{.key = "team", .value = "sales"}};
  wanted.spec->default_endpoint_settings->suspend_timeout_duration = std::nullopt;
  wanted.spec->default_endpoint_settings->no_suspension = true;
  auto const changed = ensure_project(client(), wanted, "shop");
  EXPECT_EQ(changed.outcome, EnsureOutcome::updated);
  EXPECT_EQ(changed.resource.status->display_name, "The shop");
  EXPECT_EQ(ensure_project(client(), wanted, "shop").outcome, EnsureOutcome::unchanged);
  EXPECT_EQ(ensure_project(client(), shop(), "shop").outcome, EnsureOutcome::updated);
  wanted.spec->pg_version = version == 16 ? 17 : 16;
  EXPECT_THROW(ensure_project(client(), wanted, "shop"), AlreadyExists);
}

TEST_F(EnsureOnEmulator, MakesABranchOnceAndChangesItsLife) {
  Branch const for_a_day{.spec = BranchSpec{.source_branch = production.to_string(), .ttl = 24h}};
  EXPECT_EQ(ensure(for_a_day, "dev"), EnsureOutcome::created);
  EXPECT_EQ(ensure(for_a_day, "dev"), EnsureOutcome::unchanged);
  Branch const for_ever{.spec = BranchSpec{.is_protected = false, .no_expiry = true}};
  EXPECT_EQ(ensure(for_ever, "dev"), EnsureOutcome::updated);
  EXPECT_EQ(ensure(for_ever, "dev"), EnsureOutcome::unchanged);
  Branch const of_another{.spec = BranchSpec{.no_expiry = true, .source_branch = project.branch("other").to_string()}};
  EXPECT_THROW(ensure(of_another, "dev"), AlreadyExists);
  EXPECT_TRUE(delete_if_exists(client(), project.branch("dev"), {.purge = true}));
  EXPECT_FALSE(delete_if_exists(client(), project.branch("dev"), {.purge = true}));
}

TEST_F(EnsureOnEmulator, FindsTheBranchOfALostAnswer) {
  emulator->inject({.fault = "drop-answer", .method = "POST", .path = "/api/2.0/postgres/projects/shop/branches"});
  EXPECT_EQ(ensure(Branch{.spec = BranchSpec{.ttl = 1h}}, "lost"), EnsureOutcome::created);
  EXPECT_EQ(client().get_branch(project.branch("lost")).status->current_state, BranchStatusState::ready);
}

TEST_F(EnsureOnEmulator, ChangesTheEndpointThatIsThere) {
  Endpoint const wanted{.spec = EndpointSpec{.endpoint_type = EndpointType::read_write,
                                             .autoscaling_limit_max_cu = 4.0,
                                             .autoscaling_limit_min_cu = 2.0,
                                             .settings = EndpointSettings{.pg_settings = {{"work_mem", "32768"}}},
                                             .suspend_timeout_duration = 600s}};
  EXPECT_EQ(ensure(wanted), EnsureOutcome::updated);
  EXPECT_EQ(ensure(wanted), EnsureOutcome::unchanged);
  Endpoint const awake{.spec = EndpointSpec{.no_suspension = true}};
  EXPECT_EQ(ensure(awake), EnsureOutcome::updated);
  EXPECT_EQ(ensure(awake), EnsureOutcome::unchanged);
  Endpoint const read_only{.spec = EndpointSpec{.endpoint_type = EndpointType::read_only}};
  EXPECT_THROW(ensure(read_only), AlreadyExists);
  EXPECT_THROW(ensure(wanted, "second"), BadRequest);
  auto const found = find_read_write_endpoint(client(), production);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, production.endpoint("primary").to_string());
}

TEST_F(EnsureOnEmulator, AcceptsEveryPathOfSetFields) {
  auto project_update = shop();
  project_update.spec->default_branch = production.to_string();
  client().update_project(project, project_update, set_fields(project_update)).wait();
  Branch const branch{.spec = BranchSpec{.is_protected = false, .no_expiry = true}};
  client().update_branch(production, branch, set_fields(branch)).wait();
  Endpoint const endpoint{.spec = EndpointSpec{.autoscaling_limit_max_cu = 2.0,
                                               .autoscaling_limit_min_cu = 2.0,
                                               .disabled = false,
                                               .group = EndpointGroupSpec{.min = 1, .max = 1},
                                               .no_suspension = true,
                                               .settings = EndpointSettings{.pg_settings = {{"work_mem", "8192"}}}}};
  client().update_endpoint(production.endpoint("primary"), endpoint, set_fields(endpoint)).wait();
  Role const role{
      .spec = RoleRoleSpec{.attributes = RoleAttributes{.bypassrls = true, .createdb = true, .createrole = true},
                           .membership_roles = {RoleMembershipRole::databricks_superuser}}};
  auto const owner = *client().list_roles(production).to_vector().at(0).name;
  client().update_role(owner, role, set_fields(role)).wait();
  Database const database{.spec = DatabaseDatabaseSpec{.role = owner, .postgres_database = "databricks_postgres"}};
  client().update_database(production.database("databricks-postgres"), database, set_fields(database)).wait();
}

}  // namespace
}  // namespace lakebase::tests
