#include <sys/ioctl.h>

#include <utility>
#include <vector>

#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

using testing::HasSubstr;

int waiting_bytes(int socket) {
  int bytes = 0;
  ::ioctl(socket, FIONREAD, &bytes);
  return bytes;
}

// What a client is told when nobody had asked, or at its next statement.
class SessionLimitsTest : public DataPlaneTest {
 protected:
  void SetUp() override {
    DataPlaneTest::SetUp();
    plane().update_endpoint("primary", {.suspend_after = std::nullopt});
  }
  bool nobody_is_connected() {
    return eventually([&] { return plane().status("primary").open_sessions == 0; });
  }
};

TEST_F(SessionLimitsTest, ADayWithoutABytesEndsASession) {
  auto idle = connect();
  auto used = connect();
  ASSERT_TRUE(idle.ok() && used.ok());
  ASSERT_EQ(idle.run("CREATE TABLE t (n int)").error, "");
  ASSERT_EQ(idle.run("BEGIN; LOCK TABLE t").error, "");
  time_->advance(23h);
  EXPECT_EQ(used.value("SELECT 1"), "1");
  EXPECT_EQ(plane().status("primary").open_sessions, 2);
  time_->advance(1h);
  EXPECT_EQ(plane().status("primary").open_sessions, 1);
  auto const end = idle.run("SELECT 1");
  EXPECT_EQ(end.sqlstate, "57P05");
  EXPECT_THAT(end.error, HasSubstr("terminating connection due to idle-session timeout"));
  EXPECT_EQ(used.run("LOCK TABLE t").sqlstate, "25P01") << "outside of a transaction";
  EXPECT_EQ(used.run("SET lock_timeout = '20s'; BEGIN; LOCK TABLE t; COMMIT").error, "") << "its locks are free";
  EXPECT_EQ(plane().status("primary").state, ComputeState::active);
  EXPECT_EQ(connect().value("SELECT 1"), "1");
}

TEST_F(SessionLimitsTest, ThreeDaysEndAnySession) {
  auto session = connect();
  for (int hour = 20; hour < 72; hour += 20) {
    time_->advance(20h);
    EXPECT_EQ(session.value("SELECT 1"), "1") << hour;
  }
  auto young = connect();
  ASSERT_NE(PQsendQuery(session.get(), "SELECT pg_sleep(600)"), 0);
  ASSERT_TRUE(eventually([&] {
    return !plane().execute("main", "app", {"SELECT 1 FROM pg_stat_activity WHERE query LIKE '%sleep(600)'"}).empty();
  }));
  time_->advance(12h + 1min);
  auto const end = session.finish();
  EXPECT_EQ(end.sqlstate, "57P01");
  EXPECT_THAT(end.error, HasSubstr("terminating connection due to administrator command"));
  EXPECT_EQ(young.value("SELECT 1"), "1");
}

TEST_F(SessionLimitsTest, EachIsEndedAtItsOwnTime) {
  std::vector<PqConnection> sessions;
  for (int number = 0; number < 5; ++number) {
    sessions.push_back(connect());
    time_->advance(1h);
  }
  EXPECT_EQ(plane().status("primary").open_sessions, 5);
  time_->advance(19h - 1min);
  for (int left = 4; left >= 0; --left) {
    time_->advance(1h);
    EXPECT_EQ(plane().status("primary").open_sessions, left);
  }
  for (auto& session : sessions) EXPECT_EQ(session.run("SELECT 1").sqlstate, "57P05");
}

// Until all buffers between PostgreSQL and the client are full, bytes are traffic.
TEST_F(SessionLimitsTest, AClientThatDoesNotReadIsCutOff) {
  auto deaf = connect();
  ASSERT_NE(PQsendQuery(deaf.get(), "SELECT repeat('x', 100000) FROM generate_series(1, 1000)"), 0);
  int waiting = 0;
  int looks_without_change = 0;
  ASSERT_TRUE(eventually([&] {
    int const before = std::exchange(waiting, waiting_bytes(PQsocket(deaf.get())));
    looks_without_change = waiting > 0 && waiting == before ? looks_without_change + 1 : 0;
    return looks_without_change >= 60;
  }));
  EXPECT_TRUE(time_->advance(24h));
  EXPECT_TRUE(nobody_is_connected());
}

}  // namespace
}  // namespace lakebase::emulator
