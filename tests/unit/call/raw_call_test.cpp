#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/workspace_client.hpp>

#include "support/client_over.hpp"
#include "support/identity_server.hpp"
#include "support/is_request.hpp"
#include "support/secret_watch.hpp"
#include "support/variables.hpp"

// WorkspaceClient::call, the way to what has no method of its own.

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class RawCallTest : public ::testing::Test {
 protected:
  WorkspaceClient client() { return WorkspaceClient{config_over(wire, clock)}; }

  // What the call is refused with, before anything is sent.
  std::string refusal(std::string_view verb, std::string_view path, CallRequest const& request = {}) {
    try {
      client().call(verb, path, request);
    } catch (InvalidArgument const& error) {
      EXPECT_THAT(wire->requests(), SizeIs(0));
      return error.what();
    }
    return "sent";
  }

  std::shared_ptr<testing::ScriptedTransport> wire = std::make_shared<testing::ScriptedTransport>();
  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
};

TEST_F(RawCallTest, SendsVerbPathQueryAndBodyAsTheOtherCallsDo) {
  wire->then({200, R"({"id":7})"});
  EXPECT_EQ(
      client().call("PUT", "/api/2.0/permissions/x", {.query = {{"a b", "ü&"}, {"a b", ""}}, .body = R"({"c":1})"}),
      R"({"id":7})");
  EXPECT_THAT(wire->only_request(), IsRequest("PUT", "/api/2.0/permissions/x?a%20b=%C3%BC%26&a%20b=", R"({"c":1})"));
}

TEST_F(RawCallTest, AnEmptyAnswerIsAnEmptyObject) {
  wire->then({200, ""});
  EXPECT_EQ(client().call("GET", "/api/2.0/x"), "{}");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/x"));
}

TEST_F(RawCallTest, EncodesWhatAPathCannotHoldAndLeavesWhatIsEncoded) {
  wire->then({200, "{}"});
  client().call("GET", "/api/2.0/a b/\xc3\xbc/%2Fc/d:e@f");
  EXPECT_EQ(wire->only_request().url, "https://example.cloud.databricks.com/api/2.0/a%20b/%C3%BC/%2Fc/d:e@f");
}

TEST_F(RawCallTest, ThrowsTheTypedErrors) {
  wire->then({404, R"({"error_code":"RESOURCE_DOES_NOT_EXIST","message":"no such cluster"})"});
  try {
    client().call("GET", "/api/2.0/clusters/get", {.query = {{"cluster_id", "1"}}});
    FAIL() << "no error";
  } catch (ResourceDoesNotExist const& error) {
    EXPECT_EQ(error.method(), "GET");
    EXPECT_EQ(error.path(), "/api/2.0/clusters/get");
    EXPECT_EQ(error.message(), "no such cluster");
  }
}

struct Repetition {
  std::string_view verb;
  std::optional<bool> idempotent;
  bool repeats;
};

TEST_F(RawCallTest, RepeatsWhatIsIdempotent) {
  for (auto const& [verb, idempotent, repeats] :
       {Repetition{"GET", {}, true}, Repetition{"HEAD", {}, true}, Repetition{"PUT", {}, false},
        Repetition{"POST", {}, false}, Repetition{"DELETE", {}, false}, Repetition{"PATCH", {}, false},
        Repetition{"POST", true, true}, Repetition{"GET", false, false}}) {
    wire = std::make_shared<testing::ScriptedTransport>();
    wire->then_throw(TransportError{TransportError::Kind::reset, true, ErrorFacts{.message = "planned fault"}});
    wire->then({200, "{}"});
    auto const send = [&, verb = verb, idempotent = idempotent] {
      return client().call(verb, "/api/x", {.idempotent = idempotent});
    };
    if (repeats) {
      EXPECT_EQ(send(), "{}") << verb;
    } else {
      EXPECT_THROW(send(), TransportError) << verb;
    }
    EXPECT_THAT(wire->requests(), SizeIs(repeats ? 2 : 1)) << verb;
  }
}

TEST_F(RawCallTest, HeedsTheOptionsOfWith) {
  wire->then({429, "{}", {{"Retry-After", "1"}}});
  auto const once = client().with({.timeout = 1min, .retry = {.max_attempts = 1}, .headers = {{"X-Mine", "1"}}});
  EXPECT_THROW(once.call("GET", "/api/x"), TooManyRequests);
  auto const request = wire->only_request();
  EXPECT_EQ(find_header(request.headers, "X-Mine"), "1");
  wire->then({429, "{}"});
  EXPECT_THROW(static_cast<void>(once.postgres.get_project("projects/p")), TooManyRequests)
      << "the services have the options, too";
}

