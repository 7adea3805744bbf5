// The retry table of the reference, a test a row, against a server that fails on demand.

#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include <lakebase/pq/connect.hpp>
#include <lakebase/testing/fake_clock.hpp>

#include "support/counting_credentials.hpp"
#include "support/fake_server.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using lakebase::testing::FakeClock;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;
using Login = Conversation::Login;

// Takes connections, and says nothing on them.
class SilentListener {
 public:
  SilentListener(char const* address, std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &name.sin_addr);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    EXPECT_EQ(::listen(socket_, 8), 0);
  }
  ~SilentListener() { ::close(socket_); }
  SilentListener(SilentListener const&) = delete;
  SilentListener& operator=(SilentListener const&) = delete;

 private:
  int socket_;
};

Conversation refusal(std::string sqlstate, std::string message) {
  return {.login = Login::error_after_password, .sqlstate = std::move(sqlstate), .message = std::move(message)};
}

class Connect : public ::testing::Test {
 protected:
  ConnectOptions options() { return {.clock = clock}; }

  // No name server knows it; the server's certificate does not hold it either.
  ConnectionSource with_unknown_name(FakeServer const& server) {
    auto source = server.source(credentials);
    source.parameters.hostaddr.clear();
    source.parameters.host = "no-such-host.invalid";
    source.parameters.sslmode = SslMode::verify_ca;
    return source;
  }

  // The first attempts fail as told, then a session opens.
  void expect_connected_after(std::vector<Conversation> failures) {
    auto const count = static_cast<int>(failures.size());
    failures.push_back({});
    FakeServer const server{std::move(failures)};
    auto connection = connect(server.source(credentials), options());
    EXPECT_TRUE(connection.alive());
    EXPECT_EQ(server.connections(), count + 1);
  }

  // The first attempt fails for good.
  ConnectionError expect_refused(Conversation conversation, int attempts = 1) {
    FakeServer const server{{std::move(conversation)}};
    try {
      static_cast<void>(connect(server.source(credentials), options()));
    } catch (ConnectionError const& error) {
      EXPECT_EQ(server.connections(), attempts);
      EXPECT_EQ(error.attempts(), attempts);
      EXPECT_THAT(error.what(), Not(HasSubstr("planted")));
      EXPECT_THAT(error.what(), HasSubstr("localhost"));
      return error;
    }
    ADD_FAILURE() << "connected";
    return ConnectionError{false, {}, {}};
  }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<CountingCredentials> credentials = std::make_shared<CountingCredentials>();
};

TEST_F(Connect, RetriesAfterAConnectionThatIsClosedAtOnce) {
  expect_connected_after({{.login = Login::close_at_once}, {.login = Login::close_at_once}});
  EXPECT_THAT(clock->sleeps(), SizeIs(2));
  EXPECT_THAT(clock->sleeps(), Each(AllOf(Ge(25ms), Le(200ms))));
}

TEST_F(Connect, RetriesAfterARefusedConnection) {
  auto source = FakeServer{{{}}}.source(credentials);  // nobody listens there any more
  int attempts = 0;
  auto how = options();
  how.max_attempts = 3;
  how.on_attempt = [&](ConnectAttempt const& attempt) {
    ++attempts;
    EXPECT_EQ(attempt.recovery, ConnectRecovery::retry);
  };
  source.parameters.sslrootcert = "/dev/null";
  EXPECT_THROW(static_cast<void>(connect(source, how)), ConnectionError);
  EXPECT_EQ(attempts, 3);
}

TEST_F(Connect, RetriesAfterAnEndInTheHandshake) {
  expect_connected_after({{.login = Login::close_after_tls}});
}

TEST_F(Connect, RetriesAfterAnAttemptThatTookTooLong) {
  FakeServer const server{{{.login = Login::say_nothing}, {}}};
  auto how = options();
  how.attempt_timeout = 1s;
  EXPECT_TRUE(connect(server.source(credentials), how).alive());
}

TEST_F(Connect, RetriesWhileTheServerStarts) {
  expect_connected_after({refusal("57P03", "the database system is starting up"),
                          refusal("57P03", "the database system is in recovery mode")});
}

TEST_F(Connect, RetriesConnectionExceptions) {
  expect_connected_after({refusal("08006", "connection failure")});
}

TEST_F(Connect, RetriesWhileTheComputeIsWoken) {
  expect_connected_after({refusal("XX000", "Couldn't connect to compute node"),
                          {.login = Login::error_after_startup,
                           .severity = "ERROR",
                           .sqlstate = "XX000",
                           .message = "Control plane request failed"},
                          refusal("", "Failed to acquire permit to connect to the database")});
}

