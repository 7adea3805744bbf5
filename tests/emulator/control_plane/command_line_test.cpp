#include "command_line.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lakebase::emulator::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(CommandLine, NothingIsEnough) {
  auto const line = parse_command_line({});
  EXPECT_FALSE(line.help || line.version || line.quiet);
  EXPECT_FALSE(line.options.data_dir);
  EXPECT_EQ(line.options.http_address, "127.0.0.1");
  EXPECT_FALSE(line.options.http_port || line.options.postgres_port);
  EXPECT_EQ(line.action, Action::serve);
}

TEST(CommandLine, ReadsEveryOption) {
  auto const line = parse_command_line({"--data-dir",
                                        "/tmp/x",
                                        "--http=127.0.0.2:8080",
                                        "--postgres-port",
                                        "6000",
                                        "--postgres-bin=/opt/pg17/bin",
                                        "--postgres-bin",
                                        "/opt/pg18/bin",
                                        "--user",
                                        "a@b.c",
                                        "--token=t",
                                        "--service-principal",
                                        "id:se:cret",
                                        "--group",
                                        "g",
                                        "--group",
                                        "h",
                                        "--identity",
                                        "i",
                                        "--operation-delay",
                                        "1.5s",
                                        "--operation-polls",
                                        "3",
                                        "--reconciliation-delay",
                                        "2",
                                        "--data-api-sessions",
                                        "4",
                                        "--lenient",
                                        "expiration,update-mask",
                                        "--seed",
                                        "18446744073709551615",
                                        "--echo-spec",
                                        "--long-endpoint-ids",
                                        "--log-level",
                                        "debug"});
  auto const& options = line.options;
  EXPECT_EQ(options.seed, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(options.data_dir, "/tmp/x");
  EXPECT_EQ(options.http_address, "127.0.0.2");
  EXPECT_EQ(options.http_port, 8080);
  EXPECT_EQ(options.postgres_port, 6000);
  EXPECT_THAT(options.postgres_bin, ::testing::ElementsAre("/opt/pg17/bin", "/opt/pg18/bin"));
  EXPECT_EQ(options.user_name, "a@b.c");
  EXPECT_EQ(options.token, "t");
  ASSERT_EQ(options.service_principals.size(), 1U);
  EXPECT_EQ(options.service_principals[0].application_id, "id");
  EXPECT_EQ(options.service_principals[0].secret, "se:cret");
  EXPECT_EQ(options.groups.size(), 2U);
  EXPECT_EQ(options.identities->size(), 1U);
  EXPECT_EQ(options.operation_delay, 1500ms);
  EXPECT_EQ(options.operation_polls, 3);
  EXPECT_EQ(options.reconciliation_delay, 2s);
  EXPECT_EQ(options.data_api_sessions, 4);
  EXPECT_TRUE(options.expiration_optional && options.update_mask_optional && options.echo_spec &&
              options.long_endpoint_ids && options.log_requests);
}

TEST(CommandLine, NamesSourcesAndWhereFeedsGo) {
  auto const& options =
      parse_command_line({"--source", "main.sales.orders=orders.csv", "--source",
                          "main.sales.items=projects/p/branches/b/databases/d:s.t", "--cdf-folder", "feeds"})
          .options;
  EXPECT_EQ(options.sources.at("main.sales.orders"), std::filesystem::absolute("orders.csv"));
  EXPECT_EQ(options.sources.at("main.sales.items"), "projects/p/branches/b/databases/d:s.t");
  EXPECT_EQ(options.cdf_folder, std::filesystem::absolute("feeds"));
  for (auto const* wrong : {"orders.csv", "sales.orders=orders.csv", "a..b=o.csv", "a.b.c=orders.parquet", "a.b.c="}) {
    EXPECT_THROW(parse_command_line({"--source", wrong}), UsageError) << wrong;
  }
  EXPECT_THROW(parse_command_line({"--source=a.b.c=x.csv", "--source=a.b.c=y.csv"}), UsageError);
}

TEST(CommandLine, TakesLoopbackAddressesOnly) {
  EXPECT_EQ(parse_command_line({"--http", "[::1]:1"}).options.http_address, "::1");
  EXPECT_EQ(parse_command_line({"--http", "localhost:1"}).options.http_address, "127.0.0.1");
  for (auto const address : {"0.0.0.0:1", "192.168.0.1:1", "example.com:1", "127.evil.com:1", ":1", "[::]:1"}) {
    EXPECT_THROW(parse_command_line({"--http", address}), UsageError) << address;
  }
}

TEST(CommandLine, SaysWhatIsWrong) {
  struct Case {
    std::vector<std::string> arguments;
    char const* part;
  };
  for (auto const& [arguments, part] : {
           Case{{"--bogus"}, "unknown option '--bogus'"},
           Case{{"frob"}, "there is no command 'frob'; there are exec, up, env, status, down"},
           Case{{"up", "frob"}, "unknown option 'frob'"},
           Case{{"--help=yes"}, "unknown option"},
           Case{{"--data-dir"}, "--data-dir wants a value"},
           Case{{"--data-dir="}, "--data-dir wants a value"},
           Case{{"--limits", "mine"}, "--limits: 'mine' is none of service, machine"},
           Case{{"--limit", "branches"}, "--limit: 'branches' is not NAME=VALUE"},
           Case{{"--limit", "branches="}, "--limit branches: '' is no number from 0 on"},
           Case{{"--limit", "branches=-1"}, "--limit branches: '-1' is no number from 0 on"},
           Case{{"--limit", "ttl=1w"}, "--limit ttl: '1w' is no time such as 90s, 12h or 30d"},
           Case{{"--limit", "ttl=99999999999999999d"}, "is no time such as"},
           Case{{"--limit", "trees=1"}, "--limit: 'trees' is none of projects, instances, branches, "},
           Case{{"--http", "8080"}, "is not ADDRESS:PORT"},
           Case{{"--http", "127.0.0.1:70000"}, "is no port"},
           Case{{"--postgres-port", "70000"}, "is no port"},
           Case{{"exec"}, "exec wants a command"},
           Case{{"exec", "--user", "u", "true"}, "exec: put -- before the command: exec [OPTION ...] -- true"},
           Case{{"exec", "--bogus", "--", "true"}, "unknown option '--bogus'"},
           Case{{"up", "--", "true"}, "unknown option '--'"},
           Case{{"--user", "u", "up"}, "the command comes first: lakebase-emulator up [OPTION ...]"},
           Case{{"status", "--http", "127.0.0.1:1"}, "env, status and down take --data-dir"},
           Case{{"--postgres-port", "54x"}, "is no port"},
           Case{{"--service-principal", "id"}, "APPLICATION_ID:SECRET"},
           Case{{"--operation-delay", "soon"}, "--operation-delay: 'soon' is no number of seconds"},
           Case{{"--seed", "-1"}, "--seed: '-1' is no number from 0 to"},
           Case{{"--seed", "1x"}, "is no number from 0 to"},
           Case{{"--operation-polls", "-1"}, "is no number from 0 on"},
           Case{{"--lenient", "all"}, "is none of expiration, update-mask"},
           Case{{"--log-level", "loud"}, "is none of quiet, info, debug"},
       }) {
    try {
      parse_command_line(arguments);
      ADD_FAILURE() << arguments.front();
    } catch (UsageError const& error) {
      EXPECT_THAT(error.what(), HasSubstr(part));
    }
  }
}

TEST(CommandLine, LeavesToACommandWhatIsItsOwn) {
  auto const line = parse_command_line({"exec", "--user", "u", "--", "psql", "--help", "--", "--bogus"});
  EXPECT_EQ(line.action, Action::exec);
  EXPECT_EQ(line.options.user_name, "u");
  EXPECT_EQ(line.command, (std::vector<std::string>{"psql", "--help", "--", "--bogus"}));
  EXPECT_FALSE(line.help || line.options.data_dir);
  EXPECT_TRUE(line.quiet);
  EXPECT_FALSE(parse_command_line({"exec", "--log-level", "info", "--", "true"}).quiet);
  EXPECT_TRUE(parse_command_line({"exec", "--help"}).help);
}

TEST(CommandLine, KeepsAnEmulatorInTheBackgroundInTheStateFolder) {
  ::setenv("XDG_STATE_HOME", "/state", 1);
  for (auto const& [name, action] : {std::pair{"up", Action::up}, std::pair{"env", Action::env},
                                     std::pair{"status", Action::status}, std::pair{"down", Action::down}}) {
    auto const line = parse_command_line({name});
    EXPECT_EQ(line.action, action);
    EXPECT_EQ(line.options.data_dir, "/state/lakebase-emulator");
    EXPECT_EQ(parse_command_line({name, "--data-dir", "/d"}).options.data_dir, "/d");
  }
  ::unsetenv("XDG_STATE_HOME");
  std::string const home = std::getenv("HOME");
  ::setenv("HOME", "/usr", 1);
  EXPECT_EQ(default_data_dir(), "/usr/.local/state/lakebase-emulator");
  if (::geteuid() == 0) {
    auto const closed = std::filesystem::temp_directory_path() / ("closed-" + std::to_string(::getpid()));
    std::filesystem::create_directory(closed);
    std::filesystem::permissions(closed, std::filesystem::perms::owner_all);
    ::setenv("HOME", closed.c_str(), 1);
    EXPECT_EQ(default_data_dir(), "/var/lib/lakebase-emulator") << "PostgreSQL's account could not get there";
    std::filesystem::remove(closed);
  }
  ::unsetenv("HOME");
  EXPECT_THROW(static_cast<void>(default_data_dir()), UsageError);
  ::setenv("HOME", home.c_str(), 1);
}

TEST(CommandLine, KeepsNoEmulatorWhereItHappensToBeCalled) {
  std::string const home = std::getenv("HOME");
  ::setenv("HOME", "/usr", 1);
  ::setenv("XDG_STATE_HOME", "state", 1);
  EXPECT_EQ(default_data_dir(), "/usr/.local/state/lakebase-emulator") << "XDG: a relative path is to be ignored";
  ::unsetenv("XDG_STATE_HOME");
  ::setenv("HOME", "here", 1);
  try {
    static_cast<void>(default_data_dir());
    ADD_FAILURE();
  } catch (UsageError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("HOME is 'here', which is no absolute path"));
    EXPECT_THAT(error.what(), HasSubstr("--data-dir"));
  }
  ::setenv("HOME", home.c_str(), 1);
}

