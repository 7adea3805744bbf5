#include "call/http_call.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/testing/fake_clock.hpp>
#include <lakebase/testing/scripted_transport.hpp>

#include "call/session.hpp"
#include "support/client_over.hpp"

// HttpCall without the API on top: another host, other credentials, other errors, and responses that are no JSON.

namespace lakebase::detail {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class RowsCredentials final : public CredentialsStrategy {
 public:
  std::string_view name() const noexcept override { return "rows"; }
  Headers headers(CredentialsLimits const&) override {
    return {{"Authorization", "Bearer rows-token-" + std::to_string(++asked)}};
  }
  bool invalidate(Headers const&) override { return true; }

  int asked = 0;
};

class HttpCallTest : public ::testing::Test {
 protected:
  // A service of rows: a range that is not there is a response, all else of 400 and above an error of its own form.
  HttpService rows() {
    return {.base_url = [] { return std::string{"https://rows.example.com/api/rest"}; },
            .authentication = &credentials,
            .read_error = [](HttpResponse const& response, HttpCall const& call) -> std::optional<Failure> {
              if (response.status < 400 || response.status == 416) return std::nullopt;
              auto facts = call.facts("rows: " + response.body);
              facts.http_status = response.status;
              return Failure{.facts = std::move(facts)};
            }};
  }
  CallResponse send(HttpService service, Request const& request, Headers headers = {},
                    CallOptions const& options = {}) {
    return HttpCall{session, std::move(service), request, std::move(headers), options}.run();
  }

  std::shared_ptr<testing::ScriptedTransport> wire = std::make_shared<testing::ScriptedTransport>();
  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  RowsCredentials credentials;
  Session session{tests::config_over(wire, clock)};
};

TEST_F(HttpCallTest, ReachesItsServiceAsItsCaller) {
  wire->then({200, "[]"});
  send(rows(), Request::get("/{}/items", Segment{"a/b"}).query("select", std::optional<std::string>{"id"}),
       {{"Accept", "text/csv"}, {"Range", "0-9"}}, {.headers = {{"range", "0-1"}, {"authorization", "no"}}});
  auto const request = wire->only_request();
  EXPECT_EQ(request.url, "https://rows.example.com/api/rest/a%2Fb/items?select=id");
  EXPECT_EQ(find_header(request.headers, "Accept"), "text/csv");
  EXPECT_EQ(find_header(request.headers, "Range"), "0-1");
  EXPECT_EQ(find_header(request.headers, "Authorization"), "Bearer rows-token-1");
  EXPECT_THAT(std::string{*find_header(request.headers, "User-Agent")}, HasSubstr("auth/rows"));
  EXPECT_THAT(request.headers, SizeIs(4));
}

TEST_F(HttpCallTest, GivesTheResponseWithStatusAndHeaders) {
  wire->then({206, "[1]", {{"Content-Range", "0-0/2"}, {"x-request-id", "rid"}}});
  wire->then({416, "", {{"Content-Range", "*/2"}}});
  auto const part = send(rows(), Request::get("/items"));
  EXPECT_EQ(part.http.status, 206);
  EXPECT_EQ(part.http.body, "[1]");
  EXPECT_EQ(find_header(part.http.headers, "Content-Range"), "0-0/2");
  EXPECT_EQ(part.request_id, "rid");
  EXPECT_EQ(find_header(part.credentials, "Authorization"), "Bearer rows-token-1");
  auto const nothing = send(rows(), Request::get("/items"));
  EXPECT_EQ(nothing.http.status, 416);
  EXPECT_EQ(find_header(nothing.http.headers, "Content-Range"), "*/2");
}

TEST_F(HttpCallTest, TakesAWebPageForAResponseWhereTheServiceDoes) {
  wire->then({200, "<html>", {{"Content-Type", "text/html"}}});
  EXPECT_EQ(send(rows(), Request::get("/items")).http.body, "<html>");
}

TEST_F(HttpCallTest, WithoutAnErrorReaderEveryResponseIsTheCallers) {
  auto service = rows();
  service.read_error = nullptr;
  wire->then({503, "busy"});
  EXPECT_EQ(send(service, Request::get("/items")).http.status, 503);
}

TEST_F(HttpCallTest, RaisesWhatTheErrorReaderTellsWithoutSecrets) {
  wire->then({404, "no such table for rows-token-1", {{"x-request-id", "rid"}}});
  try {
    send(rows(), Request::get("/items"));
    FAIL();
  } catch (NotFound const& error) {
    EXPECT_THAT(error.what(), HasSubstr("rows: no such table"));
    EXPECT_THAT(error.what(), Not(HasSubstr("rows-token")));
    EXPECT_EQ(error.request_id(), "rid");
    EXPECT_EQ(error.path(), "/items");
    EXPECT_EQ(error.attempts(), 1);
  }
}

struct RowsError : ApiError {
  using ApiError::ApiError;
};

TEST_F(HttpCallTest, RaisesErrorsOfTheServicesOwnType) {
  auto service = rows();
  service.raise = [](ErrorFacts facts) { throw RowsError{std::move(facts)}; };
  wire->then({404, "no such table"});
  EXPECT_THROW(send(service, Request::get("/items")), RowsError);
  wire->then_throw(TransportError{TransportError::Kind::other, true, ErrorFacts{.message = "planned fault"}});
  EXPECT_THROW(send(service, Request::get("/items")), TransportError);
}

TEST_F(HttpCallTest, FollowsTheVerdictOfTheService) {
  auto service = rows();
  service.judge = [](Failure const& failure, RetryRules const& rules) {
    return failure.facts.http_status == 404 ? Verdict::retry : judge(failure, rules);
  };
  wire->then({404, "not yet"});
  wire->then({200, "[]"});
  EXPECT_EQ(send(service, Request::get("/items")).http.status, 200);
  EXPECT_THAT(clock->sleeps(), SizeIs(1));
}

TEST_F(HttpCallTest, RenewsARefusedTokenOnceAndNamesItsHost) {
  wire->then({401, "who?"});
  wire->then({401, "who?"});
  try {
    send(rows(), Request::get("/items"));
    FAIL();
  } catch (Unauthenticated const& error) {
    EXPECT_THAT(error.hint(), HasSubstr("(host https://rows.example.com/api/rest, auth rows)"));
  }
  EXPECT_EQ(find_header(wire->requests().at(1).headers, "Authorization"), "Bearer rows-token-2");
}

TEST_F(HttpCallTest, AddsWhatTheAuthenticationMakesKnown) {
  auto service = rows();
  service.add_headers = [this](Headers& headers) {
    headers.emplace_back("X-Asked", std::to_string(credentials.asked));
  };
  wire->then({429, ""});
  wire->then({200, ""});
  send(service, Request::get("/items"));
  std::vector<std::string> asked;
  for (auto const& request : wire->requests()) asked.emplace_back(*find_header(request.headers, "X-Asked"));
  EXPECT_THAT(asked, ElementsAre("1", "2"));
}

}  // namespace
}  // namespace lakebase::detail
