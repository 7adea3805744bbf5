#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Verdict = LoginDecision::Verdict;

class SqlRolesTest : public ControlPlaneTest {
 protected:
  SqlRolesTest() {
    options.groups = {"team"};
    reopen();
    make_project();
  }

  static std::vector<std::string> row(std::string const& name, std::string const& type) {
    return {name, type, "t", "f", "f", "f", "f"};
  }
  /// As PostgreSQL lists them: the owner, and those that SQL has made.
  void have(std::vector<std::vector<std::string>> rows) {
    rows.push_back(row("developer@example.com", "USER"));
    computes->answer("'databricks_auth' ORDER BY r.oid", std::move(rows));
  }
  std::vector<std::string> ids() {
    std::vector<std::string> all;
    auto const listed = get(std::string{production} + "/roles").body.at("roles");
    for (auto const& role : listed) {
      all.push_back(role.at("role_id").get<std::string>());
    }
    return all;
  }
  static std::string role(std::string const& id) { return std::string{production} + "/roles/" + id; }
  std::size_t looks() const {
    auto const calls = computes->calls();
    return static_cast<std::size_t>(std::count_if(calls.begin(), calls.end(), [](std::string const& call) {
      return call.find("'databricks_auth' ORDER BY") != std::string::npos;
    }));
  }
};

TEST_F(SqlRolesTest, AreResourcesWithTheirIdentity) {
  have({row("Ann.Lee@example.com", "USER"), row("team", "GROUP"),
        row("0b7c1e8a-5f0e-4b61-9c55-0d3f1f6a2b11", "SERVICE_PRINCIPAL")});
  EXPECT_THAT(ids(), ElementsAre("developer", "ann-lee", "team", "sp-0b7c1e8a-5f0e-4b61-9c55-0d3f1f6a2b11"));
  auto const status = get(role("ann-lee")).body.at("status");
  EXPECT_EQ(status.at("postgres_role"), "Ann.Lee@example.com");
  EXPECT_EQ(status.at("identity_type"), "USER");
  EXPECT_EQ(status.at("auth_method"), "LAKEBASE_OAUTH_V1");
  restart();
  EXPECT_EQ(get(role("ann-lee")).status, 200);
}

TEST_F(SqlRolesTest, AreFoundByTheCallThatNamesThem) {
  have({row("ann@example.com", "USER")});
  EXPECT_EQ(get(role("ann")).status, 200);
  have({row("ann@example.com", "USER"), row("bob@example.com", "USER")});
  expect_error(call("POST", std::string{production} + "/roles?role_id=robert",
                    Json{{"spec", {{"postgres_role", "bob@example.com"}, {"identity_type", "USER"}}}}),
               400, "BAD_REQUEST", "role with that name already exists");
  have({});
  finished("DELETE", role("bob"));
  EXPECT_TRUE(computes->has_call_with("DROP ROLE IF EXISTS \"bob@example.com\""));
  EXPECT_EQ(get(role("bob")).status, 404);
}

TEST_F(SqlRolesTest, LogInByAToken) {
  auto const token = call("POST", "credentials", Json{{"endpoint", primary}, {"group_name", "team"}})
                         .body.at("token")
                         .get<std::string>();
  Login const login{uid(primary), "team", "databricks_postgres", token};
  EXPECT_EQ(plane->decide(login).verdict, Verdict::refused);
  have({row("team", "GROUP")});
  EXPECT_EQ(plane->decide(login).verdict, Verdict::trusted);
}

TEST_F(SqlRolesTest, AreGoneWhenSqlDropsThem) {
  have({row("ann@example.com", "USER")});
  EXPECT_THAT(ids(), ElementsAre("developer", "ann"));
  have({});
  EXPECT_THAT(ids(), ElementsAre("developer"));
}

TEST_F(SqlRolesTest, OfUnknownIdentitiesAreNone) {
  options.identities = {{"ann@example.com"}};
  reopen();
  have({row("ann@example.com", "USER"), row("eve@example.com", "USER")});
  EXPECT_THAT(ids(), ElementsAre("developer", "ann"));
}

TEST_F(SqlRolesTest, WakeASleepingComputeOnlyOnce) {
  computes->suspend(uid(primary));
  ids();
  auto const first = looks();
  EXPECT_EQ(first, 1U);
  ids();
  get(role("none"));
  EXPECT_EQ(looks(), first);
  computes->start(uid(primary));
  ids();
  EXPECT_EQ(looks(), first + 1);
}

TEST_F(SqlRolesTest, AreLeftOutIfPostgresCannotBeAsked) {
  computes->fail_at("'databricks_auth' ORDER BY", "PostgreSQL cannot be reached");
  EXPECT_THAT(ids(), ElementsAre("developer"));
}

TEST_F(SqlRolesTest, AreLabelledIfTheApiMakesThem) {
  finished("POST", std::string{production} + "/roles?role_id=ann",
           Json{{"spec", {{"postgres_role", "ann@example.com"}, {"identity_type", "USER"}}}});
  EXPECT_TRUE(computes->has_call_with("'id=1"));
  EXPECT_TRUE(computes->has_call_with(",type=user' FROM pg_catalog.pg_roles r WHERE rolname = 'ann@example.com'"));
}

}  // namespace
}  // namespace lakebase::emulator::tests