TEST_F(Connect, RetriesSlowlyWhereThereAreTooManyConnections) {
  expect_connected_after({refusal("53300", "sorry, too many clients already"),
                          refusal("53300", "remaining connection slots are reserved")});
  EXPECT_THAT(clock->sleeps(), Each(Ge(1s)));
}

TEST_F(Connect, RetriesAfterAnAdministratorsTermination) {
  expect_connected_after({refusal("57P01", "terminating connection due to administrator command"),
                          refusal("57P02", "terminating connection because of crash of another server process")});
}

TEST_F(Connect, MintsARefusedTokenAnewOnce) {
  FakeServer const server{{refusal("28P01", "password authentication failed for user \"me@example.com\""), {}}};
  static_cast<void>(connect(server.source(credentials), options()));
  EXPECT_THAT(server.passwords(), ElementsAre("planted-token-1", "planted-token-2"));
  EXPECT_THAT(clock->sleeps(), SizeIs(0));
}

TEST_F(Connect, GivesUpWhereTheSecondTokenIsRefusedToo) {
  auto const error = expect_refused(refusal("28000", "Invalid authorization for databricks identity login"), 2);
  EXPECT_EQ(error.sqlstate(), "28000");
  EXPECT_FALSE(error.retryable());
  EXPECT_THAT(error.hint(), HasSubstr("minted for"));
  EXPECT_EQ(credentials->number(), 3);  // the second one is not kept either
}

TEST_F(Connect, DoesNotInsistWhereANativePasswordIsHungUpOn) {
  FakeServer const server{{{.login = Login::close_after_password}}};
  EXPECT_THROW(static_cast<void>(connect(server.source(make_password_credentials("planted-password")), options())),
               ConnectionError);
  EXPECT_EQ(server.connections(), 3);
}

