// What observers of events are told of calls, waits and tokens.

#include <string>

#include <gmock/gmock.h>

#include <lakebase/error.hpp>
#include <lakebase/events.hpp>
#include <lakebase/postgres_client.hpp>
#include <lakebase/testing/fake_clock.hpp>
#include <lakebase/testing/scripted_transport.hpp>
#include <lakebase/workspace_client.hpp>

#include "auth/strategies.hpp"
#include "call/api_client.hpp"
#include "support/client_over.hpp"
#include "support/event_recorder.hpp"

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Kind = TransportError::Kind;

class Events : public ::testing::Test {
 protected:
  Config config() {
    auto result = config_over(wire, clock);
    result.events = recorder;
    return result;
  }
  PostgresClient client() { return PostgresClient{config()}; }
  void TearDown() override {
    EXPECT_EQ(recorder->open(), 0) << "each event that begins ends";
    EXPECT_THAT(recorder->facts(), Not(HasSubstr("planted")));
    EXPECT_THAT(recorder->facts(), Not(HasSubstr("unseen"))) << "errors may hold it, events not";
  }

  std::shared_ptr<testing::ScriptedTransport> wire = script({});
  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  std::shared_ptr<EventRecorder> recorder = std::make_shared<EventRecorder>();
};

TransportError fault(Kind kind) {
  return TransportError{kind, true, ErrorFacts{.message = "planned fault", .retryable = true}};
}

TEST_F(Events, TellOfACallAndItsAttempts) {
  wire->then({503, "{}"}).then_throw(fault(Kind::reset)).then({200, R"({"name":"b"})", {{"X-Request-Id", "r1"}}});
  static_cast<void>(client().get_branch("projects/p/branches/b"));
  EXPECT_THAT(recorder->paths(), ElementsAre("call > attempt", "call > attempt", "call > attempt", "call"));
  auto const where = std::string{
      "http.request.method=GET url.path=/api/2.0/postgres/projects/p/branches/b "
      "url.template=/api/2.0/postgres/projects/{id}/branches/{id}"};
  auto const server = std::string{"server.address=example.cloud.databricks.com server.port=443"};
  EXPECT_THAT(recorder->facts_of(EventKind::attempt),
              ElementsAre(where + " http.response.status_code=503 " + server + " error.type=503",
                          where + " http.request.resend_count=1 " + server + " error.type=reset",
                          where + " http.response.status_code=200 http.request.resend_count=2 lakebase.request.id=r1 " +
                              server));
  EXPECT_THAT(
      recorder->facts_of(EventKind::call),
      ElementsAre(where + " http.response.status_code=200 lakebase.request.id=r1 lakebase.attempts=3 " + server));
  auto const attempts = recorder->of(EventKind::attempt);
  EXPECT_TRUE(attempts[0].will_retry);
  EXPECT_FALSE(attempts[2].will_retry);
  auto const call = recorder->of(EventKind::call).front();
  EXPECT_GE(call.duration, attempts[0].duration);
  EXPECT_GT(call.duration, 0ns) << "it has pauses, by the client's clock";
}

TEST_F(Events, TellHowACallFailed) {
  wire->then({404, R"({"error_code":"NOT_FOUND","message":"unseen-words of a server"})"});
  EXPECT_THROW(static_cast<void>(client().get_project("projects/p")), NotFound);
  EXPECT_EQ(recorder->of(EventKind::attempt).front().error, "404");
  EXPECT_EQ(recorder->of(EventKind::call).front().error, "404");

  recorder->clear();
  wire->then_throw(fault(Kind::certificate));
  EXPECT_THROW(static_cast<void>(client().get_project("projects/p")), TransportError);
  EXPECT_EQ(recorder->of(EventKind::attempt).front().error, "certificate");
  EXPECT_EQ(recorder->of(EventKind::call).front().error, "certificate");

  recorder->clear();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(static_cast<void>(client().with({.stop = stop.get_token()}).get_project("projects/p")), Cancelled);
  EXPECT_THAT(recorder->paths(), ElementsAre("call"));
  EXPECT_EQ(recorder->of(EventKind::call).front().error, "lakebase::Cancelled");
}

TEST_F(Events, TellOfAnAttemptWithoutCredentials) {
  auto broken = config();
  broken.credentials_strategy = make_credentials_strategy("broken", [](CredentialsLimits const&) -> Headers {
    throw AuthError{"broken", ErrorFacts{.message = "unseen-message"}};
  });
  EXPECT_THROW(static_cast<void>(PostgresClient{broken}.get_project("projects/p")), AuthError);
  EXPECT_EQ(recorder->of(EventKind::attempt).front().error, "lakebase::AuthError");
  EXPECT_EQ(recorder->of(EventKind::call).front().error, "lakebase::AuthError");
}

