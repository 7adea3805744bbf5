#include <map>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/postgres/branch.hpp>
#include <lakebase/postgres/replication_group.hpp>
#include <lakebase/testing/fake_clock.hpp>
#include <lakebase/testing/scripted_transport.hpp>

#include "call/api_client.hpp"
#include "support/client_over.hpp"

namespace lakebase::detail {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Kind = TransportError::Kind;

TransportError fault(Kind kind, bool maybe_sent) {
  return TransportError{kind, maybe_sent, ErrorFacts{.message = "planned fault", .retryable = true}};
}

// A strategy that counts how often it was asked, and whose token can be renewed.
class Counting final : public CredentialsStrategy {
 public:
  std::string_view name() const noexcept override { return "counting"; }
  Headers headers(CredentialsLimits const&) override {
    return {{"Authorization", "Bearer token-" + std::to_string(++asked) + end}};
  }
  bool invalidate(Headers const& refused) override {
    invalidated.emplace_back(find_header(refused, "Authorization").value_or(""));
    return renewable;
  }

  int asked = 0;
  std::string end{};
  bool renewable = true;
  std::vector<std::string> invalidated;
};

class ApiCallTest : public ::testing::Test {
 protected:
  Config config() {
    auto result = tests::config_over(wire, clock);
    result.token.reset();
    result.credentials_strategy = credentials;
    return result;
  }
  std::string send(Request const& request, CallOptions options = {}) {
    return ApiClient{config()}.with(std::move(options))->send(request);
  }
  std::string get(CallOptions options = {}) { return send(Request::get("/x"), std::move(options)); }
  std::string post(CallOptions options = {}) { return send(Request::post("/x").empty_body(), std::move(options)); }

  std::shared_ptr<testing::ScriptedTransport> wire = std::make_shared<testing::ScriptedTransport>();
  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  std::shared_ptr<Counting> credentials = std::make_shared<Counting>();
};

TEST_F(ApiCallTest, SendsWhatARequestIsMadeOf) {
  wire->then({200, "{\"a\":1}"});
  auto with_ids = config();
  with_ids.workspace_id = "42";
  with_ids.custom_headers = {{"X-Mine", "client"}, {"X-Other", "client"}, {"user-agent", "no"}};
  ApiClient const client{with_ids};
  EXPECT_EQ(
      client.with({.headers = {{"x-mine", "call"}, {"Authorization", "no"}}})->send(Request::post("/x").empty_body()),
      "{\"a\":1}");
  auto const request = wire->only_request();
  EXPECT_EQ(request.url, "https://example.cloud.databricks.com/x");
  EXPECT_EQ(find_header(request.headers, "X-Mine"), "call");
  EXPECT_EQ(find_header(request.headers, "X-Other"), "client");
  EXPECT_EQ(find_header(request.headers, "Authorization"), "Bearer token-1");
  EXPECT_EQ(find_header(request.headers, "X-Databricks-Workspace-Id"), "42");
  EXPECT_EQ(find_header(request.headers, "Content-Type"), "application/json");
  EXPECT_THAT(std::string{*find_header(request.headers, "User-Agent")}, HasSubstr("auth/counting"));
  EXPECT_THAT(request.headers, SizeIs(7));
}

TEST_F(ApiCallTest, AnEmptyAnswerIsAnEmptyObject) {
  wire->then({204, ""});
  EXPECT_EQ(get(), "{}");
}

TEST_F(ApiCallTest, RefusesHeadersThatBreakLines) {
  EXPECT_THROW(get({.headers = {{"A", "b\r\nc: d"}}}), InvalidArgument);
  EXPECT_THROW(get({.headers = {{"", "b"}}}), InvalidArgument);
}

TEST_F(ApiCallTest, RefusesHeadersThatFrameOrRouteARequestOrHaveNoName) {
  for (auto const* name : {"Host", "transfer-encoding", "Content-Length", "Connection", "Expect", "Upgrade", "TE"}) {
    try {
      get({.headers = {{name, "planted-value"}}});
      ADD_FAILURE() << name;
    } catch (InvalidArgument const& error) {
      EXPECT_THAT(error.what(), HasSubstr(std::string{"the header field "} + name + " is set by the transport"));
      EXPECT_THAT(error.what(), Not(HasSubstr("planted")));
    }
  }
  for (auto const* name : {"A: b", "A B", "A\tB", "\xc3\xa4", "A(", "Host:"}) {
    EXPECT_THROW(get({.headers = {{name, "x"}}}), InvalidArgument) << name;
  }
  EXPECT_THROW(get({.headers = {{"A", "b\x1b[2J"}}}), InvalidArgument);
}

TEST_F(ApiCallTest, HidesTheCredentialsThatItSentWhateverTheyLookLike) {
  wire->then({400, R"({"error_code":"BAD","message":"no user for token-1, sorry",
    "details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"token-1"}]})"});
  try {
    get();
    FAIL();
  } catch (ApiError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("no user for ***, sorry"));
    EXPECT_EQ(error.details().error_info.reason, "***");
  }
}