TEST_F(RawCallTest, IsSeenByTheObserver) {
  auto config = config_over(wire, clock);
  std::string seen;
  config.observer = [&](CallAttempt const& attempt) { seen.append(attempt.method).append(" ").append(attempt.path); };
  wire->then({200, "{}"});
  WorkspaceClient{config}.call("DELETE", "/api/x");
  EXPECT_EQ(seen, "DELETE /api/x");
}

TEST_F(RawCallTest, LetsNoPathLeadToAnotherHost) {
  EXPECT_THAT(refusal("GET", "https://evil.example/api"), AllOf(HasSubstr("full URL"), HasSubstr("token would leave")));
  EXPECT_THAT(refusal("GET", "//evil.example/api"), HasSubstr("names another host"));
  EXPECT_THAT(refusal("GET", "/\\evil.example"), HasSubstr("backslash"));
  EXPECT_THAT(refusal("GET", "@evil.example/api"), HasSubstr("does not begin with a slash"));
  EXPECT_THAT(refusal("GET", ":80/api"), HasSubstr("does not begin with a slash"));
  EXPECT_THAT(refusal("GET", ""), HasSubstr("is empty"));
  EXPECT_THAT(refusal("GET", "/api/x\r\nHost: evil"), HasSubstr("control character"));
  EXPECT_THAT(refusal("GET", std::string_view{"/api/\0", 6}), HasSubstr("control character"));
}

TEST_F(RawCallTest, RefusesPathsThatMeanSomethingElse) {
  EXPECT_THAT(refusal("GET", "/api/x?a=b"), HasSubstr(".query"));
  EXPECT_THAT(refusal("GET", "/api/x#y"), HasSubstr("%23"));
  EXPECT_THAT(refusal("GET", "/api/50%/x"), HasSubstr("%25"));
  for (auto const* path : {"/api/../x", "/..", "/api/.", "/api/%2e%2E/x", "/api/.%2e"}) {
    EXPECT_THAT(refusal("DELETE", path), HasSubstr("segment of dots")) << path;
  }
  wire->then({200, "{}"});
  EXPECT_EQ(refusal("GET", "/api/..."), "sent") << "three dots are a name";
}

TEST_F(RawCallTest, RefusesVerbsAndBodiesThatAreNone) {
  EXPECT_THAT(refusal("get", "/api/x"), AllOf(HasSubstr("\"get\""), HasSubstr("in capitals")));
  EXPECT_THAT(refusal("CONNECT", "/api/x"), HasSubstr("GET, HEAD, POST"));
  EXPECT_THAT(refusal("POST", "/api/x", {.body = "a=b"}), AllOf(HasSubstr("not JSON"), HasSubstr("to_json")));
  EXPECT_THAT(refusal("GET", "/api/x", {.body = "{}"}), HasSubstr(".query"));
}

TEST_F(RawCallTest, SaysWhereABodyIsNoJsonAndNothingOfWhatIsInIt) {
  auto const text = refusal("POST", "/api/x", {.body = "{\"a\": 1,\n  \"password\": planted-secret}"});
  EXPECT_THAT(text, HasSubstr("the body of the call is not JSON at line 2, column 15: "));
  EXPECT_THAT(text, Not(AnyOf(HasSubstr("planted"), HasSubstr("JsonText"))));
  EXPECT_THAT(refusal("POST", "/api/x", {.body = "{"}), HasSubstr("not JSON at line 1, column 2: "));
  EXPECT_THAT(refusal("POST", "/api/x", {.body = "{\"a\": \"\xff\"}"}), HasSubstr("not JSON at line 1, column "));
  EXPECT_THAT(refusal("POST", "/api/x", {.body = "1e999"}), HasSubstr("not JSON: "));
  EXPECT_THAT(refusal("POST", "/api/x", {.body = " "}), HasSubstr("not JSON at line 1, column 2: "));
}

TEST(RawCall, GoesOverRealSockets) {
  IdentityServer server;
  server.with_oauth().on("POST /api/2.0/x", {.body = R"({"y":1})"}).on("HEAD /api/2.0/x", {.body = ""});
  WorkspaceClient const client{{.host = server.url(),
                                .client_id = "id",
                                .client_secret = "planted-secret",
                                .log = watched_log(),
                                .log_level = LogLevel::debug,
                                .environment = environment({})}};
  EXPECT_EQ(client.call("POST", "/api/2.0/x", {.query = {{"q", "1 2"}}, .body = "[1]"}), R"({"y":1})");
  auto const sent = server.requests("POST /api/2.0/x").at(0);
  EXPECT_THAT(sent, HasSubstr("POST /api/2.0/x?q=1%202 HTTP/1.1\r\n"));
  EXPECT_THAT(sent, HasSubstr("Authorization: Bearer t1\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\n\r\n[1]"));
  EXPECT_EQ(client.call("HEAD", "/api/2.0/x"), "{}");
}

}  // namespace
}  // namespace lakebase::tests
