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