TEST_F(ApiCallTest, HidesThemInAnErrorUnderAStatusOfSuccessToo) {
  wire->then({200, R"({"error_code":"BAD","message":"no user for token-1, sorry"})"});
  try {
    static_cast<void>(PostgresClient{config()}.get_project("projects/p"));
    FAIL();
  } catch (ParseError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("it says: BAD: no user for ***, sorry"));
  }
}

TEST_F(ApiCallTest, HidesThemInWhatItQuotesOfPagesAndRedirects) {
  auto const what_of = [&](testing::ScriptedAnswer answer) {
    wire->then(std::move(answer));
    credentials->asked = 0;
    try {
      get();
    } catch (ApiError const& error) {
      return std::string{error.what()};
    } catch (ParseError const& error) {
      return std::string{error.what()};
    }
    return std::string{"no error"};
  };
  auto const page = what_of({200, "<html><title>no page for token-1</title></html>"});
  EXPECT_THAT(page, HasSubstr("title no page for ***"));
  EXPECT_THAT(page, Not(HasSubstr("token-1")));
  auto const redirect = what_of({302, "", {{"Location", "ftp://example.test/token-1/login"}}});
  EXPECT_THAT(redirect, HasSubstr("ftp://example.test/***/login, which is not followed"));
  EXPECT_THAT(redirect, Not(HasSubstr("token-1")));
}

TEST_F(ApiCallTest, SendsNoCredentialsWithAControlCharacter) {
  for (auto const* end : {"\x01", "\x7f", "\r\nX: y"}) {
    credentials->end = end;
    try {
      get();
      ADD_FAILURE() << "sent";
    } catch (AuthError const& error) {
      EXPECT_EQ(error.strategy(), "counting");
      EXPECT_THAT(error.what(), HasSubstr("line break or control character"));
    }
  }
  EXPECT_THAT(wire->requests(), SizeIs(0));
}

TEST_F(ApiCallTest, BusyAnswersAreRetriedForAllMethods) {
  for (int const status : {429, 503}) {
    wire->then({status, "{}"}).then({status, "{}"}).then({200, "{}"});
    EXPECT_EQ(post(), "{}");
  }
  auto const pauses = clock->sleeps();
  ASSERT_THAT(pauses, SizeIs(4));
  EXPECT_TRUE(pauses[0] >= 1s && pauses[0] < 2s);
  EXPECT_TRUE(pauses[1] >= 2s && pauses[1] < 3s);
}

TEST_F(ApiCallTest, PausesGrowToTenSeconds) {
  for (int i = 0; i < 14; ++i) wire->then({503, "{}"});
  wire->then({200, "{}"});
  get();
  auto const last = clock->sleeps().back();
  EXPECT_TRUE(last >= 10s && last < 11s);
}

TEST_F(ApiCallTest, RetryAfterIsHeeded) {
  wire->then({429, "{}", {{"Retry-After", "7"}}})
      .then({503, "{}", {{"Retry-After", "Thu, 01 Jan 2026 01:00:30 GMT"}}})
      .then({503, R"({"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retry_delay":"50s"}]})"})
      .then({200, "{}"});
  get();
  auto const pauses = clock->sleeps();
  ASSERT_THAT(pauses, SizeIs(3));
  EXPECT_EQ(pauses[0], 7s);
  EXPECT_EQ(pauses[1], 24s) << "a date is one of the injected clock, and rounded up";
  EXPECT_EQ(pauses[2], 50s);
}