TEST(CommandLine, KnowsWhetherAnEmulatorIsDescribed) {
  EXPECT_FALSE(parse_command_line({"up", "--data-dir", "/d"}).shapes);
  EXPECT_TRUE(parse_command_line({"up", "--data-dir", "/d", "--user", "u"}).shapes);
  EXPECT_TRUE(parse_command_line({"up", "--echo-spec"}).shapes);
}

TEST(CommandLine, HelpsWhoAsksInOneWord) {
  EXPECT_TRUE(parse_command_line({"help"}).help);
}

TEST(CommandLine, SetsLimits) {
  auto const options =
      parse_command_line({"--limits", "service", "--limit", "branches=20", "--limit=active-computes=0", "--limit",
                          "ttl=60d", "--limit", "shortest-suspension=5s", "--limit", "longest-history=12h"})
          .options;
  EXPECT_TRUE(options.service_limits);
  testing::EmulatorLimits const wanted{.branches = 20,
                                       .active_computes = 0,
                                       .ttl = std::chrono::hours{60 * 24},
                                       .shortest_suspension = 5s,
                                       .longest_history = 12h};
  EXPECT_EQ(options.limits, wanted);
  EXPECT_FALSE(parse_command_line({}).options.service_limits);
  EXPECT_FALSE(parse_command_line({"--limits=machine"}).options.service_limits);
}

