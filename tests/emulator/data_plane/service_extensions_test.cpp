#include "data_plane/folders/service_extensions.hpp"

#include <filesystem>
#include <fstream>

#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr char const* principal = "0b7c1e8a-5f0e-4b61-9c55-0d3f1f6a2b11";

/// `dev` is what the control plane makes the owner of a project.
class ServiceExtensionsTest : public DataPlaneTest {
 protected:
  void SetUp() override {
    DataPlaneTest::SetUp();
    plane().execute("main", "postgres",
                    {"CREATE ROLE dev LOGIN CREATEDB CREATEROLE BYPASSRLS", "GRANT databricks_superuser TO dev",
                     "CREATE DATABASE den OWNER dev", "CREATE ROLE plain LOGIN"});
  }
  PqConnection log_in(std::string const& role = "dev") {
    return PqConnection{conninfo(host_, "user=" + role + " dbname=den")};
  }
  std::string value(std::string const& sql) { return plane().execute("main", "den", {sql}).at(0).at(0); }
  int version() { return std::stoi(value("SHOW server_version_num")) / 10000; }
};

TEST_F(ServiceExtensionsTest, DatabricksAuthMakesRolesOfIdentities) {
  auto session = log_in();
  EXPECT_EQ(session.run("CREATE EXTENSION IF NOT EXISTS databricks_auth").error, "") << logged();
  EXPECT_EQ(session.run("CREATE EXTENSION IF NOT EXISTS databricks_auth").error, "");
  EXPECT_EQ(session.run("CREATE EXTENSION databricks_auth").sqlstate, "42710");
  EXPECT_EQ(session.value("SELECT databricks_create_role('ann@example.com', 'USER')"), "ann@example.com");
  EXPECT_EQ(session.value(std::string{"SELECT databricks_create_role('"} + principal + "', 'SERVICE_PRINCIPAL')"),
            principal);
  EXPECT_EQ(session.value("SELECT databricks_create_role('data team', 'GROUP')"), "data team");
  EXPECT_EQ(session.value("SELECT string_agg(role_name || ' is a ' || identity_type, ', ') FROM databricks_list_roles"),
            std::string{principal} + " is a service_principal, ann@example.com is a user, data team is a group");
  EXPECT_THAT(value("SELECT label FROM pg_seclabels WHERE objname = '\"ann@example.com\"'"),
              testing::MatchesRegex("id=[0-9]{16},type=user"));
  EXPECT_EQ(value("SELECT rolcanlogin AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR "
                  "rolreplication) FROM pg_roles WHERE rolname = 'ann@example.com'"),
            "t");
  EXPECT_EQ(session.run("GRANT CREATE ON SCHEMA public TO \"ann@example.com\"").error, "");
  EXPECT_EQ(session.run("REVOKE CREATE ON SCHEMA public FROM \"ann@example.com\"").error, "");
  EXPECT_EQ(session.run("DROP ROLE \"ann@example.com\"").error, "");
  EXPECT_EQ(session.value("SELECT count(*) FROM databricks_list_roles"), "2");
  EXPECT_EQ(value("SELECT count(*) FROM pg_shseclabel"), "2");
}

TEST_F(ServiceExtensionsTest, DatabricksAuthRefusesInTheServicesWords) {
  auto session = log_in();
  session.run("CREATE EXTENSION databricks_auth");
  auto const refused = [](PqConnection& by, std::string const& arguments) {
    return by.run("SELECT databricks_create_role(" + arguments + ")");
  };
  EXPECT_THAT(refused(session, "'nobody', 'USER'").error, HasSubstr("Identity 'nobody' not found"));
  EXPECT_THAT(refused(session, "'nobody', 'SERVICE_PRINCIPAL'").error, HasSubstr("Identity 'nobody' not found"));
  EXPECT_THAT(refused(session, "'a@b.c', 'ROBOT'").error, HasSubstr("invalid identity type \"ROBOT\""));
  EXPECT_EQ(refused(session, "'cloud_admin', 'GROUP'").sqlstate, "42710");
  EXPECT_EQ(refused(session, "'pg_monitor', 'GROUP'").sqlstate, "42939");
  auto plain = log_in("plain");
  EXPECT_EQ(refused(plain, "'a@b.c', 'USER'").sqlstate, "42501");
  EXPECT_EQ(plain.run("SECURITY LABEL FOR databricks_auth ON ROLE plain IS 'type=user'").sqlstate, "22023");
  EXPECT_EQ(session.run("SET ROLE databricks_superuser").error, "");
  EXPECT_EQ(refused(session, "'a@b.c', 'USER'").sqlstate, "42501") << "the role that is set decides";
  EXPECT_EQ(value("SELECT count(*) FROM pg_shseclabel"), "0");
}

TEST_F(ServiceExtensionsTest, LakebaseSearchIsRefusedWithWhatStandsNearest) {
  auto session = log_in();
  for (char const* name : {"lakebase_vector", "lakebase_text"}) {
    for (char const* more : {"", " CASCADE"}) {
      auto const refused = session.run(std::string{"CREATE EXTENSION IF NOT EXISTS "} + name + more);
      EXPECT_EQ(refused.sqlstate, "0A000");
      EXPECT_THAT(refused.error, AllOf(HasSubstr(name), HasSubstr("Lakebase Search"), HasSubstr("HINT"),
                                       HasSubstr("CREATE EXTENSION vector")));
    }
  }
}

