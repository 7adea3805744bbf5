#include <sys/stat.h>

#include <fstream>

#include "common/setting_rules.hpp"
#include "data_plane/server/standard_roles.hpp"
#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace fs = std::filesystem;

constexpr char const* host_secret = "a-secret-of-the-host";

struct Attack {
  char const* name;
  /// Each is tried, whatever became of those before. {dir} is a folder that everybody may write to, {secret} a file
  /// that everybody may read, {socket} the folder of the server's socket.
  std::vector<std::string> statements;
};

std::vector<Attack> attacks_on_files() {
  return {
      {"COPY of files",
       {"CREATE TEMP TABLE lines (line text)", "COPY lines FROM '{secret}'", "SELECT line FROM lines",
        "COPY (SELECT 1) TO '{dir}/copied'"}},
      {"COPY of programs",
       {"CREATE TEMP TABLE lines (line text)", "COPY lines FROM PROGRAM 'touch {dir}/program; cat {secret}'",
        "SELECT line FROM lines", "COPY (SELECT 1) TO PROGRAM 'cat > {dir}/program'"}},
      {"COPY with granted roles",
       {"GRANT pg_read_server_files, pg_write_server_files, pg_execute_server_program TO CURRENT_USER",
        "GRANT pg_read_server_files TO CURRENT_USER", "GRANT pg_write_server_files TO CURRENT_USER",
        "GRANT pg_execute_server_program TO CURRENT_USER", "CREATE TEMP TABLE lines (line text)",
        "COPY lines FROM '{secret}'", "COPY lines FROM PROGRAM 'touch {dir}/program; cat {secret}'",
        "SELECT line FROM lines", "COPY (SELECT 1) TO '{dir}/copied'"}},
      {"file functions",
       {"SELECT pg_read_file('{secret}')", "SELECT convert_from(pg_read_binary_file('{secret}'), 'UTF8')",
        "SELECT pg_ls_dir('{dir}')", "SELECT pg_stat_file('{secret}')", "SELECT pg_read_file('pg_hba.conf')",
        "SELECT auth_method FROM pg_hba_file_rules", "SELECT pg_show_all_file_settings()"}},
      {"large objects",
       {"SELECT lo_import('{secret}', 4711)", "SELECT convert_from(lo_get(4711), 'UTF8')", "SELECT lo_create(4712)",
        "SELECT lo_export(4712, '{dir}/exported')", "SET lo_compat_privileges = on"}},
      {"adminpack",
       {"CREATE EXTENSION adminpack", "SELECT pg_file_write('{dir}/written', 'x', false)",
        "SELECT pg_catalog.pg_file_write('{dir}/written', 'x', false)"}},
      {"file_fdw",
       {"CREATE EXTENSION file_fdw", "CREATE FOREIGN DATA WRAPPER file_fdw HANDLER file_fdw_handler",
        "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
        "CREATE FOREIGN TABLE lines (line text) SERVER files OPTIONS (filename '{secret}')", "SELECT line FROM lines",
        "CREATE FOREIGN TABLE run (line text) SERVER files OPTIONS (program 'touch {dir}/program')",
        "SELECT line FROM run"}},
      {"tablespaces",
       {"CREATE TABLESPACE t LOCATION '{dir}'", "SET allow_in_place_tablespaces = on",
        "CREATE TABLESPACE t LOCATION ''", "SET temp_tablespaces = 't'"}},
      {"dictionaries",
       {"CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = synonym, SYNONYMS = '{secret}')",
        "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = synonym, SYNONYMS = '../../../../../..{secret}')",
        "SELECT ts_lexize('d', 'a')", "SET timezone_abbreviations = '{secret}'", "SET timezone = '{secret}'"}},
      {"external entities",
       {"SELECT xmlparse(document '<!DOCTYPE x [<!ENTITY e SYSTEM \"file://{secret}\">]><x>&e;</x>')",
        "SELECT '<!DOCTYPE x [<!ENTITY e SYSTEM \"file://{secret}\">]><x>&e;</x>'::xml"}},
  };
}

