#include "data_plane/server/standard_roles.hpp"

#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

class StandardRolesTest : public DataPlaneTest {
 protected:
  std::vector<std::string> column(std::string const& sql) {
    std::vector<std::string> values;
    for (auto const& row : plane().execute("main", "postgres", {sql})) values.push_back(row.at(0));
    return values;
  }

  /// As an earlier emulator, or somebody who broke out of one, left the branch.
  void spoil() {
    plane().execute("main", "postgres",
                    {"UPDATE pg_authid SET rolsuper = false WHERE rolname LIKE 'pg\\_%'",
                     "GRANT pg_execute_server_program, pg_signal_backend TO alice WITH ADMIN OPTION",
                     "GRANT cloud_admin TO alice", "CREATE ROLE evil SUPERUSER REPLICATION LOGIN",
                     "ALTER ROLE databricks_superuser LOGIN CREATEDB CREATEROLE BYPASSRLS PASSWORD 'x'",
                     "REVOKE pg_read_all_data FROM databricks_superuser"});
  }

  void expect_order() {
    EXPECT_THAT(column("SELECT rolname FROM pg_roles WHERE rolsuper AND rolname !~ '^pg_'"),
                testing::ElementsAre("cloud_admin"));
    EXPECT_THAT(column("SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'alice'::regrole"),
                testing::ElementsAre("databricks_superuser"));
    EXPECT_THAT(
        column("SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'databricks_superuser'::regrole "
               "ORDER BY 1"),
        testing::ElementsAre("pg_monitor", "pg_read_all_data", "pg_write_all_data"));
    EXPECT_THAT(column("SELECT rolcanlogin OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles "
                       "WHERE rolname = 'databricks_superuser'"),
                testing::ElementsAre("f"));
    auto session = connect();
    EXPECT_EQ(session.value("SELECT current_user"), "alice") << session.error();
    EXPECT_EQ(session.run("COPY (SELECT 1) TO PROGRAM 'true'").sqlstate, "42501");
  }
};

TEST_F(StandardRolesTest, ArePutInOrderWhenABranchIsOpened) {
  spoil();
  plane_.reset();
  start_data_plane();
  expect_order();
}

TEST_F(StandardRolesTest, ArePutInOrderBeforeAStandbyReadsThem) {
  spoil();
  plane_.reset();
  plane_ = std::make_unique<DataPlane>(options());
  std::string const reader = plane().add_endpoint("reader", "main", {.read_only = true});
  PqConnection session{conninfo(reader)};
  EXPECT_EQ(session.run("COPY (SELECT 1) TO PROGRAM 'true'").sqlstate, "42501") << session.error();
}

TEST_F(StandardRolesTest, ArePutInOrderInACopyToo) {
  spoil();
  plane().copy_branch("main", "copy");
  EXPECT_EQ(
      plane().execute("copy", "postgres",
                      {"SELECT count(*) FROM pg_auth_members WHERE roleid = 'pg_execute_server_program'::regrole"}),
      (std::vector<std::vector<std::string>>{{"0"}}));
}

TEST_F(StandardRolesTest, ComeBackWhenOneIsMissing) {
  for (char const* database : {"template1", "app", "postgres"}) {
    plane().execute("main", database, {"DROP OWNED BY databricks_superuser"});
  }
  plane().execute("main", "postgres", {"DROP ROLE databricks_superuser"});
  plane_.reset();
  start_data_plane();
  EXPECT_EQ(plane().execute("main", "postgres", {"GRANT databricks_superuser TO alice", "SELECT 1"}).size(), 1U);
  expect_order();
}

}  // namespace
}  // namespace lakebase::emulator