TEST_F(ApiCallTest, APauseThatDoesNotFitEndsTheCallAtOnceWithTheRealError) {
  wire->then({503, R"({"error_code":"TEMPORARILY_UNAVAILABLE","message":"busy"})", {{"Retry-After", "2"}}})
      .then({503, R"({"error_code":"TEMPORARILY_UNAVAILABLE","message":"busy"})", {{"Retry-After", "600"}}});
  try {
    get();
    FAIL();
  } catch (TemporarilyUnavailable const& error) {
    EXPECT_EQ(error.attempts(), 2);
    EXPECT_EQ(error.elapsed(), 2s);
    EXPECT_EQ(error.retry_after(), 600s);
    EXPECT_TRUE(error.retryable());
    EXPECT_THAT(error.what(), HasSubstr("GET /x: 503 TEMPORARILY_UNAVAILABLE: busy (2 attempts in 2.0 s)"));
  }
  EXPECT_THAT(clock->sleeps(), SizeIs(1));
}

TEST_F(ApiCallTest, OtherErrorsAreNotRetried) {
  for (int const status : {400, 403, 404, 409, 500, 501}) {
    wire->then({status, "{}"});
    EXPECT_THROW(get(), ApiError) << status;
  }
  EXPECT_TRUE(clock->sleeps().empty());
}

TEST_F(ApiCallTest, BadGatewaysAreRetriedForReadsOnly) {
  for (int const status : {502, 504}) {
    wire->then({status, "{}"}).then({200, "{}"});
    EXPECT_EQ(get(), "{}");
    wire->then({status, "{}"});
    EXPECT_THROW(post(), ApiError);
  }
}

TEST_F(ApiCallTest, PassingTroublesAreRetriedForReadsOnly) {
  std::string const body = R"({"error_code":"X","message":"There is no worker environment with id 5"})";
  wire->then({400, body}).then({200, "{}"});
  EXPECT_EQ(get(), "{}");
  wire->then({400, body});
  EXPECT_THROW(post(), BadRequest);
  wire->then({400, R"({"message":"RPC token bucket limit has been exceeded"})"}).then({200, "{}"});
  EXPECT_EQ(post(), "{}") << "the service turned the request away";
}

TEST_F(ApiCallTest, FaultsAreRetriedForReadsAndForWritesThatWereNotSent) {
  for (auto const kind : {Kind::connect, Kind::reset, Kind::timeout, Kind::truncated}) {
    wire->then_throw(fault(kind, true)).then({200, "{}"});
    EXPECT_EQ(get(), "{}");
    wire->then_throw(fault(kind, false)).then({200, "{}"});
    EXPECT_EQ(post(), "{}");
    wire->then_throw(fault(kind, true));
    EXPECT_THROW(post(), TransportError);
    wire->then_throw(fault(kind, true)).then({200, "{}"});
    EXPECT_EQ(post({.retry = {.retry_unsafe_transport_errors = true}}), "{}");
    wire->then_throw(fault(kind, true)).then({200, "{}"});
    EXPECT_EQ(send(Request::post("/x").idempotency(Idempotency::safe)), "{}");
  }
  EXPECT_EQ(wire->answers_left(), 0U);
}

TEST_F(ApiCallTest, AWriteThatMayHaveHappenedSaysSo) {
  wire->then_throw(fault(Kind::reset, true));
  try {
    post();
    FAIL();
  } catch (TransportError const& error) {
    EXPECT_TRUE(error.maybe_sent());
    EXPECT_EQ(error.method(), "POST");
    EXPECT_EQ(error.path(), "/x");
    EXPECT_THAT(error.hint(), HasSubstr("may have acted"));
  }
}

TEST_F(ApiCallTest, HopelessFaultsAreNotRetriedAndNameServersAreAskedFourTimes) {
  for (auto const kind : {Kind::certificate, Kind::protocol, Kind::too_large, Kind::other}) {
    wire->then_throw(fault(kind, false));
    EXPECT_THROW(get(), TransportError);
  }
  EXPECT_TRUE(clock->sleeps().empty());
  for (int i = 0; i < 4; ++i) wire->then_throw(fault(Kind::resolve, false));
  EXPECT_THROW(get(), TransportError);
  EXPECT_EQ(wire->answers_left(), 0U);
}

