#include "data_plane/server/sql_session.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <stdexcept>

#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

/// A socket that takes connections into its queue, and says nothing.
UniqueFd silent_server(std::filesystem::path const& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (::bind(socket.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), 5) != 0) {
    throw std::runtime_error("cannot listen on " + path.string());
  }
  return socket;
}

TEST(SqlSession, DoesNotWaitForEverForAServerThatSaysNothing) {
  TemporaryFolder folder;
  auto const socket = folder.path() / "server";
  UniqueFd const server = silent_server(socket);
  try {
    SqlSession{socket, "somebody", "postgres", {}, 20ms};
    FAIL() << "nobody can have logged in";
  } catch (DataPlaneError const& error) {
    EXPECT_STREQ(error.what(), "PostgreSQL does not respond");
    EXPECT_EQ(error.sqlstate(), "08000");
  }
}

class AuthenticatorSessionTest : public DataPlaneTest {
 protected:
  std::unique_ptr<DatabaseSession> open() { return plane().open_session("main", "app", SessionOf::authenticator); }

  void SetUp() override {
    DataPlaneTest::SetUp();
    plane().execute("main", "postgres", {"CREATE ROLE authenticator LOGIN NOINHERIT"});
  }
};

TEST_F(AuthenticatorSessionTest, SendsValuesApartFromTheSql) {
  auto const session = open();
  std::string const hostile = "'; DROP ROLE alice; -- $1 \\ \"";
  EXPECT_EQ(session->query("SELECT $1::text, $2::int + 1, session_user::text", {hostile, "41"}).at(0),
            (std::vector<std::string>{hostile, "42", "authenticator"}));
  EXPECT_THROW(session->query("SELECT $1::int", {"x"}), DataPlaneError);
  EXPECT_THROW(session->query("SELECT $1::text", {std::string("a\0b", 3)}), DataPlaneError);
  EXPECT_EQ(session->query("SELECT 1", {}).at(0).at(0), "1");
  try {
    session->query("SELECT nam FROM (SELECT 1 AS name) t", {});
    FAIL() << "there is no such column";
  } catch (DataPlaneError const& error) {
    EXPECT_EQ(error.sqlstate(), "42703");
    EXPECT_EQ(error.hint(), R"(Perhaps you meant to reference the column "t.name".)");
  }
}

TEST_F(AuthenticatorSessionTest, SendsSeveralStatementsAtOnce) {
  auto const session = open();
  auto outcomes = session->query_all({{"SELECT 1; SELECT 2"},
                                      {"BEGIN"},
                                      {"SELECT $1::text", {"a"}},
                                      {"SELECT 1 / $1::int", {"0"}},
                                      {"SELECT 3"},
                                      {"COMMIT"},
                                      {"SELECT 4"}});
  ASSERT_EQ(outcomes.size(), 7U);
  EXPECT_EQ(outcomes[0].rows, (Rows{{"2"}}));
  EXPECT_EQ(outcomes[2].rows, (Rows{{"a"}}));
  ASSERT_TRUE(outcomes[3].error);
  EXPECT_EQ(outcomes[3].error->sqlstate(), "22012");
  ASSERT_TRUE(outcomes[4].error);
  EXPECT_EQ(outcomes[4].error->sqlstate(), "25P02");
  EXPECT_FALSE(outcomes[5].error);
  EXPECT_EQ(outcomes[6].rows, (Rows{{"4"}}));
  EXPECT_THROW(session->query_all({{std::string("SELECT 1\0", 9)}}), DataPlaneError);
  EXPECT_EQ(session->query("SELECT 5"), (Rows{{"5"}}));
}

TEST_F(AuthenticatorSessionTest, KeepsStatementsPrepared) {
  auto const session = open();
  auto const run = [&](std::string const& sql, std::string const& value, std::uint64_t version = 1) {
    auto outcome = session->query_all({{sql, {value}, version}}).at(0);
    return (outcome.is_stale ? "stale: " : "") + (outcome.error ? outcome.error->sqlstate() : outcome.rows.at(0).at(0));
  };
  auto const prepared = [&] { return session->query("SELECT count(*) FROM pg_prepared_statements").at(0).at(0); };
  // Not one that the planner computes.
  std::string const quotient = "SELECT 10 / ($1::int + (0 * random())::int)";
  EXPECT_EQ(run(quotient, "0"), "22012");
  EXPECT_EQ(run(quotient, "2"), "5");
  EXPECT_EQ(run(quotient, "0"), "22012");
  EXPECT_EQ(run(quotient, "5"), "2");
  EXPECT_EQ(run(quotient, "x"), "stale: 22P02");
  EXPECT_EQ(run(quotient, "x"), "22P02");
  EXPECT_EQ(run("SELECT $1 FROM missing", "0"), "42P01");
  for (int i = 0; i < 200; ++i) {
    auto const number = std::to_string(i);
    EXPECT_EQ(run("SELECT $1::int + " + number, "0"), number);
  }
  EXPECT_EQ(prepared(), "64");

  std::string const typed = "SELECT count(*) FROM t WHERE a = $1";
  session->query("CREATE TEMP TABLE t AS SELECT 1 AS a");
  EXPECT_EQ(run(typed, "1"), "1");
  session->query("ALTER TABLE t ALTER a TYPE text");
  EXPECT_EQ(run(typed, "1", 2), "1");
  EXPECT_EQ(run(typed, "1", 1), "stale: 42883");
  EXPECT_EQ(run(typed, "1", 1), "1");

  auto const outcomes = session->query_all({{"BEGIN"}, {"SELECT 1 / 0"}, {typed, {"1"}, 1}, {"COMMIT"}});
  EXPECT_FALSE(outcomes.at(2).is_stale);
  EXPECT_EQ(run(typed, "1"), "1");
}

TEST_F(AuthenticatorSessionTest, WaitsForWhatWasPostedWithTheNextCall) {
  auto const session = open();
  session->post("CREATE TEMP TABLE t AS SELECT 7 AS n; LISTEN pgrst; NOTIFY pgrst, 'a'");
  EXPECT_EQ(session->query("SELECT n FROM t"), (Rows{{"7"}}));
  EXPECT_EQ(session->notifications(), std::vector<std::string>{"a"});
  session->post("SELECT 1 / 0");
  EXPECT_THROW(session->notifications(), DataPlaneError);
}

TEST_F(AuthenticatorSessionTest, HearsNotificationsAndItsEnd) {
  auto const session = open();
  session->query("LISTEN pgrst");
  EXPECT_TRUE(session->notifications().empty());
  plane().execute("main", "app", {"NOTIFY pgrst, 'reload schema'"});
  EXPECT_TRUE(eventually([&] { return session->notifications() == std::vector<std::string>{"reload schema"}; }));
  EXPECT_TRUE(session->notifications().empty());
  plane().suspend("primary");
  EXPECT_THROW(session->notifications(), DataPlaneError);
}

}  // namespace
}  // namespace lakebase::emulator
