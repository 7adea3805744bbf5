// What a session does with a server that keeps to nothing: it is silent, trickles, floods, lies, or sends what nobody
// asked for. Whoever asked for an end gets it within 5 s.

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include <lakebase/pq/pool.hpp>

#include "pq/session/drive.hpp"
#include "pq/steps/cancel_request_posix.hpp"
#include "support/counting_credentials.hpp"
#include "support/fake_server.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Login = Conversation::Login;
using Time = std::chrono::steady_clock;

std::string big_endian_16(unsigned value) {
  return {static_cast<char>(value >> 8U), static_cast<char>(value)};
}

// PostgreSQL's message for the start of a copy: `G` in, `H` out, `W` both ways.
std::string copy_response(char kind) {
  return message(kind, std::string(1, '\0') + big_endian_16(1) + big_endian_16(0));
}

std::string row_description() {
  return message('T', big_endian_16(1) + std::string{"a\0", 2} + std::string(4 + 2, '\0') +
                          std::string{"\0\0\0\x19", 4} + std::string(2 + 4 + 2, '\xff'));
}

std::string row(std::string const& value) {
  auto const size = value.size();
  return message('D', big_endian_16(1) + big_endian_16(static_cast<unsigned>(size >> 16U)) +
                          big_endian_16(static_cast<unsigned>(size)) + value);
}

std::string notice() {
  return 'N' + error_message("NOTICE", "00000", "still here").substr(1);
}

Connection open(FakeServer const& server) {
  return connect(server.source(std::make_shared<CountingCredentials>()), {.timeout = 20s});
}

// Takes one row or piece, whatever it is, and lets the rest go.
void next_of(RowStream stream) {
  static_cast<void>(stream.next());
}
void next_of(CopyOut copy) {
  static_cast<void>(copy.read());
}

// --- Bounds ---

// How the server behaves once it has a statement, and towards a request to cancel.
struct Peer {
  char const* name;
  std::string answer;
  std::string drip;
  std::chrono::milliseconds pause;
  Login cancel;
};

using Work = std::function<void(Connection&, StatementOptions const&)>;

enum class Ask { by_stop, by_timeout };

// Begins, asks for the end after a moment, and looks how long that takes and what comes of it.
void expect_end_within_5s(Peer const& peer, Ask ask, Work const& work) {
  SCOPED_TRACE(std::string{peer.name} + (ask == Ask::by_stop ? ", by stop" : ", by timeout"));
  Conversation session;
  session.on_query = [&](std::string const&) { return std::optional{peer.answer}; };
  session.on_message = [&](char kind, std::string const&) { return std::optional{kind == 'd' ? "" : peer.answer}; };
  session.drip = peer.drip;
  session.drip_pause = peer.pause;
  FakeServer const server{{session, {.login = peer.cancel}}};
  auto connection = open(server);
  std::stop_source stop;
  auto const moment = 200ms;
  auto const asked = Time::now() + moment;
  std::jthread const stopper{[&] {
    std::this_thread::sleep_for(moment);
    if (ask == Ask::by_stop) stop.request_stop();
  }};
  StatementOptions options{.stop = stop.get_token()};
  if (ask == Ask::by_timeout) options.timeout = moment;
  try {
    work(connection, options);
    ADD_FAILURE() << "it ended by itself";
  } catch (Cancelled const& error) {
    EXPECT_EQ(ask, Ask::by_stop) << error.what();
  } catch (StatementTimeout const& error) {
    EXPECT_EQ(ask, Ask::by_timeout) << error.what();
  } catch (std::exception const& error) {
    ADD_FAILURE() << error.what();
  }
  EXPECT_LT(Time::now() - asked, 5s);
  EXPECT_FALSE(connection.alive());  // given up, rather than waited for
}

// All at once, as each takes its 3 s.
void expect_ends_within_5s(std::vector<Peer> const& peers, Work const& work) {
  std::vector<std::jthread> threads;
  for (auto const& peer : peers) {
    for (auto const ask : {Ask::by_stop, Ask::by_timeout}) {
      threads.emplace_back([&peer, ask, &work] { expect_end_within_5s(peer, ask, work); });
    }
  }
}

// `answer` begins what the server goes on with: nothing, a message that never ends, or messages without end.
std::vector<Peer> peers_with(std::string const& answer, std::string const& flood) {
  return {{"silent, and deaf to a cancel", answer, "", 0ms, Login::say_nothing},
          {"silent, and keeps the cancel", answer, "", 0ms, Login::keep_cancel},
          {"silent, and takes the cancel", answer, "", 0ms, Login::succeed},
          {"trickles", answer + std::string{"N\0\7\0\0", 5}, "x", 5ms, Login::keep_cancel},
          {"floods", answer, flood, 0ms, Login::keep_cancel}};
}

