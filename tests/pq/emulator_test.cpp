// All of lakebase::pq together, against the emulator with real PostgreSQL.

#include <array>
#include <future>
#include <string>
#include <thread>

#include <gmock/gmock.h>

#include <lakebase/testing/fake_clock.hpp>

#include "support/event_recorder.hpp"
#include "support/lakebase_fixture.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

// One emulator serves all tests of the program.
Lakebase& lakebase_of_all() {
  static Lakebase lakebase;
  return lakebase;
}

class OnEmulator : public ::testing::Test {
 protected:
  void TearDown() override {
    lakebase.emulator.clear_faults();
    lakebase.emulator.set_token_life({});
    lakebase.emulator.accept_logins(Lakebase::endpoint);
  }
  // What finding it made is forgotten.
  ConnectionSource source_told_to(std::shared_ptr<EventRecorder> const& recorder) {
    auto config = lakebase.emulator.config();
    config.events = recorder;
    auto source = source_for(WorkspaceClient{config}, Lakebase::branch, lakebase.options());
    recorder->clear();
    return source;
  }
  Lakebase& lakebase = lakebase_of_all();
};

TEST_F(OnEmulator, ConnectsByTheNameOfAProject) {
  auto connection = connect(source_for(lakebase.w, "projects/p", lakebase.options()));
  EXPECT_EQ(connection.exec("SELECT current_user").value<std::string>(), lakebase.emulator.user_name());
}

TEST_F(OnEmulator, TellsAnObserverHowTheWorkNests) {
  auto const recorder = std::make_shared<EventRecorder>();
  auto const source = source_told_to(recorder);
  ConnectionPool pool{source};
  EXPECT_EQ(pool.acquire()->exec("SELECT 1").value<int>(), 1);
  std::string const login = "acquire > open > connect > login";
  EXPECT_THAT(recorder->paths(), ::testing::ElementsAre(login + " > mint > call > attempt", login + " > mint > call",
                                                        login + " > mint", login, "acquire > open > connect",
                                                        "acquire > open", "acquire", "query", "release"));
  EXPECT_TRUE(recorder->of(EventKind::mint).front().has("lakebase.auth.strategy=database-credential"));
  EXPECT_THAT(recorder->facts(), Not(HasSubstr(source.credentials->get({}).password)));
  EXPECT_THAT(recorder->facts(), Not(HasSubstr(*lakebase.emulator.config().token)));
}

TEST_F(OnEmulator, TellsOfAMintThatFails) {
  auto const recorder = std::make_shared<EventRecorder>();
  auto const source = source_told_to(recorder);
  lakebase.emulator.inject({.fault = "status=403", .path = "/api/2.0/postgres/credentials"});
  EXPECT_THROW(static_cast<void>(connect(source)), Error);
  EXPECT_EQ(recorder->of(EventKind::mint).front().error, "403");
  EXPECT_EQ(recorder->of(EventKind::login).front().error, "403");
  EXPECT_EQ(recorder->of(EventKind::connect).front().error, "403");
}

TEST_F(OnEmulator, WakesASuspendedEndpoint) {
  ConnectionPool pool{lakebase.source()};
  pool.acquire().give_back();
  lakebase.emulator.suspend(Lakebase::endpoint);
  EXPECT_EQ(pool.acquire()->exec("SELECT 1").value<int>(), 1);
  EXPECT_EQ(pool.statistics().found_dead, 1U);
}

TEST_F(OnEmulator, ComesBackAfterACrash) {
  ConnectionPool pool{lakebase.source()};
  pool.acquire().give_back();
  lakebase.emulator.crash(Lakebase::endpoint);
  EXPECT_EQ(pool.run([](Transaction& t) { return t.exec("SELECT 1").value<int>(); }), 1);
}

postgres::EndpointStatusState state_of_endpoint(Lakebase& lakebase) {
  auto const endpoint = lakebase.w.postgres.get_endpoint(Lakebase::endpoint);
  return lakebase::at(endpoint, &postgres::Endpoint::status, &postgres::EndpointStatus::current_state).value();
}

TEST_F(OnEmulator, LeavesASuspendedEndpointAsleepIfItsListenerIsNotToWakeIt) {
  Listener listener{lakebase.source(), {.wake = false, .look_interval = 20ms}};
  listener.listen("orders");
  lakebase.emulator.suspend(Lakebase::endpoint);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(listener.next({.timeout = 20ms}));
  EXPECT_EQ(listener.state(), ListenerState::asleep);
  EXPECT_EQ(state_of_endpoint(lakebase), postgres::EndpointStatusState::idle);
  auto other = connect(lakebase.source());
  auto const gap = listener.next({.timeout = 20s});
  EXPECT_TRUE(gap && std::holds_alternative<NotificationGap>(*gap));
  other.exec("NOTIFY orders, 'one'");
  auto const heard = listener.next({.timeout = 20s});
  ASSERT_TRUE(heard && std::holds_alternative<Notification>(*heard));
  EXPECT_EQ(std::get<Notification>(*heard).payload, "one");
}

