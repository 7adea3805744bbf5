#include "common/setting_rules.hpp"

#include <set>

#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

using testing::HasSubstr;

std::string refusal(std::string const& name, std::string const& value = "1") {
  try {
    check_setting_names({{name, value}});
    return "none";
  } catch (DataPlaneError const& error) {
    return error.sqlstate() + " " + error.what();
  }
}

TEST(SettingRules, RefuseWhatRunsCodeNamesFilesOrCanDamageTheData) {
  for (char const* name : {"archive_cleanup_command",
                           "archive_command",
                           "archive_library",
                           "recovery_end_command",
                           "restore_command",
                           "session_preload_libraries",
                           "shared_preload_libraries",
                           "local_preload_libraries",
                           "dynamic_library_path",
                           "extension_control_path",
                           "jit_provider",
                           "oauth_validator_libraries",
                           "ssl_passphrase_command",
                           "data_directory",
                           "hba_file",
                           "log_directory",
                           "log_file_mode",
                           "unix_socket_directories",
                           "jit_dump_bitcode",
                           "allow_system_table_mods",
                           "zero_damaged_pages",
                           "ignore_system_indexes",
                           "fsync",
                           "session_replication_role",
                           "log_statement",
                           "log_min_duration_statement",
                           "log_min_messages",
                           "post_auth_delay",
                           "pre_auth_delay",
                           "superuser_reserved_connections",
                           "synchronous_standby_names",
                           "track_activities",
                           "role",
                           "session_authorization",
                           "transaction_read_only",
                           "server_version"}) {
    EXPECT_THAT(refusal(name), HasSubstr("55P02 parameter \"" + std::string{name} + "\" cannot be changed: "));
  }
}

TEST(SettingRules, AcceptWhatASessionCouldSetAndWhatIsAboutSpeed) {
  for (char const* name : {"work_mem", "statement_timeout", "default_transaction_read_only", "search_path", "TimeZone",
                           "DateStyle", "jit", "transaction_timeout", "shared_buffers", "max_locks_per_transaction",
                           "autovacuum_naptime", "random_page_cost"}) {
    EXPECT_EQ(refusal(name), "none");
  }
}

TEST(SettingRules, DoNotDependOnTheCaseOfLetters) {
  EXPECT_EQ(refusal("Work_Mem"), "none");
  EXPECT_THAT(refusal("FSYNC"), HasSubstr("55P02"));
  EXPECT_THAT(refusal("PlPerl.On_Init"), HasSubstr("55P02"));
}

TEST(SettingRules, RefuseANameThatIsThereTwice) {
  try {
    check_setting_names({{"work_mem", "5MB"}, {"jit", "off"}, {"Work_Mem", "6MB"}});
    FAIL();
  } catch (DataPlaneError const& error) {
    EXPECT_EQ(error.sqlstate(), "42601");
    EXPECT_THAT(error.what(), HasSubstr("parameter \"work_mem\" is there twice, as \"Work_Mem\" too"));
  }
}

TEST(SettingRules, BoundWhatACommandLineMustHold) {
  EXPECT_EQ(refusal("app.text", std::string(longest_setting - 8, 'x')), "none");
  EXPECT_THAT(refusal("app.text", std::string(longest_setting - 7, 'x')),
              HasSubstr("22023 invalid value for parameter"));
  EXPECT_THAT(refusal("app." + std::string(300'000, 'x')), HasSubstr("42602"));
  EXPECT_LT(refusal("app." + std::string(300'000, 'x')).size(), 300U);
  std::map<std::string, std::string> many;
  for (int number = 0; number < 40; ++number) many["app.n" + std::to_string(number)] = std::string(8000, 'x');
  EXPECT_THROW(check_setting_names(many), DataPlaneError);
}

TEST(SettingRules, DecideAModulesSettingsByItsName) {
  for (char const* name : {"plpgsql.extra_warnings", "pg_trgm.similarity_threshold", "hnsw.ef_search", "app.tenant"}) {
    EXPECT_EQ(refusal(name), "none");
  }
  for (char const* name : {"plperl.on_init", "pltcl.start_proc", "basebackup_to_shell.command",
                           "basic_archive.archive_directory", "auth_delay.milliseconds"}) {
    EXPECT_THAT(refusal(name), HasSubstr("55P02"));
  }
}

TEST(SettingRules, AreAnAllowList) {
  EXPECT_EQ(refusal("no_such_setting"), "42704 unrecognized configuration parameter \"no_such_setting\"");
  EXPECT_EQ(refusal("no_such_module.setting"), "42704 unrecognized configuration parameter \"no_such_module.setting\"");
}

/// What a session could set, but an endpoint's settings must not hold.
bool is_exception(std::string const& name) {
  static std::set<std::string> const names = {"local_preload_libraries", "transaction_isolation",
                                              "transaction_read_only", "transaction_deferrable"};
  return names.contains(name);
}

class SettingsOfPostgresTest : public DataPlaneTest {
 protected:
  /// Name, context and value of all settings, those of the modules that come with PostgreSQL too.
  std::vector<std::vector<std::string>> all() {
    for (char const* module :
         {"auto_explain", "auth_delay", "basebackup_to_shell", "basic_archive", "isn", "passwordcheck", "pg_prewarm",
          "pg_stat_statements", "pg_trgm", "pgcrypto", "plperl", "plpgsql", "pltcl", "postgres_fdw"}) {
      try {
        plane().execute("main", "postgres", {"LOAD '" + std::string{module} + "'"});
        loaded_ += "LOAD '" + std::string{module} + "'; ";
      } catch (DataPlaneError const&) {
        // It is not installed, or only loads at the start of the server.
      }
    }
    return plane().execute("main", "postgres", {loaded_ + "SELECT name, context, setting FROM pg_settings"});
  }

  std::string loaded_;
};

TEST_F(SettingsOfPostgresTest, AreAllDecided) {
  auto const settings = all();
  EXPECT_GT(settings.size(), 340U);
  for (auto const& row : settings) {
    auto const decision = setting_decision(row.at(0));
    ASSERT_TRUE(decision) << row.at(0) << " (" << row.at(1) << ")";
    bool const dotted = row.at(0).find('.') != std::string::npos;
    if (row.at(1) == "user" && !is_exception(row.at(0)) && !dotted) {
      EXPECT_EQ(*decision, SettingDecision::accepted) << row.at(0);
    }
    if (row.at(1) == "internal" || is_exception(row.at(0))) {
      EXPECT_NE(*decision, SettingDecision::accepted) << row.at(0);
    }
  }
}

TEST_F(SettingsOfPostgresTest, AreTakenWhereTheyAreAcceptedAndRefusedElse) {
  ComputeSettings accepted;
  for (auto const& row : all()) {
    std::string const& name = row.at(0);
    if (setting_decision(name) == SettingDecision::accepted) {
      accepted.pg_settings[name] = row.at(2);
    } else {
      EXPECT_THROW(plane().update_endpoint("primary", {.pg_settings = {{name, row.at(2)}}}), DataPlaneError) << name;
    }
  }
  EXPECT_GT(accepted.pg_settings.size(), 200U);
  EXPECT_NO_THROW(plane().update_endpoint("primary", accepted));
  EXPECT_TRUE(connect().ok());
}

}  // namespace
}  // namespace lakebase::emulator