TEST(HostileServer, EndsAQueryWithin5sOfTheAsking) {
  expect_ends_within_5s(peers_with("", notice()),
                        [](Connection& c, StatementOptions const& options) { c.exec("SELECT 1", {}, options); });
}

TEST(HostileServer, EndsAStreamWithin5sOfTheAsking) {
  expect_ends_within_5s(peers_with(row_description(), row("x")), [](Connection& c, StatementOptions const& options) {
    for (Row const one : c.stream("SELECT 1", {}, options)) static_cast<void>(one);
  });
}

TEST(HostileServer, EndsACopyInWithin5sOfTheAsking) {
  // Those that trickle and flood do not read either.
  auto const write = [](Connection& c, StatementOptions const& options) {
    auto copy = c.copy_in("COPY t FROM STDIN", options);
    std::string const piece(1U << 16U, 'x');
    for (int i = 0; i < 1000; ++i) copy.write(piece);
    copy.finish();
  };
  expect_ends_within_5s(peers_with(copy_response('G'), notice()), write);
}

TEST(HostileServer, EndsACopyOutWithin5sOfTheAsking) {
  expect_ends_within_5s(peers_with(copy_response('H'), message('d', "x\n")),
                        [](Connection& c, StatementOptions const& options) {
                          auto copy = c.copy_out("COPY t TO STDOUT", options);
                          while (copy.read()) {
                          }
                        });
}

TEST(HostileServer, EndsAPipelineWithin5sOfTheAsking) {
  expect_ends_within_5s(peers_with("", notice()), [](Connection& c, StatementOptions const& options) {
    auto pipeline = c.pipeline();
    pipeline.add("SELECT 1");
    pipeline.add("SELECT $1", {2});
    pipeline.run(options);
  });
}

TEST(HostileServer, LetsGoOfAStreamAndACopyWithin5s) {
  auto const drop = [](std::string const& answer, std::string const& drip, auto&& begin) {
    Conversation session;
    session.on_query = [answer](std::string const&) { return std::optional{answer}; };
    session.on_message = [](char, std::string const&) { return std::optional<std::string>{""}; };
    session.drip = drip;
    FakeServer const server{{session, {.login = Login::keep_cancel}}};
    auto connection = open(server);
    auto const start = Time::now();
    begin(connection);
    EXPECT_LT(Time::now() - start, 5s);
    EXPECT_FALSE(connection.alive());
  };
  std::jthread const one{
      [&] { drop(row_description() + row("x"), row("x"), [](Connection& c) { next_of(c.stream("SELECT 1")); }); }};
  std::jthread const two{[&] {
    drop(copy_response('H'), message('d', "x"), [](Connection& c) { next_of(c.copy_out("COPY t TO STDOUT")); });
  }};
  std::jthread const three{
      [&] { drop(copy_response('G'), "", [](Connection& c) { c.copy_in("COPY t FROM STDIN").write("x"); }); }};
}

TEST(HostileServer, EndsAPoolsTransactionWithin5sOfTheAsking) {
  FakeServer const server{{{.on_query = [](std::string const& sql) -> std::optional<std::string> {
                             if (sql == "BEGIN") return command_complete("BEGIN", 'T');
                             return "";
                           }},
                           {.login = Login::keep_cancel}}};
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>())};
  std::stop_source stop;
  auto const asked = Time::now() + 200ms;
  std::jthread const stopper{[&] {
    std::this_thread::sleep_until(asked);
    stop.request_stop();
  }};
  EXPECT_THROW(
      pool.run([&](Transaction& t) { t.exec("SELECT 1", {}, {.stop = stop.get_token()}); }, {.stop = stop.get_token()}),
      Cancelled);
  EXPECT_LT(Time::now() - asked, 5s);
}

TEST(HostileServer, EndsAnAcquireThatTestsAnIdleConnectionWithin5sOfTheAsking) {
  FakeServer const server{
      {{.on_query = [](std::string const&) { return std::optional<std::string>{""}; }}, {.login = Login::say_nothing}}};
  PoolOptions options;
  options.ask_after_idle = 0ns;
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>()), options};
  pool.acquire().give_back();
  std::stop_source stop;
  auto const asked = Time::now() + 200ms;
  std::jthread const stopper{[&] {
    std::this_thread::sleep_until(asked);
    stop.request_stop();
  }};
  EXPECT_THROW(pool.acquire({.timeout = 60s, .stop = stop.get_token()}).give_back(), Cancelled);
  EXPECT_LT(Time::now() - asked, 5s);
}