TEST_F(ServiceExtensionsTest, ThoseOfTheInstallationThatTheServiceHasCanBeMade) {
  auto session = log_in();
  auto const all = plane().execute("main", "den",
                                   {"SELECT DISTINCT name FROM pg_available_extension_versions WHERE trusted AND name "
                                    "!~ '^lakebase_|plpgsql|plperl|plpython|pltcl'"});
  EXPECT_GT(all.size(), 1U);
  for (auto const& row : all) {
    EXPECT_EQ(session.run("CREATE EXTENSION IF NOT EXISTS \"" + row.at(0) + "\" CASCADE").error, "") << row.at(0);
  }
  for (char const* untrusted : {"dblink", "file_fdw", "postgres_fdw"}) {
    EXPECT_NE(session.run(std::string{"CREATE EXTENSION "} + untrusted).error, "");
  }
}

TEST_F(ServiceExtensionsTest, StatementsAreCountedButForTheEmulatorsOwn) {
  if (value("SHOW shared_preload_libraries").empty()) GTEST_SKIP() << "the installation has no pg_stat_statements";
  auto session = log_in();
  ASSERT_EQ(session.run("CREATE EXTENSION pg_stat_statements").error, "");
  session.value("SELECT 4711 AS mine");
  EXPECT_EQ(session.value("SELECT calls FROM pg_stat_statements WHERE query = 'SELECT $1 AS mine'"), "1");
  EXPECT_EQ(session.value("SELECT count(*) FROM pg_stat_statements WHERE userid = 'cloud_admin'::regrole"), "0");
}

TEST_F(ServiceExtensionsTest, LogicalReplicationIsRefusedAndInNoDump) {
  auto session = log_in();
  for (char const* statement : {"CREATE PUBLICATION p", "CREATE PUBLICATION p FOR ALL TABLES",
                                "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p"}) {
    auto const refused = session.run(statement);
    EXPECT_EQ(refused.sqlstate, "0A000") << statement;
    EXPECT_THAT(refused.error, HasSubstr("logical replication is disabled in Lakebase"));
  }
  EXPECT_EQ(session.value("SELECT count(*) FROM pg_event_trigger e WHERE NOT EXISTS (SELECT FROM pg_depend WHERE "
                          "classid = 'pg_event_trigger'::regclass AND objid = e.oid AND deptype = 'e')"),
            "0");
  EXPECT_NE(session.run("DROP EVENT TRIGGER lakebase_refuse_replication").error, "");
  EXPECT_NE(session.run("DROP EXTENSION plpgsql CASCADE").error, "");
}

TEST_F(ServiceExtensionsTest, EveryMemberOfDatabricksSuperuserHasAllRightsOnTheSchemaPublic) {
  plane().execute("main", "postgres", {"GRANT databricks_superuser TO plain"});
  auto session = log_in("plain");
  EXPECT_EQ(session.run("CREATE TABLE public.mine (id int)").error, "");
  EXPECT_EQ(session.run("GRANT USAGE ON SCHEMA public TO dev").error, "");
}

TEST_F(ServiceExtensionsTest, AStandbyAndACopyHaveThemToo) {
  log_in().run("CREATE EXTENSION databricks_auth");
  log_in().run("SELECT databricks_create_role('ann@example.com', 'USER')");
  plane().copy_branch("main", "copy");
  EXPECT_EQ(plane().execute("copy", "den", {"SELECT role_name FROM databricks_list_roles"}).at(0).at(0),
            "ann@example.com");
  std::string const reader = plane().add_endpoint("reader", "main", {.read_only = true});
  PqConnection session{conninfo(reader, "user=dev dbname=den")};
  EXPECT_EQ(session.value("SELECT role_name FROM databricks_list_roles"), "ann@example.com") << session.error();
}

TEST_F(ServiceExtensionsTest, ServersRunWithoutThemIfTheFolderCannotBeMade) {
  plane_.reset();
  std::ofstream{root_.path() / "in-the-way"};
  fs::remove_all(root_.path() / "extensions");
  fs::create_symlink(root_.path() / "in-the-way", root_.path() / "extensions");
  start_data_plane();
  EXPECT_EQ(log_in().value("SELECT 1"), "1");
  EXPECT_THAT(logged(), HasSubstr("runs without databricks_auth"));
  EXPECT_THAT(log_in().run("CREATE EXTENSION databricks_auth").error, HasSubstr("not available"));
}

TEST_F(ServiceExtensionsTest, ThePostgresAccountCanReadTheirFolderOnly) {
  for (auto const& entry : fs::recursive_directory_iterator{root_.path() / "extensions"}) {
    if (entry.is_symlink()) continue;
    EXPECT_EQ(entry.status().permissions() & (fs::perms::group_write | fs::perms::others_write), fs::perms::none)
        << entry.path();
  }
}

}  // namespace
}  // namespace lakebase::emulator