TEST_F(ApiCallTest, MaxAttemptsBoundsTheTries) {
  wire->then({503, "{}"}).then({503, "{}"});
  EXPECT_THROW(get({.retry = {.max_attempts = 2}}), TemporarilyUnavailable);
  wire->then({503, "{}"});
  EXPECT_THROW(get({.retry = {.max_attempts = 1}}), TemporarilyUnavailable);
}

TEST_F(ApiCallTest, OneBudgetCoversEverything) {
  wire->then({503, "{}"}).then_do([&](HttpRequest const&, TransportLimits const& limits) -> HttpResponse {
    EXPECT_LE(*limits.total, 19s);
    EXPECT_EQ(limits.connect, 30s);
    EXPECT_EQ(limits.idle, 60s);
    clock->advance(*limits.total);
    throw fault(Kind::timeout, true);
  });
  try {
    get({.timeout = 20s});
    FAIL();
  } catch (TemporarilyUnavailable const& error) {  // more telling than "timed out"
    EXPECT_EQ(error.attempts(), 2);
    EXPECT_EQ(error.elapsed(), 20s);
  }
  wire->then({503, "{}"}).then_do([&](HttpRequest const&, TransportLimits const& limits) -> HttpResponse {
    clock->advance(*limits.total);
    throw fault(Kind::timeout, true);
  });
  try {
    post({.timeout = 20s});
    FAIL();
  } catch (TransportError const& error) {  // the write may have been acted on: that must not be hidden
    EXPECT_TRUE(error.maybe_sent());
    EXPECT_THAT(error.what(), HasSubstr("503"));
  }
}

TEST_F(ApiCallTest, AnAttemptWithoutAResponseHasNoStatusToTell) {
  wire->then_throw(fault(Kind::connect, false));
  wire->then_do([&](HttpRequest const&, TransportLimits const& limits) -> HttpResponse {
    clock->advance(*limits.total);
    throw TransportError{Kind::timeout, true, ErrorFacts{.message = "no response"}};
  });
  try {
    post({.timeout = 20s});
    FAIL();
  } catch (TransportError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("no response; the attempt before ended with planned fault"));
  }
}

TEST_F(ApiCallTest, NoTimeIsNoRequest) {
  EXPECT_THROW(get({.timeout = 0s}), TransportError);
  EXPECT_THROW(get({.timeout = -1s}), TransportError);
  EXPECT_TRUE(wire->requests().empty());
  wire->then({200, "{}"});
  EXPECT_EQ(get({.timeout = std::chrono::nanoseconds::max()}), "{}");
}

TEST_F(ApiCallTest, ARefusedTokenIsRenewedOnce) {
  wire->then({401, "{}"}).then({200, "{}"});
  EXPECT_EQ(post(), "{}");
  EXPECT_THAT(credentials->invalidated, ::testing::ElementsAre("Bearer token-1"));
  EXPECT_EQ(find_header(wire->requests()[1].headers, "Authorization"), "Bearer token-2");
  EXPECT_TRUE(clock->sleeps().empty());
  wire->then({403, R"({"error_code":403,"message":"Invalid access token."})"}).then({200, "{}"});
  EXPECT_EQ(get(), "{}");
  wire->then({401, "{}"}).then({401, R"({"message":"still no"})"});
  EXPECT_THROW(get(), Unauthenticated);
  wire->then({403, R"({"message":"no permission"})"});
  EXPECT_THROW(get(), PermissionDenied);
  credentials->renewable = false;
  wire->then({401, "{}"});
  EXPECT_THROW(get(), Unauthenticated);
  EXPECT_EQ(wire->answers_left(), 0U);
}