TEST(HostileServer, TakesUpTheTimeOfAnAcquireWithOneIdleConnectionOnly) {
  FakeServer const server{{{.on_query = [](std::string const&) { return std::optional<std::string>{""}; }}}};
  PoolOptions options;
  options.max_size = 3;
  options.ask_after_idle = 0ns;
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>()), options};
  {
    auto const one = pool.acquire();
    auto const other = pool.acquire();
    auto const third = pool.acquire();
  }
  auto const start = Time::now();
  EXPECT_THROW(pool.acquire({.timeout = 300ms}).give_back(), PoolTimeout);
  EXPECT_LT(Time::now() - start, 5s);
  auto statistics = pool.statistics();
  EXPECT_EQ(statistics.idle, 2) << "nothing is known about the others";
  EXPECT_EQ(statistics.found_dead, 0U) << "the caller's time ended the check, not the server";
  EXPECT_EQ(statistics.closed, 1U) << "its response would come in the next statement";

  std::stop_source stop;
  std::jthread const stopper{[&] {
    std::this_thread::sleep_for(50ms);
    stop.request_stop();
  }};
  EXPECT_THROW(pool.acquire({.timeout = 60s, .stop = stop.get_token()}).give_back(), Cancelled);
  statistics = pool.statistics();
  EXPECT_EQ(statistics.idle, 1);
  EXPECT_EQ(statistics.found_dead, 0U);
}

TEST(HostileServer, IsNotAskedByACallerWithoutTime) {
  std::atomic<int> asked = 0;
  FakeServer const server{{{.on_query = [&](std::string const&) {
    ++asked;
    return std::optional{command_complete("SELECT 1", 'I')};
  }}}};
  PoolOptions options;
  options.ask_after_idle = 0ns;
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>()), options};
  pool.acquire().give_back();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(pool.acquire({.timeout = 0ns}).give_back(), PoolTimeout);
  EXPECT_THROW(pool.acquire({.stop = stop.get_token()}).give_back(), Cancelled);
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(pool.statistics().idle, 1);
  pool.acquire().give_back();
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(server.connections(), 1);
}

// Takes long to look at its clock: the sweep after a dead connection then outlasts the idle timeout.
class SlowClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() const override {
    if (slow_thread_ == std::this_thread::get_id() && ++looks_ > 1) std::this_thread::sleep_for(300ms);
    return real_->now();
  }
  std::chrono::system_clock::time_point system_now() const override { return real_->system_now(); }
  bool sleep_until(std::chrono::steady_clock::time_point deadline, std::stop_token stop) override {
    return real_->sleep_until(deadline, std::move(stop));
  }

  /// For this thread, from its second look on.
  void slow_down() { slow_thread_ = std::this_thread::get_id(); }

 private:
  std::shared_ptr<Clock> real_ = make_system_clock();
  std::atomic<std::thread::id> slow_thread_{};
  mutable std::atomic<int> looks_ = 0;
};

TEST(HostileServer, LetsNoConnectionStayIdleForEverAfterASweep) {
  FakeServer const server{{{.hang_up = true}, {}}};
  auto const clock = std::make_shared<SlowClock>();
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>()),
                      {.max_size = 2, .idle_timeout = 200ms, .clock = clock}};
  auto dead = pool.acquire();
  pool.acquire().give_back();
  dead->exec("SELECT 1");
  std::this_thread::sleep_for(20ms);  // until the server has hung up
  dead.give_back();
  ASSERT_EQ(pool.statistics().idle, 2);
  std::this_thread::sleep_for(5ms);  // else it is trusted
  clock->slow_down();
  EXPECT_THROW(pool.acquire({.timeout = 500ms}).give_back(), PoolTimeout);
  EXPECT_EQ(pool.statistics().found_dead, 1U);
  auto const start = Time::now();
  while (pool.statistics().idle > 0 && Time::now() - start < 10s) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(pool.statistics().idle, 0);
}