std::vector<Attack> attacks_with_code() {
  return {
      {"functions in C",
       {"CREATE FUNCTION run(cstring) RETURNS int AS 'libc.so.6', 'system' LANGUAGE c", "SELECT run('touch {dir}/ran')",
        "CREATE FUNCTION read(text) RETURNS text AS 'pg_read_file_all' LANGUAGE internal", "SELECT read('{secret}')"}},
      {"languages that are made trusted",
       {"UPDATE pg_language SET lanpltrusted = true", "INSERT INTO pg_language SELECT * FROM pg_language",
        "CREATE FUNCTION run(cstring) RETURNS int AS 'libc.so.6', 'system' LANGUAGE c", "SELECT run('touch {dir}/ran')",
        "CREATE TRUSTED LANGUAGE evil HANDLER plpgsql_call_handler", "ALTER LANGUAGE c OWNER TO CURRENT_USER"}},
      {"untrusted languages",
       {"CREATE EXTENSION plperlu", "CREATE EXTENSION plpython3u", "CREATE EXTENSION pltclu", "CREATE EXTENSION plsh",
        "CREATE LANGUAGE plperlu", "CREATE LANGUAGE plpython3u",
        "CREATE FUNCTION p() RETURNS text AS 'open(\"{dir}/ran\", \"w\")' LANGUAGE plpython3u", "SELECT p()",
        "CREATE FUNCTION q() RETURNS text AS 'system(\"touch {dir}/ran\")' LANGUAGE plperlu", "SELECT q()"}},
      {"trusted languages that break out",
       {"CREATE EXTENSION plperl", "SET plperl.on_plperlu_init = 'system(\"touch {dir}/ran\")'",
        "CREATE FUNCTION q() RETURNS text AS 'system(\"touch {dir}/ran\"); `touch {dir}/ran`' LANGUAGE plperl",
        "SELECT q()", "CREATE FUNCTION r() RETURNS text AS 'open(F, \">{dir}/ran\")' LANGUAGE plperl", "SELECT r()",
        "CREATE EXTENSION pltcl", "CREATE FUNCTION s() RETURNS text AS 'exec touch {dir}/ran' LANGUAGE pltcl",
        "SELECT s()", "CREATE FUNCTION t() RETURNS text AS 'open {dir}/ran w' LANGUAGE pltcl", "SELECT t()"}},
      {"libraries",
       {"LOAD '{dir}/library.so'", "LOAD 'dblink'", "LOAD '$libdir/plugins/../dblink'",
        "SET session_preload_libraries = 'dblink'", "SET local_preload_libraries = '{dir}/library'",
        "SET dynamic_library_path = '{dir}'", "SET jit_provider = '{dir}/library'"}},
      {"things made of C functions",
       {"CREATE TYPE t", "CREATE TYPE t (INPUT = int4in, OUTPUT = int4out)",
        "CREATE ACCESS METHOD m TYPE TABLE HANDLER heap_tableam_handler",
        "CREATE OPERATOR CLASS o FOR TYPE int4 USING btree AS STORAGE int4",
        "CREATE TEXT SEARCH TEMPLATE t (LEXIZE = dsimple_lexize)", "CREATE TEXT SEARCH PARSER p (START = prsd_start)",
        "CREATE CAST (int4 AS bytea) WITHOUT FUNCTION",
        "CREATE FUNCTION pg_catalog.f() RETURNS int LANGUAGE sql AS 'SELECT 1'"}},
      {"event triggers",
       {"CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN ALTER ROLE dev SUPERUSER; END'",
        "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION e()",
        "CREATE EVENT TRIGGER e ON login EXECUTE FUNCTION e()"}},
      {"security labels", {"SECURITY LABEL ON ROLE dev IS 'x'", "SECURITY LABEL FOR selinux ON DATABASE den IS 'x'"}},
  };
}