TEST(CommandLine, HelpNamesEveryLimit) {
  for (auto const name :
       {"projects", "instances", "branches", "unarchived-branches", "root-branches", "protected-branches", "snapshots",
        "active-computes", "roles", "databases", "read-only-endpoints", "ttl", "shortest-suspension",
        "longest-suspension", "shortest-history", "longest-history"}) {
    EXPECT_NO_THROW(parse_command_line({"--limit", std::string{name} + "=1"})) << name;
    EXPECT_THAT(help_text(), HasSubstr(name));
  }
}

TEST(CommandLine, HelpTellsEveryExitStatus) {
  EXPECT_THAT(help_text(),
              HasSubstr("\nExit status: that of COMMAND, or 128 and the number of the signal that ended it;\n"
                        "127 if COMMAND was not found, 126 if it cannot be executed; 1 if the emulator\n"
                        "cannot serve; 2 for a wrong command line; 3 if status and env find none.\n\n"));
}

class SecretFiles : public ::testing::Test {
 protected:
  SecretFiles() { std::filesystem::create_directory(folder_); }
  ~SecretFiles() override {
    ::unsetenv("LAKEBASE_EMULATOR_TOKEN");
    std::filesystem::remove_all(folder_);
  }
  std::string file(std::string const& text, std::filesystem::perms mode = std::filesystem::perms::owner_read) const {
    auto const path = folder_ / "secret";
    std::filesystem::remove(path);
    std::ofstream{path} << text;
    std::filesystem::permissions(path, mode);
    return path.string();
  }
  static std::string failure_of(std::vector<std::string> const& arguments) {
    try {
      parse_command_line(arguments);
      return "none";
    } catch (UsageError const& error) {
      return error.what();
    }
  }

  std::filesystem::path const folder_ =
      std::filesystem::temp_directory_path() / ("lakebase-secret-files-" + std::to_string(::getpid()));
};