TEST(HostileServer, EndsAWaitForANotificationAmongNotices) {
  FakeServer const server{
      {{.on_query = [](std::string const&) { return std::optional{command_complete("LISTEN", 'I')}; },
        .drip = notice()}}};
  auto connection = open(server);
  connection.listen("news");
  EXPECT_FALSE(connection.wait_notification({.timeout = 100ms}));
  std::stop_source stop;
  std::jthread const stopper{[&] {
    std::this_thread::sleep_for(50ms);
    stop.request_stop();
  }};
  EXPECT_THROW(static_cast<void>(connection.wait_notification({.stop = stop.get_token()})), Cancelled);
}

TEST(HostileServer, EndsAMintWithin5sOfTheAsking) {
  int const listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);  // accepts by its backlog, and says nothing
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  auto const host = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  PostgresClient const client{Config{.host = host, .token = "planted-token"}};
  FakeServer const server{{{}}};
  auto const source = server.source(make_endpoint_credentials(client, "projects/p/branches/b/endpoints/e"));
  std::stop_source stop;
  auto const asked = Time::now() + 200ms;
  std::jthread const stopper{[&] {
    std::this_thread::sleep_until(asked);
    stop.request_stop();
  }};
  EXPECT_THROW(static_cast<void>(connect(source, {.stop = stop.get_token()})), Cancelled);
  EXPECT_LT(Time::now() - asked, 5s);
  ::close(listener);
}

// --- The request to cancel ---

TEST(CancelOverTls, ReachesTheServerWithTheSessionsKey) {
  FakeServer const* server = nullptr;
  auto const until_cancelled = [&](std::string const&) -> std::optional<std::string> {
    for (int i = 0; i < 400 && server->cancels() == 0; ++i) std::this_thread::sleep_for(10ms);
    return error_message("ERROR", "57014", "canceling statement due to user request") + std::string{"Z\0\0\0\5I", 6};
  };
  FakeServer const it{{{.on_query = until_cancelled}}};
  server = &it;
  auto connection = open(it);
  EXPECT_THROW(connection.exec("SELECT 1", {}, {.timeout = 50ms}), StatementTimeout);
  EXPECT_EQ(it.cancels(), 1);
  EXPECT_TRUE(connection.alive());
}

pq::detail::CancelRequest request_to(FakeServer const& server, std::string root_file) {
  pq::detail::CancelRequest request{
      .address = "127.0.0.1", .port = std::to_string(server.port()), .host = "localhost", .root_file = root_file};
  request.message = {0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e, 0, 0, 0, 1, 0, 0, 0, 2};
  return request;
}

TEST(CancelOverTls, TellsTheKeyToNoServerWithAnotherCertificate) {
  using pq::detail::CancelOutcome;
  FakeServer const server{{{}}};
  FakeServer const stranger{{{}}};
  pq::detail::SocketWaiter waiter;
  auto const send = [&](pq::detail::CancelRequest const& request) {
    pq::detail::CancelRequestStep step{request, Time::now() + 5s};
    pq::detail::drive(step, waiter, {});
    return step.outcome();
  };
  EXPECT_EQ(send(request_to(server, stranger.root_file())), CancelOutcome::not_sent);
  auto misnamed = request_to(server, server.root_file());
  misnamed.host = "elsewhere.example.com";
  EXPECT_EQ(send(misnamed), CancelOutcome::not_sent);
  EXPECT_EQ(server.cancels(), 0);
  misnamed.check_host = false;
  EXPECT_EQ(send(misnamed), CancelOutcome::taken);
  EXPECT_EQ(send(request_to(server, server.root_file())), CancelOutcome::taken);
  EXPECT_EQ(server.cancels(), 2);
}

TEST(CancelOverTls, GivesTheSessionUpAtOnceWhereNoRequestCanBeSent) {
  FakeServer const server{
      {{.on_query = [](std::string const&) { return std::optional<std::string>{""}; }}, {.login = Login::refuse_tls}}};
  auto connection = open(server);
  auto const start = Time::now();
  EXPECT_THROW(connection.exec("SELECT 1", {}, {.timeout = 50ms}), StatementTimeout);
  EXPECT_LT(Time::now() - start, 4s);
  EXPECT_FALSE(connection.alive());
}

// --- What nobody asked for ---