TEST_F(OnEmulator, WakesASuspendedEndpointForItsListener) {
  lakebase.emulator.set_token_life(1s);
  Listener listener{lakebase.source()};
  listener.listen("orders");
  std::this_thread::sleep_for(1500ms);  // the token that it has logged in with is void
  lakebase.emulator.suspend(Lakebase::endpoint);
  auto const gap = listener.next({.timeout = 20s});
  EXPECT_TRUE(gap && std::holds_alternative<NotificationGap>(*gap));
  EXPECT_EQ(state_of_endpoint(lakebase), postgres::EndpointStatusState::active);
}

TEST_F(OnEmulator, SaysThatTheEndpointOfAListenerIsGone) {
  postgres::Branch const brief{.spec = postgres::BranchSpec{.ttl = 1h}};
  for (bool const wake : {true, false}) {
    std::string const id = wake ? "woken" : "not-woken";
    auto const branch = "projects/p/branches/" + id;
    lakebase.w.postgres.create_branch("projects/p", brief, id).wait();
    Listener listener{source_for(lakebase.w, branch, lakebase.options()), {.wake = wake, .look_interval = 20ms}};
    listener.listen("orders");
    lakebase.w.postgres.delete_branch(branch, {.purge = true}).wait();
    EXPECT_THROW(static_cast<void>(listener.next({.timeout = 20s})), EndpointGone);
  }
}

TEST_F(OnEmulator, ReplacesATokenThatExpiredUnseen) {
  auto options = lakebase.options();
  options.credentials.clock = std::make_shared<lakebase::testing::FakeClock>();  // stands still: never refreshes ahead
  lakebase.emulator.set_token_life(1s);
  auto const source = source_for(lakebase.w, Lakebase::endpoint, options);
  auto const first = source.credentials->get({}).password;
  EXPECT_TRUE(connect(source).alive());
  std::this_thread::sleep_for(1500ms);
  EXPECT_TRUE(connect(source).alive());
  EXPECT_NE(source.credentials->get({}).password, first);
}

TEST_F(OnEmulator, SaysThatADeletedEndpointIsGone) {
  postgres::Branch const brief{.spec = postgres::BranchSpec{.ttl = 1h}};
  lakebase.w.postgres.create_branch("projects/p", brief, "brief").wait();
  auto const source = source_for(lakebase.w, "projects/p/branches/brief", lakebase.options());
  EXPECT_TRUE(connect(source).alive());
  lakebase.w.postgres.delete_branch("projects/p/branches/brief", {.purge = true}).wait();
  ConnectionPool pool{source};
  try {
    pool.acquire().give_back();
    ADD_FAILURE() << "connected";
  } catch (EndpointGone const& error) {
    EXPECT_THAT(error.what(), HasSubstr("projects/p/branches/brief/endpoints/primary is gone"));
    EXPECT_LT(error.elapsed(), 5s);
  }
}

TEST_F(OnEmulator, SaysThatADisabledEndpointIsNotWokenByConnecting) {
  auto const source = lakebase.source();
  auto const set_disabled = [&](bool disabled) {
    postgres::Endpoint const change{.spec = postgres::EndpointSpec{.disabled = disabled}};
    lakebase.w.postgres.update_endpoint(Lakebase::endpoint, change, FieldMask{"spec.disabled"}).wait();
  };
  EXPECT_TRUE(connect(source).alive());
  set_disabled(true);
  try {
    static_cast<void>(connect(source));
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("disabled"));
    EXPECT_FALSE(error.retryable());
  }
  set_disabled(false);
  EXPECT_TRUE(connect(source).alive());
}

TEST_F(OnEmulator, RotatesTokensUnderFiftySessionsWithoutClosingOne) {
  lakebase.emulator.set_token_life(2s);
  auto const credentials = make_endpoint_credentials(lakebase.w.postgres, Lakebase::endpoint);
  auto source = lakebase.source();
  source.credentials = credentials;
  ConnectionPool pool{source, {.max_size = 51, .idle_timeout = 1min}};
  std::vector<int> pids;
  {
    std::vector<Lease> leases;
    for (int i = 0; i < 50; ++i) leases.push_back(pool.acquire());
    for (auto const& lease : leases) pids.push_back(lease->backend_pid());
    std::this_thread::sleep_for(2500ms);
    auto const one_more = pool.acquire();  // with a new token
    EXPECT_GE(credentials->statistics().mints, 2U);
    for (std::size_t i = 0; i < leases.size(); ++i) {
      EXPECT_EQ(leases[i]->exec("SELECT pg_backend_pid()").value<int>(), pids[i]);
    }
  }
  EXPECT_EQ(pool.statistics().closed, 0U);
  EXPECT_EQ(pool.statistics().opened, 51U);
}