std::vector<Attack> attacks_on_the_server() {
  std::string const to_superuser = "'host={socket} port=5432 user=cloud_admin dbname=postgres'";
  return {
      {"dblink",
       {"CREATE EXTENSION dblink", "SELECT dblink_exec(" + to_superuser + ", 'ALTER ROLE dev SUPERUSER')",
        "SELECT dblink_connect_u(" + to_superuser + ")"}},
      {"postgres_fdw",
       {"CREATE EXTENSION postgres_fdw",
        "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{socket}', dbname 'postgres')",
        "CREATE USER MAPPING FOR dev SERVER s OPTIONS (user 'cloud_admin', password_required 'false')",
        "CREATE FOREIGN TABLE remote (rolname name) SERVER s OPTIONS (schema_name 'pg_catalog', table_name "
        "'pg_authid')",
        "SELECT rolname FROM remote"}},
      {"subscriptions",
       {"GRANT pg_create_subscription TO CURRENT_USER",
        "CREATE SUBSCRIPTION s CONNECTION " + to_superuser + " PUBLICATION p",
        "CREATE SUBSCRIPTION s CONNECTION " + to_superuser + " PUBLICATION p WITH (connect = false)"}},
      {"replication slots",
       {"SELECT pg_create_logical_replication_slot('s', 'test_decoding')",
        "SELECT pg_create_physical_replication_slot('s')", "SELECT pg_replication_origin_create('o')"}},
      {"the configuration",
       {"ALTER SYSTEM SET archive_command = 'touch {dir}/ran'", "ALTER SYSTEM SET work_mem = '1MB'",
        "GRANT ALTER SYSTEM ON PARAMETER archive_command TO dev",
        "GRANT SET ON PARAMETER session_preload_libraries TO dev", "SELECT pg_reload_conf()",
        "SELECT pg_rotate_logfile()", "SELECT set_config('archive_command', 'x', false)"}},
      {"the server's life",
       {"SELECT pg_promote()", "SELECT pg_switch_wal()", "SELECT pg_backup_start('x')", "SELECT pg_start_backup('x')",
        "SELECT pg_create_restore_point('x')", "SELECT pg_wal_replay_pause()",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IS DISTINCT FROM 'dev'", "CHECKPOINT"}},
  };
}

std::vector<Attack> attacks_on_roles() {
  return {
      {"becoming the superuser",
       {"ALTER ROLE dev SUPERUSER", "ALTER ROLE CURRENT_USER SUPERUSER", "CREATE ROLE evil SUPERUSER LOGIN",
        "GRANT cloud_admin TO dev", "CREATE ROLE evil IN ROLE cloud_admin", "SET ROLE cloud_admin",
        "SET SESSION AUTHORIZATION cloud_admin", "SELECT set_config('role', 'cloud_admin', false)",
        "SELECT set_config('session_authorization', 'cloud_admin', false)",
        "SELECT set_config('is_superuser', 'on', false)", "ALTER DATABASE den SET role = cloud_admin",
        "ALTER ROLE dev SET role = cloud_admin"}},
      {"changing the superuser",
       {"ALTER ROLE cloud_admin PASSWORD 'x'", "ALTER ROLE cloud_admin RENAME TO old_admin",
        "ALTER ROLE cloud_admin SET work_mem = '1MB'", "DROP ROLE cloud_admin", "REASSIGN OWNED BY cloud_admin TO dev",
        "DROP OWNED BY cloud_admin", "ALTER ROLE ALL SET work_mem = '1MB'"}},
      {"changing the catalog",
       {"UPDATE pg_authid SET rolsuper = true", "INSERT INTO pg_auth_members SELECT * FROM pg_auth_members",
        "UPDATE pg_proc SET proacl = NULL", "DELETE FROM pg_db_role_setting",
        "ALTER TABLE pg_authid DISABLE TRIGGER ALL", "SET allow_system_table_mods = on",
        "UPDATE pg_catalog.pg_database SET datdba = 16384"}},
      {"work in the superuser's name",
       {"CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS "
        "'BEGIN ALTER ROLE dev SUPERUSER; RETURN 1; END'",
        "ALTER FUNCTION f() OWNER TO cloud_admin", "SELECT f()", "CREATE SCHEMA s AUTHORIZATION cloud_admin",
        "CREATE DATABASE theirs OWNER cloud_admin", "ALTER DATABASE postgres OWNER TO dev",
        "ALTER DATABASE template1 OWNER TO dev", "ALTER DATABASE postgres RENAME TO mine"}},
      {"replication", {"ALTER ROLE dev REPLICATION", "CREATE ROLE evil REPLICATION LOGIN"}},
  };
}

std::string replaced(std::string text, std::string const& from, std::string const& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// `dev` is what the control plane makes the owner of a project; what it does, any other role can do less of.
class EscapeTest : public DataPlaneTest {
 protected:
  void SetUp() override {
    DataPlaneTest::SetUp();
    ASSERT_EQ(::chmod(open_.path().c_str(), 0777), 0);
    std::ofstream{file()} << host_secret << "\n";
    ASSERT_EQ(::chmod(file().c_str(), 0644), 0);
    plane().execute("main", "postgres",
                    {"CREATE ROLE dev LOGIN CREATEDB CREATEROLE BYPASSRLS", "GRANT databricks_superuser TO dev",
                     "CREATE DATABASE den OWNER dev", "CREATE ROLE other LOGIN"});
    socket_ = value("SHOW unix_socket_directories");
    version_ = std::stoi(value("SHOW server_version_num")) / 10000;
  }

  std::string file() const { return open_.path() / "host_secret"; }
  PqConnection log_in(std::string const& role = "dev") {
    return PqConnection{conninfo(host_, "user=" + role + " dbname=den")};
  }
  std::string value(std::string const& sql) { return plane().execute("main", "den", {sql}).at(0).at(0); }
  std::vector<std::string> column(std::string const& sql) {
    std::vector<std::string> values;
    for (auto const& row : plane().execute("main", "den", {sql})) values.push_back(row.at(0));
    return values;
  }

  void try_out(Attack const& attack) {
    SCOPED_TRACE(attack.name);
    auto session = log_in();
    ASSERT_TRUE(session.ok()) << session.error();
    for (std::string statement : attack.statements) {
      statement = replaced(replaced(statement, "{dir}", open_.path()), "{secret}", file());
      auto const answer = session.run(replaced(statement, "{socket}", socket_));
      EXPECT_THAT(answer.value, Not(HasSubstr(host_secret))) << statement;
      if (PQstatus(session.get()) != CONNECTION_OK) session = log_in();
    }
    EXPECT_EQ(session.value("SELECT session_user"), "dev") << session.error();
    EXPECT_EQ(session.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"), "f") << session.error();
    EXPECT_EQ(session.value("SHOW is_superuser"), "off");
    EXPECT_THAT(files(), testing::ElementsAre("host_secret"));
  }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (auto const& entry : fs::directory_iterator{open_.path()}) names.push_back(entry.path().filename());
    return names;
  }

  /// What no attack may have left behind.
  void expect_order() {
    EXPECT_THAT(column("SELECT rolname FROM pg_roles WHERE rolsuper AND rolname !~ '^pg_'"),
                testing::ElementsAre("cloud_admin"));
    EXPECT_THAT(column("SELECT rolname FROM pg_roles WHERE (rolcanlogin OR rolreplication) AND rolsuper"),
                testing::ElementsAre("cloud_admin"));
    for (std::string const& role : column("SELECT DISTINCT roleid::regrole::text FROM pg_auth_members")) {
      EXPECT_NE(predefined_role_use(role), PredefinedRoleUse::refused) << role;
    }
    EXPECT_THAT(column("SELECT lanname FROM pg_language WHERE NOT lanpltrusted ORDER BY 1"),
                testing::ElementsAre("c", "internal"));
    EXPECT_THAT(column("SELECT p.proname FROM pg_proc p JOIN pg_language l ON l.oid = prolang "
                       "WHERE NOT lanpltrusted AND proowner <> 10"),
                IsEmpty());
    EXPECT_THAT(column("SELECT e.extname FROM pg_extension e JOIN pg_available_extension_versions v "
                       "ON v.name = e.extname AND v.version = e.extversion WHERE NOT v.trusted"),
                IsEmpty());
    for (char const* catalog : {"pg_foreign_data_wrapper", "pg_subscription", "pg_publication",
                                "pg_replication_slots WHERE slot_name <> 'lakebase_history'",
                                "pg_event_trigger WHERE evtowner <> 10", "pg_seclabels"}) {
      EXPECT_EQ(value(std::string{"SELECT count(*) FROM "} + catalog), "0") << catalog;
    }
    EXPECT_EQ(value("SELECT count(*) FROM pg_tablespace"), "2");
    EXPECT_EQ(value("SELECT count(*) FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'"), "0");
  }

  TemporaryFolder open_;
  std::string socket_;
  int version_ = 0;
};

TEST_F(EscapeTest, NoFileFunctionReachesTheHost) {
  for (Attack const& attack : attacks_on_files()) try_out(attack);
  expect_order();
}

TEST_F(EscapeTest, NoLanguageAndNoLibraryRunsAProgram) {
  for (Attack const& attack : attacks_with_code()) try_out(attack);
  expect_order();
}

TEST_F(EscapeTest, NoStatementReachesTheServerOrConnectsBackToIt) {
  for (Attack const& attack : attacks_on_the_server()) try_out(attack);
  expect_order();
}

TEST_F(EscapeTest, NobodyBecomesOrChangesTheSuperuser) {
  for (Attack const& attack : attacks_on_roles()) try_out(attack);
  expect_order();
}

TEST_F(EscapeTest, NoPredefinedRoleThatTheServiceDoesNotGiveCanBeHad) {
  auto const roles = column("SELECT rolname FROM pg_roles WHERE rolname LIKE 'pg\\_%'");
  EXPECT_GT(roles.size(), 10U);
  for (std::string const& role : roles) {
    auto const use = predefined_role_use(role);
    ASSERT_TRUE(use) << role << " is not decided";
    if (*use == PredefinedRoleUse::refused || *use == PredefinedRoleUse::implicit) {
      try_out({role.c_str(),
               {"GRANT " + role + " TO dev", "GRANT " + role + " TO dev WITH ADMIN OPTION", "SET ROLE " + role,
                "CREATE ROLE evil IN ROLE " + role, "ALTER GROUP " + role + " ADD USER dev",
                "GRANT " + role + " TO databricks_superuser", "ALTER ROLE " + role + " LOGIN PASSWORD 'x'",
                "ALTER ROLE " + role + " RENAME TO evil", "DROP ROLE " + role}});
      EXPECT_EQ(value("SELECT count(*) FROM pg_auth_members WHERE roleid = '" + role + "'::regrole"), "0") << role;
    }
    EXPECT_FALSE(log_in(role).ok()) << role;
  }
  EXPECT_FALSE(log_in("cloud_admin").ok());
  EXPECT_FALSE(log_in("databricks_superuser").ok());
  expect_order();
}

TEST_F(EscapeTest, AnotherRoleOfTheBranchIsOutOfReachFromPostgres16On) {
  auto session = log_in();
  for (char const* statement :
       {"GRANT other TO dev", "ALTER ROLE other PASSWORD 'x'", "ALTER ROLE other RENAME TO mine",
        "ALTER ROLE other SET work_mem = '1MB'", "DROP ROLE other", "SET ROLE other",
        "ALTER ROLE databricks_superuser LOGIN", "DROP ROLE databricks_superuser"}) {
    auto const answer = session.run(statement);
    if (version_ >= 16) {
      EXPECT_EQ(answer.sqlstate, "42501") << statement;
    }
  }
  if (version_ >= 16) {
    EXPECT_EQ(session.value("SELECT current_user"), "dev");
  }
  EXPECT_NE(session.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"), "t");
}

TEST_F(EscapeTest, NoExtensionThatIsNotTrustedCanBeMade) {
  auto session = log_in();
  auto const untrusted = column(
      "SELECT DISTINCT name FROM pg_available_extension_versions v WHERE NOT EXISTS (SELECT FROM "
      "pg_available_extension_versions t WHERE t.name = v.name AND t.trusted)");
  for (std::string const& name : untrusted) {
    EXPECT_NE(session.run("CREATE EXTENSION \"" + name + "\" CASCADE").error, "") << name;
  }
  expect_order();
}

TEST_F(EscapeTest, NoSettingThatIsRefusedToAnEndpointCanBeMadeBySql) {
  auto session = log_in();
  for (auto const& row : plane().execute("main", "den", {"SELECT name, setting, context FROM pg_settings"})) {
    if (row.at(2) == "user" || setting_decision(row.at(0)) == SettingDecision::accepted) continue;
    std::string const set = " SET " + row.at(0) + " = '" + row.at(1) + "'";
    for (std::string const& before : {std::string{}, std::string{"ALTER ROLE dev"}, std::string{"ALTER DATABASE den"},
                                      std::string{"ALTER SYSTEM"}}) {
      EXPECT_NE(session.run(before + set).error, "") << before << set;
    }
  }
  expect_order();
}

}  // namespace
}  // namespace lakebase::emulator
