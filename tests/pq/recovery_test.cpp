#include <initializer_list>
#include <string>
#include <utility>

#include <gmock/gmock.h>

#include <lakebase/pq/recovery.hpp>

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Row {
  char const* sqlstate;
  char const* message;
  ConnectRecovery expected;
};

void PrintTo(Row const& row, std::ostream* out) {
  *out << row.sqlstate << ' ' << row.message;
}

class ConnectTable : public ::testing::TestWithParam<Row> {};

TEST_P(ConnectTable, IsClassified) {
  EXPECT_EQ(classify_connect(GetParam().sqlstate, GetParam().message), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Reference, ConnectTable,
    ::testing::Values(
        Row{"", "connection to server at \"127.0.0.1\", port 1 failed: Connection refused", ConnectRecovery::retry},
        Row{"", "SSL SYSCALL error: EOF detected", ConnectRecovery::retry},
        Row{"", "could not receive data from server: Connection reset by peer", ConnectRecovery::retry},
        Row{"", "server closed the connection unexpectedly", ConnectRecovery::retry},
        Row{"", "No route to host", ConnectRecovery::retry}, Row{"", "timeout expired", ConnectRecovery::retry},
        Row{"", "could not translate host name \"x\" to address", ConnectRecovery::retry_name},
        Row{"57P03", "the database system is starting up", ConnectRecovery::retry},
        Row{"57P03", "the database system is not accepting connections", ConnectRecovery::retry},
        Row{"08006", "connection failure", ConnectRecovery::retry},
        Row{"08000", "connection exception", ConnectRecovery::retry},
        Row{"XX000", "Couldn't connect to compute node", ConnectRecovery::retry},
        Row{"XX000", "Control plane request failed", ConnectRecovery::retry},
        Row{"", "Failed to acquire permit to connect to the database", ConnectRecovery::retry},
        Row{"XX000", "something else", ConnectRecovery::never},
        Row{"53300", "sorry, too many clients already", ConnectRecovery::retry_slowly},
        Row{"53300", "remaining connection slots are reserved for superusers", ConnectRecovery::retry_slowly},
        Row{"XX000", "Too many connections to this endpoint. Please try again later.", ConnectRecovery::retry_slowly},
        Row{"57P01", "terminating connection due to administrator command", ConnectRecovery::retry},
        Row{"57P02", "terminating connection because of crash of another server process", ConnectRecovery::retry},
        Row{"28P01", "password authentication failed for user \"a\"", ConnectRecovery::new_token},
        Row{"28000", "Invalid authorization for databricks identity login", ConnectRecovery::new_token},
        Row{"28000", "OAuth: User is not authorized", ConnectRecovery::new_token},
        Row{"28000", "native postgres login is disabled for this endpoint", ConnectRecovery::never},
        Row{"28000", "role \"a\" does not exist", ConnectRecovery::never},
        Row{"28000", "no pg_hba.conf entry for host", ConnectRecovery::never},
        Row{"28000", "role \"a\" is not permitted to log in", ConnectRecovery::never},
        Row{"3D000", "database \"a\" does not exist", ConnectRecovery::never},
        Row{"", "Invalid protocol version: 196608", ConnectRecovery::never},
        Row{"", "server does not support SSL, but SSL was required", ConnectRecovery::never},
        Row{"", "SSL error: certificate verify failed", ConnectRecovery::never},
        Row{"", "server certificate for \"a\" does not match host name \"b\"", ConnectRecovery::never},
        Row{"", "channel binding required but not supported by server's authentication request",
            ConnectRecovery::never},
        Row{"XX000", "endpoint is disabled", ConnectRecovery::never},
        Row{"57P03", "the instance is stopped", ConnectRecovery::never},
        Row{"57P03", "database instance 'app' is stopped; start it", ConnectRecovery::never},
        Row{"XX000", "This IP address 1.2.3.4 is not allowed to connect to this endpoint.", ConnectRecovery::never},
        Row{"XX000", "The project has been deleted", ConnectRecovery::never},
        Row{"XX000", "Too many connections attempts", ConnectRecovery::retry_slowly},
        Row{"", "SASL authentication failed", ConnectRecovery::never},
        Row{"", "session is read-only", ConnectRecovery::retry}));

TEST(ClassifyStatement, FollowsTheReference) {
  EXPECT_EQ(classify_statement("40001", false), StatementRecovery::replay);
  EXPECT_EQ(classify_statement("40P01", false), StatementRecovery::replay);
  EXPECT_EQ(classify_statement("25006", false), StatementRecovery::reroute);
  // A live session has lost nothing, whatever it is told.
  for (auto const* const named : {"57P01", "57P02", "57P05", "25P03", "08006"}) {
    EXPECT_EQ(classify_statement(named, false), StatementRecovery::never) << named;
    EXPECT_EQ(classify_statement(named, true), StatementRecovery::reconnect) << named;
  }
  EXPECT_EQ(classify_statement("", true), StatementRecovery::reconnect);
  for (auto const* const own : {"57014", "53200", "53100", "55P03", "23505", "42601"}) {
    EXPECT_EQ(classify_statement(own, false), StatementRecovery::never) << own;
  }
}

TEST(HintFor, SaysWhatToDo) {
  EXPECT_THAT(std::string{hint_for("28000", "role \"a\" does not exist")}, HasSubstr("databricks_create_role"));
  EXPECT_THAT(std::string{hint_for("", "Invalid protocol version: 196608")}, HasSubstr("TLS required"));
  EXPECT_THAT(std::string{hint_for("42501", "permission denied for schema app")}, HasSubstr("owned by another role"));
  EXPECT_THAT(std::string{hint_for("", "could not translate host name \"x\"")}, HasSubstr("may be gone"));
  EXPECT_THAT(std::string{hint_for("23505", "duplicate key")}, IsEmpty());
}

TEST(HintFor, BeginsInACapital) {
  for (auto const& [sqlstate, message] :
       std::initializer_list<std::pair<char const*, char const*>>{{"", "Invalid protocol version: 196608"},
                                                                  {"28000", "native postgres login is disabled"},
                                                                  {"", "SASL authentication failed"},
                                                                  {"", "unsupported startup parameter"},
                                                                  {"", "channel binding required"},
                                                                  {"", "certificate verify failed"},
                                                                  {"28000", "role \"a\" does not exist"},
                                                                  {"28P01", ""},
                                                                  {"3D000", ""},
                                                                  {"42501", ""},
                                                                  {"42P05", ""},
                                                                  {"53300", ""},
                                                                  {"", "endpoint is disabled"},
                                                                  {"57P03", "the instance is stopped"},
                                                                  {"55000", "database instance 'app' is stopped"},
                                                                  {"", "could not translate host name"},
                                                                  {"25006", ""}}) {
    auto const hint = std::string{hint_for(sqlstate, message)};
    ASSERT_FALSE(hint.empty()) << sqlstate << message;
    EXPECT_TRUE(hint.front() >= 'A' && hint.front() <= 'Z') << hint;
  }
}

}  // namespace
}  // namespace lakebase::tests