TEST_F(OnEmulator, RetriesThroughAStartAndThroughAFailedMint) {
  lakebase.emulator.refuse_logins(Lakebase::endpoint, {.times = 3});
  lakebase.emulator.fail_next_credentials(1);
  int failures = 0;
  ConnectOptions options;
  options.on_attempt = [&](ConnectAttempt const& attempt) {
    ++failures;
    EXPECT_EQ(attempt.sqlstate, "57P03");
  };
  EXPECT_TRUE(connect(lakebase.source(), options).alive());
  EXPECT_EQ(failures, 3);
}

TEST_F(OnEmulator, TellsNoTokenWhereALoginFails) {
  auto source = lakebase.source();
  source.parameters.user = "somebody.else@example.com";
  auto const beginning = source.credentials->get({}).password.substr(0, 20);  // the same of all tokens
  std::string text;
  try {
    static_cast<void>(connect(source));
  } catch (PgError const& error) {
    text = error.what();
    EXPECT_FALSE(error.sqlstate().empty());
  }
  EXPECT_THAT(text, HasSubstr("cannot connect"));
  EXPECT_THAT(text, Not(HasSubstr(beginning)));
  EXPECT_THROW(source.credentials->get({}), AuthError);  // two in a row were refused: no third one yet
}

TEST_F(OnEmulator, NeedsNoMoreThanTheConfiguration) {
  EXPECT_EQ(connect(source_for(lakebase.w, "projects/p")).exec("SELECT 1").value<int>(), 1);
  EphemeralBranch branch{lakebase.w, "projects/p", "configured"};
  EXPECT_EQ(branch.connect().exec("SELECT 1").value<int>(), 1);
}

TEST_F(OnEmulator, GivesCiABranchOfItsOwn) {
  std::string name;
  {
    EphemeralBranch branch{lakebase.w,
                           "projects/p",
                           "refs/heads/feature/orders",
                           {.source_branch = Lakebase::branch, .source = lakebase.options()}};
    name = branch.name();
    auto connection = branch.connect();
    connection.exec("CREATE TABLE orders (id int)");
    auto production = connect(lakebase.source());
    auto const diff = diff_schemas(production, connection);
    EXPECT_THAT(diff.to_string(), HasSubstr("+ table public.orders"));
    EXPECT_TRUE(connect(source_from_conninfo(branch.url_with_token())).alive());
  }
  EXPECT_THROW(static_cast<void>(lakebase.w.postgres.get_branch(name)), NotFound);
}

TEST_F(OnEmulator, GivesParallelJobsOfCiABranchEach) {
  std::array<std::future<std::string>, 4> jobs;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs.at(i) = std::async(std::launch::async, [&, i] {
      EphemeralBranch branch{lakebase.w,
                             "projects/p",
                             "refs/heads/main",
                             {.suffix = "job-" + std::to_string(i), .source = lakebase.options()}};
      EXPECT_EQ(branch.connect().exec("SELECT 1").value<int>(), 1);
      branch.remove();
      return branch.name();
    });
  }
  for (auto& job : jobs) {
    std::string name;
    EXPECT_NO_THROW(name = job.get());
    if (name.empty()) continue;
    EXPECT_THROW(static_cast<void>(lakebase.w.postgres.get_branch(name)), NotFound);
  }
}

TEST_F(OnEmulator, RoutesReadsToAReplicaAndBack) {
  auto const replica = std::string{Lakebase::branch} + "/endpoints/replica";
  postgres::Endpoint wanted{.spec = postgres::EndpointSpec{.endpoint_type = postgres::EndpointType::read_only}};
  try {
    lakebase.w.postgres.create_endpoint(Lakebase::branch, wanted, "replica").wait();
  } catch (Error const& error) {
    GTEST_SKIP() << "the emulator makes no replica: " << error.what();
  }
  auto router = make_router(lakebase.w, Lakebase::branch, lakebase.options());
  ASSERT_NE(router.reader(), nullptr);
  auto const reads = [&] {
    return router.run(Intent::read_only, [](Transaction& t) { return t.exec("SELECT 1").value<int>(); });
  };
  EXPECT_EQ(reads(), 1);
  EXPECT_EQ(router.fallbacks(), 0U);
  router.run(Intent::read_write, [](Transaction& t) { t.exec("CREATE TABLE IF NOT EXISTS routed (a int)"); });
  router.reader()->close();
  lakebase.w.postgres.delete_endpoint(replica).wait();
}

}  // namespace
}  // namespace lakebase::tests