TEST_F(SecretFiles, GiveTheTokenAndServicePrincipals) {
  auto line = parse_command_line({"--token-file", file(" dapi123 \r\n\n")});
  EXPECT_EQ(line.options.token, "dapi123");
  EXPECT_TRUE(line.warnings.empty());
  line = parse_command_line({"--service-principal-file", file("id:se:cret\n\nother:word\n")});
  ASSERT_EQ(line.options.service_principals.size(), 2U);
  EXPECT_EQ(line.options.service_principals[0].secret, "se:cret");
  EXPECT_EQ(line.options.service_principals[1].application_id, "other");
}

TEST_F(SecretFiles, TheEnvironmentGivesTheTokenWhereNothingElseDoes) {
  ::setenv("LAKEBASE_EMULATOR_TOKEN", "from-environment", 1);
  EXPECT_EQ(parse_command_line({}).options.token, "from-environment");
  EXPECT_EQ(parse_command_line({"--token", "t"}).options.token, "t");
  EXPECT_EQ(parse_command_line({"--token-file", file("f")}).options.token, "f");
  ::setenv("LAKEBASE_EMULATOR_TOKEN", "", 1);
  EXPECT_EQ(parse_command_line({}).options.token, "");
  ::setenv("LAKEBASE_EMULATOR_TOKEN", "two words", 1);
  EXPECT_THAT(failure_of({}), HasSubstr("LAKEBASE_EMULATOR_TOKEN: a token has no blanks"));
}

TEST_F(SecretFiles, ThatOthersCanReadAreWarnedOf) {
  auto const path = file("t", std::filesystem::perms::owner_read | std::filesystem::perms::others_read);
  auto const line = parse_command_line({"--token-file", path});
  EXPECT_EQ(line.options.token, "t");
  ASSERT_EQ(line.warnings.size(), 1U);
  EXPECT_THAT(line.warnings[0], HasSubstr("--token-file: other accounts can read " + path));
}

TEST_F(SecretFiles, SayWhatIsWrongWithoutTheSecret) {
  EXPECT_THAT(failure_of({"--token-file", "/nowhere/token"}), HasSubstr("--token-file: /nowhere/token does not exist"));
  EXPECT_THAT(failure_of({"--token-file", file(" \n")}), HasSubstr("secret is empty"));
  EXPECT_THAT(failure_of({"--token-file", file("hush\nhush\n")}), HasSubstr("holds more than one line"));
  EXPECT_THAT(failure_of({"--token-file", file(std::string(70000, 'x'))}), HasSubstr("holds more than 65536 bytes"));
  EXPECT_THAT(failure_of({"--token-file", folder_.string()}), HasSubstr("is not a file"));
  EXPECT_THAT(failure_of({"--token=t", "--token-file", file("hush")}), HasSubstr("give one only"));
  auto const principal = failure_of({"--service-principal-file", file("hush")});
  EXPECT_THAT(principal, HasSubstr("secret: wants APPLICATION_ID:SECRET"));
  EXPECT_THAT(principal, ::testing::Not(HasSubstr("hush")));
  EXPECT_THAT(failure_of({"--token-file", file("hu sh")}), ::testing::Not(HasSubstr("hu sh")));
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(failure_of({"--token-file", (folder_ / "pipe").string()}), HasSubstr("is not a file"));
}

TEST(CommandLine, HelpNamesEveryOption) {
  for (auto const option : {"--data-dir",
                            "--http",
                            "--postgres-port",
                            "--user",
                            "--token",
                            "--token-file",
                            "LAKEBASE_EMULATOR_TOKEN",
                            "LAKEBASE_POSTGRES_BIN",
                            "XDG_STATE_HOME",
                            "TMPDIR",
                            "exec [OPTION ...] -- COMMAND",
                            "lakebase-emulator up",
                            "lakebase-emulator env",
                            "lakebase-emulator status",
                            "lakebase-emulator down",
                            "/health",
                            "--postgres-bin",
                            "--service-principal",
                            "--service-principal-file",
                            "--group",
                            "--identity",
                            "--operation-delay",
                            "--operation-polls",
                            "--reconciliation-delay",
                            "--data-api-sessions",
                            "--lenient",
                            "--limits service",
                            "--limit NAME=VALUE",
                            "--seed",
                            "/emulator/clock",
                            "--echo-spec",
                            "--long-endpoint-ids",
                            "--log-level",
                            "--help",
                            "--version"}) {
    EXPECT_THAT(help_text(), HasSubstr(option));
  }
  std::string const text = help_text();
  std::size_t longest = 0;
  for (std::size_t start = 0; start < text.size();) {
    auto const end = text.find('\n', start);
    longest = std::max(longest, end - start);
    start = end + 1;
  }
  EXPECT_LE(longest, 80U);
}

}  // namespace
}  // namespace lakebase::emulator::tests
