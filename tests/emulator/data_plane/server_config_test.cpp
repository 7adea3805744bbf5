#include "data_plane/server/server_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/setting_rules.hpp"
#include "common/sql_quoting.hpp"
#include "data_plane/data_plane.hpp"

namespace lakebase::emulator {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ServerConfig, QuotesValues) {
  ServerConfig config;
  config.socket_directory = "/tmp/it's, here";
  config.pg_settings = {{"work_mem", "8MB"}, {"app.text", "a'b\\c\nd"}};
  EXPECT_THAT(config.arguments("/data"), testing::Contains("unix_socket_directories=\"/tmp/it's, here\""));
  EXPECT_THAT(config.postgresql_conf(), HasSubstr("work_mem = '8MB'\n"));
  EXPECT_THAT(config.postgresql_conf(), HasSubstr("app.text = 'a''b\\\\c\\nd'\n"));
  EXPECT_THAT(config.postgresql_conf(), Not(HasSubstr("primary_conninfo")));
}

TEST(ServerConfig, FixesByArgumentsWhatNoEndpointCanChange) {
  auto const words = ServerConfig{}.arguments("/data");
  EXPECT_THAT(words, testing::Contains("hba_file=/data/pg_hba.conf"));
  for (std::size_t i = 0; i < words.size(); i += 2) {
    EXPECT_EQ(words[i], "-c");
    std::string const name = words.at(i + 1).substr(0, words.at(i + 1).find('='));
    EXPECT_NE(setting_decision(name).value_or(SettingDecision::accepted), SettingDecision::accepted) << name;
  }
}

TEST(NamesInConf, AreThoseOfItsSettings) {
  EXPECT_THAT(names_in_conf("# a comment\nport = 1\n\n  jit='on' # so\nwork_mem 5MB"),
              testing::ElementsAre("port", "jit", "work_mem"));
  EXPECT_EQ(names_in_conf(std::string(1000, '\n') + "a=1").size(), 1U);
}

TEST(ServerConfig, SetsOnlyWhatItsMajorVersionKnows) {
  ServerConfig config;
  for (int const version : {14, 17, 18}) {
    config.version = version;
    bool const sets = config.postgresql_conf().find("io_method = sync\n") != std::string::npos;
    EXPECT_EQ(sets, version >= 18) << version;
  }
}

TEST(ServerConfig, LetsTheSuperuserInByTheAccountThatConnects) {
  EXPECT_THAT(pg_hba_conf(), testing::StartsWith("local all cloud_admin peer map=emulator\n"));
  EXPECT_THAT(pg_hba_conf(), HasSubstr("local replication cloud_admin peer map=standby\n"));
  EXPECT_EQ(pg_ident_conf("root", "postgres"), "emulator \"root\" cloud_admin\nstandby \"postgres\" cloud_admin\n");
}

TEST(ServerConfig, CoversWhatAStandbyMustNotHaveLess) {
  ServerConfig primary;
  primary.max_connections = 300;
  primary.pg_settings = {{"Max_Locks_Per_Transaction", "200"}, {"max_worker_processes", "4"}};
  ServerConfig standby;
  standby.max_connections = 100;
  standby.pg_settings = {{"max_worker_processes", "6"}};
  standby.cover(primary);
  EXPECT_EQ(standby.max_connections, 300);
  EXPECT_EQ(standby.pg_settings["max_locks_per_transaction"], "200");
  EXPECT_EQ(standby.pg_settings["max_worker_processes"], "6");
  standby.max_connections = 500;
  standby.cover(primary);
  EXPECT_EQ(standby.max_connections, 500);
}

TEST(ServerConfig, CoversTheDefaultsOfThePrimary) {
  ServerConfig primary;
  ServerConfig standby;
  standby.pg_settings = {{"max_worker_processes", "2"}};
  standby.cover(primary);
  EXPECT_EQ(standby.pg_settings["max_worker_processes"], "8");
}

TEST(CheckSettingNames, RefusesNamesThatAreNone) {
  for (char const* name : {"", "a b", "a=b", "x\nfsync"}) {
    EXPECT_THROW(check_setting_names({{name, "1"}}), DataPlaneError) << name;
  }
  EXPECT_NO_THROW(check_setting_names({{"auto_explain.log_min_duration", "1"}}));
}

TEST(CheckSettingNames, RefusesWhatTheEmulatorSets) {
  EXPECT_THROW(check_setting_names({{"Listen_Addresses", "*"}}), DataPlaneError);
}

TEST(Quoting, SurvivesPostgresRules) {
  EXPECT_EQ(quote_identifier("al\"ice"), "\"al\"\"ice\"");
  EXPECT_EQ(quote_literal("o'clock"), "'o''clock'");
  EXPECT_EQ(quote_literal("a\\b"), " E'a\\\\b'");
}

}  // namespace
}  // namespace lakebase::emulator