TEST_F(ApiCallTest, ATokenThatIsRefusedByABadRequestIsRenewedOnce) {
  std::string const refusal = R"({"error_code":"BAD_REQUEST","message":"Invalid Token"})";
  wire->then({400, refusal}).then({200, "{}"});
  EXPECT_EQ(post(), "{}");
  EXPECT_THAT(credentials->invalidated, ::testing::ElementsAre("Bearer token-1"));
  EXPECT_EQ(find_header(wire->requests()[1].headers, "Authorization"), "Bearer token-2");
  wire->then({400, refusal}).then({400, refusal});
  try {
    get();
    FAIL();
  } catch (BadRequest const& error) {
    EXPECT_THAT(error.hint(), HasSubstr("check the host and the credentials"));
    EXPECT_THAT(error.hint(), HasSubstr("auth counting"));
  }
  for (auto const* other : {"Invalid page token", "invalid token at position 7", "Field 'token' is required"}) {
    wire->then({400, std::string{R"({"error_code":"INVALID_PARAMETER_VALUE","message":")"} + other + R"("})"});
    EXPECT_THROW(get(), InvalidParameterValue) << other;
  }
  EXPECT_EQ(wire->answers_left(), 0U);
}

constexpr char const* aborted = R"({"error_code":"ABORTED","message":"another change is running"})";

TEST_F(ApiCallTest, AConflictWithARunningOperationIsRepeated) {
  for (auto const* body : {aborted, R"({"message":"Another operation is in progress"})",
                           R"({"error_code":"CONFLICT","message":"Endpoint reconciliation still in progress"})",
                           R"({"error_code":"RESOURCE_CONFLICT","message":"an Operation runs"})"}) {
    wire->then({409, body}).then({409, body}).then({200, "{}"});
    EXPECT_EQ(post(), "{}") << body;
  }
  for (auto const pause : clock->sleeps()) {
    EXPECT_GE(pause, 100ms);
    EXPECT_LE(pause, 225ms);
  }
}

TEST_F(ApiCallTest, AConflictIsRepeatedForAMinuteUnlessTheCallerSaysForHowLong) {
  for (auto const& [timeout, longest] :
       {std::pair<std::optional<std::chrono::nanoseconds>, std::chrono::nanoseconds>{std::nullopt, 60s},
        {5s, 5s},
        {150s, 150s}}) {
    auto const sleeps_before = clock->sleeps().size();
    auto const began = clock->now();
    for (int i = 0; i < 200; ++i) wire->then({409, aborted});
    try {
      post({.timeout = timeout});
      FAIL();
    } catch (Aborted const& error) {
      EXPECT_EQ(error.attempts(), static_cast<int>(clock->sleeps().size() - sleeps_before) + 1);
      EXPECT_TRUE(error.retryable());
    }
    EXPECT_LE(clock->now() - began, longest);
    EXPECT_GE(clock->now() - began, longest - 2s);
    for (auto const pause : clock->sleeps()) {
      EXPECT_GE(pause, 100ms);
      EXPECT_LE(pause, 2s);
    }
  }
}

TEST_F(ApiCallTest, AConflictIsNotRepeatedWhereThatWouldNotHelp) {
  for (auto const* body : {R"({"error_code":"ALREADY_EXISTS","message":"an operation with such id already exists"})",
                           R"({"error_code":"RESOURCE_ALREADY_EXISTS","message":"the operation"})",
                           R"({"error_code":"INVALID_STATE","message":"the operation is not possible"})",
                           R"({"message":"operation already exists"})", R"({"message":"the name is taken"})", "{}"}) {
    wire->then({409, body});
    EXPECT_THROW(post(), ApiError) << body;
  }
  wire->then({409, aborted});
  EXPECT_THROW(post({.retry = {.conflicts = false}}), Aborted);
  wire->then({409, aborted});
  EXPECT_THROW(post({.retry = {.max_attempts = 1}}), Aborted);
  wire->then({409, aborted, {{"Retry-After", "61"}}});
  EXPECT_THROW(post(), Aborted);
  EXPECT_TRUE(clock->sleeps().empty());
}

TEST_F(ApiCallTest, AConflictOfACallThatCarriesAnEtagIsNotRepeated) {
  wire->then({409, aborted}).then({409, aborted}).then({409, aborted});
  EXPECT_THROW(send(Request::del("/x").query("a", "b"sv).query("etag", "e1"sv)), Aborted);
  postgres::ReplicationGroupPreview const group{.etag = "e1"};
  EXPECT_THROW(send(Request::patch("/x").body(group)), Aborted);
  EXPECT_THROW(post({.headers = {{"if-match", "e1"}}}), Aborted);
  EXPECT_TRUE(clock->sleeps().empty());
  wire->then({409, aborted}).then({200, "{}"});
  postgres::Branch const named{.name = R"("etag":"e1")"};
  EXPECT_EQ(send(Request::patch("/x").body(named)), "{}") << "a text is no etag";
}

TEST_F(ApiCallTest, TheServicesOwnCancellationIsNoStopOfTheCaller) {
  wire->then({499, R"({"error_code":"CANCELLED","message":"gave up"})"});
  EXPECT_THROW(get(), RequestCancelled);
  static_assert(std::is_base_of_v<ApiError, RequestCancelled>);
  static_assert(!std::is_base_of_v<ApiError, Cancelled>);
}

TEST_F(ApiCallTest, CredentialsAreAskedForEachTryAndTheirErrorsNameTheCall) {
  wire->then({503, "{}"}).then({200, "{}"});
  get();
  EXPECT_EQ(credentials->asked, 2);
  auto failing = config();
  failing.credentials_strategy = make_credentials_strategy("mine", [](CredentialsLimits const&) -> Headers {
    throw AuthError{"mine", ErrorFacts{.message = "no luck"}};
  });
  try {
    ApiClient{failing}.send(Request::get("/x"));
    FAIL();
  } catch (AuthError const& error) {
    EXPECT_STREQ(error.what(), "GET /x: mine auth: no luck");
    EXPECT_EQ(error.strategy(), "mine");
  }
  failing.credentials_strategy = make_credentials_strategy("mine", [](CredentialsLimits const&) {
    return Headers{{"Authorization", "a\nb"}};
  });
  EXPECT_THROW(ApiClient{failing}.send(Request::get("/x")), AuthError);
}

TEST_F(ApiCallTest, StopsInAPause) {
  std::stop_source stop;
  wire->then_do([&](HttpRequest const&, TransportLimits const&) {
    stop.request_stop();
    return HttpResponse{.status = 503, .body = "{}"};
  });
  EXPECT_THROW(get({.stop = stop.get_token()}), Cancelled);
  EXPECT_THROW(get({.stop = stop.get_token()}), Cancelled) << "and before anything is sent";
  EXPECT_THAT(wire->requests(), SizeIs(1));
}

TEST_F(ApiCallTest, StopsInARealPauseAtOnce) {
  auto real = config();
  real.clock = make_system_clock();
  wire->then({503, "{}", {{"Retry-After", "100"}}});
  std::stop_source stop;
  std::chrono::steady_clock::time_point ended;
  std::jthread caller{[&] {
    EXPECT_THROW(ApiClient{real}.with({.stop = stop.get_token()})->send(Request::get("/x")), Cancelled);
    ended = std::chrono::steady_clock::now();
  }};
  std::this_thread::sleep_for(20ms);
  auto const asked = std::chrono::steady_clock::now();
  stop.request_stop();
  caller.join();
  EXPECT_LT(ended - asked, 50ms);
}

TEST_F(ApiCallTest, WebPagesAreExplained) {
  wire->then({200, "<html><title>Log in</title></html>", {{"x-request-id", "rid"}}});
  try {
    get();
    FAIL();
  } catch (ParseError const& error) {
    EXPECT_EQ(error.request_id(), "rid");
    EXPECT_THAT(error.what(), HasSubstr("web page instead of JSON"));
  }
  wire->then({302,
              "",
              {{"Location", "https://example.cloud.databricks.com/login.html?error=private-link-validation-error:1"}}});
  EXPECT_THROW(post(), PrivateLinkValidationError);
  wire->then({302, "", {{"Location", "/login"}}});
  EXPECT_THROW(post(), ApiError) << "a write that is redirected did not succeed";
}

TEST_F(ApiCallTest, ARedirectThatIsNotFollowedSaysWhy) {
  auto const error_of = [&](std::string const& location, int times) {
    for (int i = 0; i < times; ++i) wire->then({302, "", {{"Location", location}, {"x-request-id", "rid"}}});
    try {
      get();
    } catch (ApiError const& error) {
      EXPECT_EQ(error.http_status(), 302);
      EXPECT_EQ(error.request_id(), "rid");
      return std::string{error.what()};
    }
    return std::string{"no error"};
  };
  EXPECT_THAT(error_of("/x", 6), HasSubstr("/x, which is not followed: five redirects in a row"));
  EXPECT_THAT(error_of("ftp://example.test/", 1), HasSubstr("another scheme"));
  auto const of_user = error_of("https://planted:planted@example.test/", 1);
  EXPECT_THAT(of_user, HasSubstr("https://***@example.test/, which is not followed: it names a user"));
  EXPECT_THAT(of_user, Not(HasSubstr("planted")));
}

TEST_F(ApiCallTest, AnAnswerThatIsNotWhatWasPromisedNamesTheCallAndTheRequestId) {
  wire->then({200, R"({"name":7})", {{"x-request-id", "rid-1"}}}).then({200, "{}", {{"x-request-id", "rid-2"}}});
  PostgresClient const client{config()};
  try {
    static_cast<void>(client.get_project("projects/p"));
    FAIL();
  } catch (ParseError const& error) {
    EXPECT_EQ(error.json_path(), "name");
    EXPECT_EQ(error.request_id(), "rid-1");
    EXPECT_THAT(error.what(), HasSubstr("GET /api/2.0/postgres/projects/p: name: "));
  }
  try {
    static_cast<void>(client.create_project({}, "p"));
    FAIL();
  } catch (ParseError const& error) {
    EXPECT_EQ(error.request_id(), "rid-2");
    EXPECT_THAT(error.what(), HasSubstr("without a name"));
  }
}

TEST_F(ApiCallTest, RateLimitSpreadsCalls) {
  auto limited = config();
  limited.rate_limit = 2;
  ApiClient const client{limited};
  for (int i = 0; i < 5; ++i) {
    wire->then({200, "{}"});
    client.send(Request::get("/x"));
  }
  std::chrono::nanoseconds all{};
  for (auto const pause : clock->sleeps()) all += pause;
  EXPECT_EQ(all, 1500ms) << "two at once, and then two a second";
}

TEST_F(ApiCallTest, ObserverSeesEachTry) {
  struct Seen {
    int status, attempt;
    bool will_retry;
    std::string error, id;
  };
  std::vector<Seen> seen;
  auto observed = config();
  observed.observer = [&](CallAttempt const& attempt) {
    EXPECT_EQ(attempt.method, "GET");
    EXPECT_EQ(attempt.path, "/x");
    seen.push_back({attempt.status, attempt.attempt, attempt.will_retry, std::string{attempt.error},
                    std::string{attempt.request_id}});
    throw std::runtime_error("a broken observer breaks no call");
  };
  wire->then({503, "{}"}).then_throw(fault(Kind::reset, true)).then({200, "{}", {{"X-Request-Id", "r"}}});
  ApiClient{observed}.send(Request::get("/x"));
  ASSERT_THAT(seen, SizeIs(3));
  EXPECT_EQ(seen[0].status, 503);
  EXPECT_TRUE(seen[0].will_retry);
  EXPECT_EQ(seen[1].status, 0);
  EXPECT_EQ(seen[1].error, "planned fault");
  EXPECT_EQ(seen[2].attempt, 3);
  EXPECT_FALSE(seen[2].will_retry);
  EXPECT_EQ(seen[2].id, "r");
}

TEST_F(ApiCallTest, ObserverSeesAttemptsThatEndTheCallByAnException) {
  struct Seen {
    int status;
    std::string error, id;
  };
  std::vector<Seen> seen;
  auto observed = config();
  observed.observer = [&](CallAttempt const& attempt) {
    EXPECT_EQ(attempt.attempt, 1);
    EXPECT_FALSE(attempt.will_retry);
    seen.push_back({attempt.status, std::string{attempt.error}, std::string{attempt.request_id}});
  };
  ApiClient const client{observed};
  auto const get_it = [&] { client.send(Request::get("/x")); };

  wire->then({200, "<html>Log in</html>", {{"x-request-id", "rid"}}});
  EXPECT_THROW(get_it(), ParseError);
  wire->then({302, "", {{"Location", "ftp://example.test/"}, {"x-request-id", "rid"}}});
  EXPECT_THROW(get_it(), ApiError);
  wire->then({302,
              "",
              {{"Location", "https://example.cloud.databricks.com/login.html?error=private-link-validation-error:1"}}});
  EXPECT_THROW(get_it(), PrivateLinkValidationError);
  wire->then_throw(Cancelled{"stopped"});
  EXPECT_THROW(get_it(), Cancelled);
  credentials->end = "\r\n";
  EXPECT_THROW(get_it(), AuthError);
  ASSERT_THAT(seen, SizeIs(5));
  EXPECT_EQ(seen[0].status, 200);
  EXPECT_EQ(seen[0].error, "");
  EXPECT_EQ(seen[0].id, "rid");
  EXPECT_EQ(seen[1].status, 302);
  EXPECT_EQ(seen[1].error, "");
  EXPECT_THAT(seen[2].error, HasSubstr("PrivateLink"));
  EXPECT_THAT(seen[3].error, HasSubstr("stopped by the caller"));
  EXPECT_EQ(seen[4].status, 0);
  EXPECT_THAT(seen[4].error, HasSubstr("line break or control character"));
}

TEST_F(ApiCallTest, TheLogShowsCallsAndHidesSecrets) {
  std::string log;
  auto logged = tests::config_over(wire, clock);
  logged.log = [&](LogRecord const& record) { log.append(record.message).append("\n"); };
  logged.log_level = LogLevel::debug;
  logged.debug_headers = true;
  wire->then(
          {200, R"({"token":"planted-a","name":"x","nested":{"password":"planted-b"}})", {{"Set-Cookie", "planted-c"}}})
      .then({400, R"({"message":"bad planted-token"})"});
  ApiClient const client{logged};
  client.send(Request::post("/x").query("token", std::string_view{"planted-d"}).empty_body());
  try {
    client.send(Request::get("/y"));
    FAIL();
  } catch (Error const& error) {
    EXPECT_THAT(error.what(), Not(HasSubstr("planted")));
  }
  EXPECT_THAT(log, Not(HasSubstr("planted")));
  EXPECT_THAT(log, HasSubstr("POST /x?token=***"));
  EXPECT_THAT(log, HasSubstr("Authorization: REDACTED"));
  EXPECT_THAT(log, HasSubstr(R"("name":"x")"));
}

TEST_F(ApiCallTest, WarnsOfAHostThatNobodyListensAtOnceARow) {
  std::vector<std::string> warnings;
  auto logged = config();
  logged.log = [&](LogRecord const& record) { warnings.emplace_back(record.message); };
  logged.log_level = LogLevel::warning;
  auto const run = [&](std::string const& host) {
    warnings.clear();
    logged.host = host;
    for (int i = 0; i < 3; ++i) wire->then_throw(fault(Kind::connect, false));
    wire->then({200, "{}"});
    ApiClient{logged}.send(Request::get("/x"));
    return warnings;
  };
  EXPECT_THAT(run("http://127.0.0.1:1234"),
              ElementsAre("GET /x: attempt 1: planned fault; retrying: nobody listens at http://127.0.0.1:1234; is the "
                          "emulator still running?"));
  EXPECT_THAT(run("https://example.cloud.databricks.com"),
              ElementsAre(HasSubstr("https://example.cloud.databricks.com cannot be reached")));
}

TEST_F(ApiCallTest, NothingIsLoggedUnlessAskedFor) {
  int lines = 0;
  auto logged = config();
  logged.log = [&](LogRecord const&) { ++lines; };
  logged.log_level = Config{}.log_level;
  wire->then({503, "{}"}).then({200, "{}"});
  ApiClient{logged}.send(Request::get("/x"));
  EXPECT_EQ(lines, 0);
}

TEST_F(ApiCallTest, ATimeoutOfForEverGoesOn) {
  for (int i = 0; i < 40; ++i) wire->then({503, "{}"});  // far beyond the default of 300 s
  wire->then({200, "{}"});
  EXPECT_EQ(get({.timeout = std::chrono::nanoseconds::max()}), "{}");
}

TEST_F(ApiCallTest, ATimeoutOfNothingOrLessSendsNothing) {
  for (auto const span : {0ns, -1ns, std::chrono::nanoseconds::min()}) {
    EXPECT_THROW(get({.timeout = span}), TransportError);
  }
  EXPECT_THAT(wire->requests(), SizeIs(0));
}

}  // namespace
}  // namespace lakebase::detail