TEST(HostileServer, EndsWhereAServerStartsReplication) {
  Conversation const both{.on_query = [](std::string const&) { return std::optional{copy_response('W')}; },
                          .on_message = [](char, std::string const&) { return std::optional{copy_response('W')}; }};
  FakeServer const server{{both}};
  EXPECT_THROW(open(server).exec("START_REPLICATION"), InvalidArgument);
  EXPECT_THROW(next_of(open(server).stream("START_REPLICATION")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(open(server).copy_in("START_REPLICATION")), InvalidArgument);
  auto connection = open(server);
  auto pipeline = connection.pipeline();
  pipeline.add("START_REPLICATION");
  EXPECT_THROW(pipeline.run(), InvalidArgument);
}

TEST(HostileServer, NoticesThatACopyBreaksOffWithoutAWord) {
  FakeServer const out{
      {{.on_query = [](std::string const&) { return std::optional{copy_response('H') + message('d', "x\n")}; },
        .hang_up = true}}};
  auto reading = open(out);
  auto copy = reading.copy_out("COPY t TO STDOUT");
  EXPECT_EQ(copy.read(), "x\n");
  EXPECT_THROW(static_cast<void>(copy.read()), ConnectionError);

  FakeServer const in{
      {{.on_query = [](std::string const&) { return std::optional{copy_response('G')}; }, .hang_up = true}}};
  auto writing = open(in);
  auto into = writing.copy_in("COPY t FROM STDIN");
  std::string const piece(1U << 20U, 'x');
  auto const write_all = [&] {
    for (int i = 0; i < 1000; ++i) into.write(piece);  // ends long before
  };
  EXPECT_THROW(write_all(), ConnectionError);
}

TEST(HostileServer, BelievesAnErrorThatCallsTheSessionOffWithoutHangingUp) {
  Conversation const session{
      .on_query =
          [](std::string const&) {
            return std::optional{error_message("ERROR", "22012", "division by zero") +
                                 error_message("FATAL", "57P01", "terminating connection")};
          },
      .on_message =
          [](char kind, std::string const&) {
            return std::optional{kind == 'S' ? error_message("FATAL", "57P01", "terminating") : ""};
          }};
  FakeServer const server{{session}};
  EXPECT_THROW(open(server).exec("SELECT 1", {}, {.timeout = 30s}), ConnectionError);
  auto connection = open(server);
  auto pipeline = connection.pipeline();
  pipeline.add("SELECT 1");
  EXPECT_THROW(pipeline.run({.timeout = 30s}), ConnectionError);
}

TEST(HostileServer, NeverSaysNothing) {
  FakeServer const server{{{.on_query = [](std::string const& sql) -> std::optional<std::string> {
    if (sql == "hang up") return std::nullopt;
    return error_message("ERROR", "", "") + std::string{"Z\0\0\0\5I", 6};
  }}}};
  for (auto const* const sql : {"hang up", "fail"}) {
    try {
      open(server).exec(sql);
      ADD_FAILURE() << "ran";
    } catch (PgError const& error) {
      EXPECT_THAT(error.message(), Not(IsEmpty()));
    }
    try {
      next_of(open(server).stream(sql));
      ADD_FAILURE() << "ran";
    } catch (PgError const& error) {
      EXPECT_THAT(error.message(), Not(IsEmpty()));
    }
  }
}

TEST(HostileServer, DoesNotTakeALyingRowDescriptionForAnEmptyResult) {
  // 65,535 columns, of which none is described; after it the server is ready, with and without a word on the statement.
  auto const lie = message('T', big_endian_16(65535));
  for (auto const& end : {command_complete("SELECT 0", 'I'), std::string{"Z\0\0\0\5I", 6}}) {
    FakeServer const server{{{.on_query = [&](std::string const&) { return std::optional{lie + end}; },
                              .on_message =
                                  [&](char kind, std::string const&) {
                                    return std::optional{kind == 'S' ? message('1', "") + message('2', "") + lie + end
                                                                     : ""};
                                  }}}};
    auto const expect_error = [&](auto&& action) {
      auto connection = open(server);
      try {
        action(connection);
        ADD_FAILURE() << "it was taken for a result";
      } catch (PgError const& error) {
        EXPECT_THAT(error.message(), Not(IsEmpty()));
        EXPECT_FALSE(error.retryable()) << error.what();
      }
    };
    StatementOptions const bound{.timeout = 10s};
    expect_error([&](Connection& c) { c.exec("SELECT 1", {}, bound); });
    expect_error([&](Connection& c) { c.exec("SELECT $1", {1}, bound); });
    expect_error([&](Connection& c) { next_of(c.stream("SELECT 1", {}, bound)); });
    expect_error([&](Connection& c) { next_of(c.stream("SELECT $1", {1}, bound)); });
    expect_error([&](Connection& c) {
      auto pipeline = c.pipeline();
      pipeline.add("SELECT $1", {1});
      pipeline.run(bound);
    });
  }
}

}  // namespace
}  // namespace lakebase::tests