TEST_F(Events, NameTheTemplateOfAPathWithoutIds) {
  auto const templates_of = [](detail::Request const& request) { return request.url_template(); };
  using detail::Request;
  EXPECT_EQ(templates_of(Request::get("/api/2.0/postgres/{}/roles", "projects/p/branches/b")),
            "/api/2.0/postgres/projects/{id}/branches/{id}/roles");
  EXPECT_EQ(templates_of(Request::get("/api/2.0/postgres/{}", "projects/p/preview/replication-groups/g")),
            "/api/2.0/postgres/projects/{id}/preview/replication-groups/{id}");
  EXPECT_EQ(templates_of(Request::get("/api/2.0/postgres/tables/{}", "a.b.c")), "/api/2.0/postgres/tables/{id}");
  EXPECT_EQ(templates_of(Request::post("/api/2.0/postgres/credentials")), "/api/2.0/postgres/credentials");
  EXPECT_EQ(templates_of(Request::of("GET", "/api/2.0/x/planted-id", detail::Idempotency::safe)), "");
}

TEST_F(Events, TellOfAWaitAndItsPolls) {
  auto const name = std::string{"projects/p/operations/o"};
  wire->then({200, R"({"name":"projects/p/operations/o","done":false})"})
      .then({200, R"({"name":"projects/p/operations/o","done":false})"})
      .then({200, R"({"name":"projects/p/operations/o","done":true,"response":{"name":"projects/p"}})"});
  client().create_project({}, "p").wait();
  EXPECT_THAT(recorder->paths(), ElementsAre("call > attempt", "call", "wait > call > attempt", "wait > call",
                                             "wait > call > attempt", "wait > call", "wait"));
  EXPECT_EQ(recorder->facts_of(EventKind::wait).front(), "lakebase.operation.polls=2 lakebase.operation.name=" + name);

  recorder->clear();
  wire->then({200, R"({"name":"projects/p/operations/o","done":false})"})
      .then({200, R"({"name":"projects/p/operations/o","done":true,"error":{"code":6,"message":"unseen"}})"});
  EXPECT_THROW(client().create_project({}, "p").wait(), OperationFailed);
  EXPECT_THAT(recorder->of(EventKind::wait).front().error, Not(IsEmpty()));

  recorder->clear();
  wire->then({200, R"({"name":"projects/p/operations/o","done":false})"});
  for (int i = 0; i < 5; ++i) wire->then({200, R"({"name":"projects/p/operations/o","done":false})"});
  EXPECT_THROW(client().create_project({}, "p").wait({.timeout = 1ms}), OperationTimeout);
  EXPECT_EQ(recorder->of(EventKind::wait).front().error, "lakebase::OperationTimeout");
}

TEST_F(Events, TellOfEachTokenOfTheWorkspace) {
  auto context = std::make_shared<detail::AuthContext>();
  context->resolved.values = config();
  context->clock = clock;
  bool works = true;
  auto const strategy =
      detail::make_token_strategy("example", context, [&](CredentialsLimits const&, std::string_view) {
        if (!works) throw AuthError{"example", ErrorFacts{.message = "unseen-message"}};
        return detail::Token{.access_token = "planted-access"};
      });
  static_cast<void>(strategy->headers({}));
  static_cast<void>(strategy->headers({}));
  EXPECT_THAT(recorder->facts_of(EventKind::mint), ElementsAre("lakebase.auth.strategy=example")) << "one for both";
  works = false;
  strategy->invalidate({{"Authorization", "Bearer planted-access"}});
  EXPECT_THROW(static_cast<void>(strategy->headers({})), AuthError);
  EXPECT_EQ(recorder->of(EventKind::mint).back().error, "lakebase::AuthError");
}

TEST_F(Events, ReachNobodyWithoutAnObserverAndSurviveOneThatThrows) {
  auto throwing = config();
  throwing.events = std::make_shared<ThrowingObserver>();
  wire->then({503, "{}"}).then({200, R"({"name":"projects/p"})"}).then({404, "{}"});
  PostgresClient const broken{throwing};
  EXPECT_EQ(broken.get_project("projects/p").name, "projects/p");
  EXPECT_THROW(static_cast<void>(broken.get_project("projects/p")), NotFound);
  EXPECT_THAT(recorder->all(), IsEmpty());

  auto joined = config();
  joined.events = join_observers({throwing.events, nullptr, recorder});
  wire->then({200, R"({"name":"projects/p"})"});
  EXPECT_EQ(PostgresClient{joined}.get_project("projects/p").name, "projects/p");
  EXPECT_THAT(recorder->paths(), ElementsAre("call > attempt", "call"));
}

TEST_F(Events, ReachAllClientsOfAWorkspace) {
  WorkspaceClient const w{config()};
  wire->then({200, R"({"name":"projects/p"})"}).then({200, R"({"userName":"me"})"}).then({200, "{}"});
  static_cast<void>(w.postgres.get_project("projects/p"));
  static_cast<void>(w.current_user.me());
  w.call("GET", "/api/2.0/clusters/list");
  EXPECT_THAT(recorder->of(EventKind::call), SizeIs(3));
  EXPECT_TRUE(recorder->of(EventKind::call)[1].has("url.template=/api/2.0/preview/scim/v2/Me"));
  EXPECT_FALSE(recorder->of(EventKind::call)[2].has("url.template=/api/2.0/clusters/list"));
}

}  // namespace
}  // namespace lakebase::tests