TEST_F(Connect, DoesNotRetryARefusedPassword) {
  FakeServer const server{{refusal("28P01", "password authentication failed")}};
  EXPECT_THROW(static_cast<void>(connect(server.source(make_password_credentials("planted-password")), options())),
               ConnectionError);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(Connect, DoesNotRetryAMissingRole) {
  auto const error = expect_refused(refusal("28000", "role \"me@example.com\" does not exist"));
  EXPECT_EQ(error.sqlstate(), "28000");
  EXPECT_THAT(error.hint(), HasSubstr("create_role"));
  EXPECT_EQ(error.host(), "localhost");
}

TEST_F(Connect, DoesNotRetryAMissingDatabase) {
  EXPECT_EQ(expect_refused(refusal("3D000", "database \"x\" does not exist")).sqlstate(), "3D000");
}

TEST_F(Connect, NeverFallsBackToPlaintext) {
  auto const error = expect_refused({.login = Login::refuse_tls});
  EXPECT_THAT(error.hint(), HasSubstr("TLS required"));
}

// libpq computes the proof of SCRAM in one go, as often as the server says: this one would take minutes.
TEST_F(Connect, ProvesATokenByNothingButThePasswordItself) {
  auto const began = std::chrono::steady_clock::now();
  auto const error = expect_refused({.login = Login::ask_scram, .scram_iterations = 20'000'000});
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
  EXPECT_FALSE(error.retryable());
  EXPECT_THAT(error.message(), AnyOf(HasSubstr("in another way than as a cleartext password"),
                                     HasSubstr("authentication method requirement")));
  EXPECT_THAT(error.hint(), HasSubstr("check the host"));
}

TEST_F(Connect, DoesNotRetryACertificateOfAnotherName) {
  FakeServer const server{{{}}};
  auto source = server.source(credentials);
  source.parameters.host = "elsewhere.example.com";
  try {
    static_cast<void>(connect(source, options()));
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    EXPECT_THAT(error.hint(), HasSubstr("certificate"));
    EXPECT_EQ(error.attempts(), 1);
  }
  EXPECT_THAT(server.passwords(), SizeIs(0));
}

TEST_F(Connect, DoesNotRetryACertificateOfAStranger) {
  FakeServer const server{{{}}};
  FakeServer const stranger{{{}}};
  auto source = server.source(credentials);
  source.parameters.sslrootcert = stranger.root_file();
  try {
    static_cast<void>(connect(source, options()));
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    EXPECT_THAT(error.message(), HasSubstr("certificate verify failed"));
    EXPECT_EQ(error.attempts(), 1);
  }
  EXPECT_THAT(server.passwords(), SizeIs(0));
}

TEST_F(Connect, DoesNotRetryWhatTheServiceRefusesForGood) {
  for (auto const* const text : {"endpoint is disabled", "The project has been deleted",
                                 "This IP address 1.2.3.4 is not allowed to connect to this endpoint."}) {
    EXPECT_FALSE(expect_refused(refusal("XX000", text)).retryable()) << text;
  }
}

TEST_F(Connect, DoesNotRetryALoginThatIsNotPermitted) {
  expect_refused(refusal("28000", "no pg_hba.conf entry for host \"1.2.3.4\""));
  expect_refused(refusal("28000", "role \"me\" is not permitted to log in"));
}

TEST_F(Connect, TriesAnUnknownNameForAWhileAndThenAsksTheResolver) {
  FakeServer const server{{{}}};
  auto const source = with_unknown_name(server);
  auto how = options();
  int asked = 0;
  how.resolver = [&](std::string const& host) {
    ++asked;
    EXPECT_EQ(host, "no-such-host.invalid");
    return std::vector<std::string>{"127.0.0.1"};
  };
  EXPECT_TRUE(connect(source, how).alive());
  EXPECT_EQ(asked, 1);
  EXPECT_GE(clock->now() - FakeClock{}.now(), 5s);
}

TEST_F(Connect, HasNoMorePatienceWithAnUnknownNameThanItIsTold) {
  FakeServer const server{{{}}};
  auto const source = with_unknown_name(server);
  auto how = options();
  how.name_patience = 0s;
  how.resolver = [](std::string const&) { return std::vector<std::string>{"127.0.0.1"}; };
  EXPECT_TRUE(connect(source, how).alive());
  EXPECT_LT(clock->now() - FakeClock{}.now(), 1s);
}

TEST_F(Connect, GivesAnUnknownNameUpWhereThereIsNoResolver) {
  FakeServer const server{{{}}};
  auto const source = with_unknown_name(server);
  try {
    static_cast<void>(connect(source, options()));
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    EXPECT_THAT(error.message(), HasSubstr("could not translate host name"));
    EXPECT_THAT(error.hint(), HasSubstr("may be gone"));
    EXPECT_GT(error.attempts(), 1);
    EXPECT_LE(error.elapsed(), 8s);
  }
}

TEST_F(Connect, BeginsEachAttemptWithAnotherAddress) {
  FakeServer const server{{{}}};
  SilentListener const silent{"127.0.0.2", server.port()};
  auto source = server.source(credentials);
  source.parameters.hostaddr.clear();
  auto how = options();
  how.attempt_timeout = 1s;
  how.max_attempts = 2;
  how.resolver_first = true;
  how.resolver = [](std::string const&) { return std::vector<std::string>{"127.0.0.2", "127.0.0.1"}; };
  EXPECT_TRUE(connect(source, how).alive());
}

TEST_F(Connect, TriesEachAddressOfAResolver) {
  FakeServer const server{{{}}};
  auto source = server.source(credentials);
  source.parameters.hostaddr.clear();
  auto how = options();
  how.resolver_first = true;
  how.resolver = [](std::string const&) { return std::vector<std::string>{"127.0.0.2", "127.0.0.1"}; };
  EXPECT_TRUE(connect(source, how).alive());
}

TEST_F(Connect, EndsWithTheLastErrorWhereTheTimeIsOver) {
  FakeServer const server{{refusal("57P03", "the database system is starting up")}};
  auto how = options();
  how.timeout = 10s;
  try {
    static_cast<void>(connect(server.source(credentials), how));
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    EXPECT_EQ(error.sqlstate(), "57P03");
    EXPECT_TRUE(error.retryable());
    EXPECT_GT(error.attempts(), 5);
    EXPECT_LE(error.elapsed(), 10s);
    EXPECT_EQ(error.attempts(), server.connections());
  }
}

TEST_F(Connect, TellsWhatTheServerSaidWhereTheLastAttemptWasTooShortToHearIt) {
  FakeServer const server{{refusal("57P03", "the database system is starting up"), {.login = Login::say_nothing}}};
  auto how = options();
  how.timeout = 1s;
  how.max_attempts = 2;
  try {
    static_cast<void>(connect(server.source(credentials), how));
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    EXPECT_EQ(error.sqlstate(), "57P03");
    EXPECT_EQ(error.attempts(), 2);
    EXPECT_TRUE(error.retryable());
  }
}

TEST_F(Connect, StopsInTheMiddleOfAnAttempt) {
  FakeServer const server{{{.login = Login::say_nothing}}};
  std::stop_source stop;
  auto how = options();
  how.stop = stop.get_token();
  std::jthread const stopper{[&] {
    while (server.connections() == 0) std::this_thread::sleep_for(1ms);
    stop.request_stop();
  }};
  auto const start = std::chrono::steady_clock::now();
  EXPECT_THROW(static_cast<void>(connect(server.source(credentials), how)), Cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

TEST_F(Connect, PassesOnWhatTheCredentialsThrow) {
  FakeServer const server{{{}}};
  auto const failing = std::make_shared<CachingCredentialProvider>(
      [](CredentialsLimits const&) -> MintedToken { throw AuthError("test", ErrorFacts{.message = "no"}); },
      RefreshPolicy{}, clock);
  EXPECT_THROW(static_cast<void>(connect(server.source(failing), options())), AuthError);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(Connect, BlacksOutATokenThatTheServerEchoes) {
  FakeServer const server{{refusal("28000", "role planted-token-1 does not exist")}};
  auto how = options();
  how.on_attempt = [](ConnectAttempt const& attempt) { EXPECT_THAT(attempt.message, Not(HasSubstr("planted"))); };
  try {
    static_cast<void>(connect(server.source(credentials), how));
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    auto const& pg = error.pg();
    for (auto const& text : {std::string{error.what()}, error.message(), error.hint(), pg.detail, pg.context}) {
      EXPECT_THAT(text, Not(HasSubstr("planted")));
    }
    EXPECT_THAT(error.message(), HasSubstr("***"));
  }
}

TEST_F(Connect, RefusesATokenForAPooledHostBeforeDialling) {
  FakeServer const server{{{}}};
  auto source = server.source(credentials);
  source.parameters.pooled = true;
  EXPECT_THROW(static_cast<void>(connect(source, options())), ConfigError);
  EXPECT_EQ(server.connections(), 0);
}

// --- What becomes of a COMMIT that is lost ---

Conversation committing(std::function<std::optional<std::string>()> on_commit) {
  return {.on_query = [on_commit = std::move(on_commit)](std::string const& sql) -> std::optional<std::string> {
    if (sql == "COMMIT") return on_commit();
    return command_complete("BEGIN", 'T');
  }};
}

TEST_F(Connect, ReportsALostCommitAsInDoubt) {
  FakeServer const server{{committing([] { return std::nullopt; })}};
  auto connection = connect(server.source(credentials), options());
  auto transaction = connection.begin();
  EXPECT_THROW(transaction.commit(), CommitUnknown);
}

TEST_F(Connect, ReportsATerminationDuringCommitAsInDoubtWithItsSqlstate) {
  FakeServer const server{{committing(
      [] { return error_message("FATAL", "57P01", "terminating connection due to administrator command"); })}};
  auto connection = connect(server.source(credentials), options());
  auto transaction = connection.begin();
  try {
    transaction.commit();
    ADD_FAILURE() << "committed";
  } catch (CommitUnknown const& error) {
    EXPECT_EQ(error.sqlstate(), "57P01");
    EXPECT_FALSE(error.retryable());
  }
}

TEST_F(Connect, KnowsThatATransactionWasRolledBack) {
  FakeServer const server{{committing([] { return command_complete("ROLLBACK", 'I'); })}};
  auto connection = connect(server.source(credentials), options());
  auto transaction = connection.begin();
  try {
    transaction.commit();
    ADD_FAILURE() << "committed";
  } catch (CommitUnknown const&) {
    ADD_FAILURE() << "in doubt";
  } catch (PgError const& error) {
    EXPECT_EQ(error.sqlstate(), "25P02");
  }
}

// A source at which nobody listens, and what the service says of its endpoint.
class Unanswered : public Connect {
 protected:
  ConnectionSource source(AskEndpoint ask) {
    auto result = FakeServer{{{}}}.source(credentials);  // it listens no more
    result.parameters.sslrootcert = "/dev/null";
    result.parameters.endpoint = "projects/p/branches/b/endpoints/e";
    result.ask_endpoint = [this, ask = std::move(ask)](std::chrono::nanoseconds timeout, std::stop_token stop) {
      ++questions;
      EXPECT_LE(timeout, 5s);
      return ask(timeout, std::move(stop));
    };
    return result;
  }

  int questions = 0;
};

TEST_F(Unanswered, SaysThatTheEndpointIsGone) {
  auto const gone = source([](auto, auto) { return EndpointState::gone; });
  try {
    static_cast<void>(connect(gone, options()));
    ADD_FAILURE() << "connected";
  } catch (EndpointGone const& error) {
    EXPECT_THAT(error.what(), HasSubstr("the endpoint projects/p/branches/b/endpoints/e is gone"));
    EXPECT_THAT(error.what(), HasSubstr("refused"));
    EXPECT_FALSE(error.retryable());
    EXPECT_EQ(error.attempts(), 1);
  }
  EXPECT_EQ(questions, 1);
}

TEST_F(Unanswered, SaysThatTheEndpointIsDisabled) {
  try {
    static_cast<void>(connect(source([](auto, auto) { return EndpointState::disabled; }), options()));
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("is disabled, and no connection wakes it"));
    EXPECT_FALSE(error.retryable());
  }
}

TEST_F(Unanswered, SaysThatTheInstanceIsStoppedOrGone) {
  auto const why = [&](EndpointState state) -> std::string {
    auto instance = source([state](auto, auto) { return state; });
    instance.parameters.endpoint = "my-instance";
    try {
      static_cast<void>(connect(instance, options()));
    } catch (ConnectionError const& error) {
      EXPECT_EQ(error.attempts(), 1);
      EXPECT_FALSE(error.retryable());
      return error.what();
    }
    return "connected";
  };
  EXPECT_THAT(why(EndpointState::stopped),
              HasSubstr("the instance my-instance is stopped, and no connection starts it"));
  EXPECT_THAT(why(EndpointState::stopped), HasSubstr("The instance is stopped: start it"));
  EXPECT_THAT(why(EndpointState::gone), HasSubstr("the instance my-instance is gone: it was deleted ("));
}

TEST_F(Unanswered, GoesOnWhereTheEndpointIsThereAndAsksOnce) {
  auto how = options();
  how.max_attempts = 4;
  EXPECT_THROW(static_cast<void>(connect(source([](auto, auto) { return EndpointState::there; }), how)),
               ConnectionError);
  EXPECT_EQ(questions, 1);
}

TEST_F(Unanswered, GoesOnWhereTheServiceDoesNotAnswerEither) {
  auto how = options();
  how.max_attempts = 2;
  auto const silent = source([](auto, auto) -> EndpointState {
    throw TransportError{TransportError::Kind::timeout, false, ErrorFacts{.message = "no answer"}};
  });
  try {
    static_cast<void>(connect(silent, how));
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("refused"));
    EXPECT_EQ(error.attempts(), 2);
  }
}

TEST_F(Unanswered, IsNotAskedOfAServerThatAnswers) {
  FakeServer const server{{refusal("57P03", "the database system is starting up"), {}}};
  auto answering = source([](auto, auto) { return EndpointState::gone; });
  answering.parameters = server.source(credentials).parameters;
  EXPECT_TRUE(connect(answering, options()).alive());
  EXPECT_EQ(questions, 0);
}

TEST_F(Connect, GoesByTheClockOfItsSource) {
  FakeServer const server{{{.login = Login::close_at_once}, {}}};
  auto source = server.source(credentials);
  source.clock = clock;
  EXPECT_TRUE(connect(source).alive());
  EXPECT_THAT(clock->sleeps(), SizeIs(1));
}

// A clock that stands somewhere else, as that of a machine that was booted at another time.
class OtherClock final : public Clock {
 public:
  explicit OtherClock(std::chrono::nanoseconds up) : now_(up) {}
  std::chrono::steady_clock::time_point now() const override { return now_; }
  std::chrono::system_clock::time_point system_now() const override { return std::chrono::system_clock::now(); }
  bool sleep_until(std::chrono::steady_clock::time_point, std::stop_token) override { return true; }

 private:
  std::chrono::steady_clock::time_point now_;
};

TEST_F(Connect, TellsTheCredentialsTheDeadlineByTheirOwnClock) {
  FakeServer const server{{{}}};
  for (std::chrono::nanoseconds const up : {std::chrono::nanoseconds{1s}, std::chrono::nanoseconds{24h * 365}}) {
    auto const theirs = std::make_shared<OtherClock>(up);
    std::optional<std::chrono::steady_clock::time_point> deadline;
    auto const provider = std::make_shared<CachingCredentialProvider>(
        [&](CredentialsLimits const& limits) {
          deadline = limits.deadline;
          return MintedToken{"planted-token", theirs->system_now() + 1h};
        },
        RefreshPolicy{}, theirs);
    EXPECT_TRUE(connect(server.source(provider), {.timeout = 30s, .clock = clock}).alive());
    EXPECT_EQ(deadline, theirs->now() + 30s);
  }
}

}  // namespace
}  // namespace lakebase::tests
