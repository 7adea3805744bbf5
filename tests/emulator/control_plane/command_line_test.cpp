#include "command_line.hpp"

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
  EXPECT_EQ(line.options.http_port, 0);
  EXPECT_EQ(line.options.postgres_port, 5432);
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
                                        "--lenient",
                                        "expiration,update-mask",
                                        "--echo-spec",
                                        "--long-endpoint-ids",
                                        "--log-level",
                                        "debug"});
  auto const& options = line.options;
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
  EXPECT_TRUE(options.expiration_optional && options.update_mask_optional && options.echo_spec &&
              options.long_endpoint_ids && options.log_requests);
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
           Case{{"stray"}, "unknown option 'stray'"},
           Case{{"--help=yes"}, "unknown option"},
           Case{{"--data-dir"}, "--data-dir wants a value"},
           Case{{"--data-dir="}, "--data-dir wants a value"},
           Case{{"--http", "8080"}, "is not ADDRESS:PORT"},
           Case{{"--http", "127.0.0.1:70000"}, "is no port"},
           Case{{"--postgres-port", "0"}, "must not be 0"},
           Case{{"--postgres-port", "54x"}, "is no port"},
           Case{{"--service-principal", "id"}, "APPLICATION_ID:SECRET"},
           Case{{"--operation-delay", "soon"}, "is no number of seconds"},
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

TEST(CommandLine, HelpNamesEveryOption) {
  for (auto const option : {"--data-dir", "--http", "--postgres-port", "--user", "--token", "--service-principal",
                            "--group", "--identity", "--operation-delay", "--operation-polls", "--reconciliation-delay",
                            "--lenient", "--echo-spec", "--long-endpoint-ids", "--log-level", "--help", "--version"}) {
    EXPECT_THAT(help_text(), HasSubstr(option));
  }
  std::string const text = help_text();
  std::size_t longest = 0;
  for (std::size_t start = 0; start < text.size();) {
    auto const end = text.find('\n', start);
    longest = std::max(longest, end - start);
    start = end + 1;
  }
  EXPECT_LE(longest, 100U);
}

}  // namespace
}  // namespace lakebase::emulator::tests
