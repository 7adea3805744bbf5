#include "http/error_mapping.hpp"
#include "base/error_types.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json_text.hpp"
#include "http/hints.hpp"

namespace lakebase::detail {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

std::chrono::system_clock::time_point const today = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

ErrorFacts facts_of(int status, std::string body, Headers headers = {}) {
  return facts_of_response({.status = status, .headers = std::move(headers), .body = std::move(body)}, today);
}

struct Body {
  int status;
  std::string_view body;
  std::string_view message;
  std::string_view code;
};

TEST(ErrorBody, IsReadWhateverItsShape) {
  for (auto const& [status, body, message, code] : {
           Body{404, R"({"error_code":"NOT_FOUND","message":"gone"})", "gone", "NOT_FOUND"},
           Body{403, R"({"error_code":403,"message":"JWT has expired"})", "JWT has expired", "403"},
           Body{400, R"({"error":"old style"})", "old style", ""},
           Body{400, R"({"error":{"code":"X","message":"inner"}})", "inner", "X"},
           Body{401, R"({"error":"invalid_client","error_description":"no"})", "no", "invalid_client"},
           Body{400, R"({"errorCode":"E1","errorSummary":"okta"})", "okta", "E1"},
           Body{404, R"({"detail":"no user","status":"404","scimType":"bad"})", "bad no user", "SCIM_404"},
           Body{500, R"({"detail":"null","status":"500"})", "SCIM API Internal Error", "SCIM_500"},
           Body{404, R"({"message":null})", "Not Found", ""},
           Body{400, "MALFORMED_REQUEST: vpc_endpoints malformed", "vpc_endpoints malformed", "MALFORMED_REQUEST"},
           Body{502, "<html><body><pre> Worker gone. </pre></body></html>", "Worker gone", "BAD_GATEWAY"},
           Body{503, "<!DOCTYPE html><title>Down</title>", "Down", "SERVICE_UNAVAILABLE"},
           Body{400, "<html></html>", "Bad Request", "BAD_REQUEST"},
           Body{400, "", "Bad Request", ""},
           Body{418, "", "Request Failed", ""},
           Body{400, "[1]", "[1]", ""},
           Body{400, "just text\nmore", "just text more", ""},
           Body{400, "\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd", ""},
           Body{400, R"({"message":"m","details":7})", "m", ""},
           Body{400, R"({"error":"Bad Request","message":"update_mask: no"})", "update_mask: no", ""},
           Body{400, "\xef\xbb\xbf{\"error_code\":\"X\",\"message\":\"m\"}", "m", "X"},
           Body{503, "\xef\xbb\xbf<!DOCTYPE html><title>Down</title>", "Down", "SERVICE_UNAVAILABLE"},
           Body{400, "{\"error_code\":\"X\",\"message\":\"a\xff z\"}", "a\xef\xbf\xbd z", "X"},
       }) {
    auto const facts = facts_of(status, std::string{body});
    EXPECT_EQ(facts.message, message) << body;
    EXPECT_EQ(facts.error_code, code) << body;
    EXPECT_EQ(facts.http_status, status);
  }
  EXPECT_LT(facts_of(400, std::string(100000, 'x')).message.size(), 4200U);
}

TEST(ErrorBody, IsRefusedByItsDepthBeforeItIsParsed) {
  std::string const brackets(std::size_t{18} << 20U, '[');
  EXPECT_TRUE(parse_json(brackets).is_discarded());  // seconds, if it is parsed
  EXPECT_EQ(facts_of(500, brackets).message.substr(0, 8), "[[[[[[[[");
  EXPECT_EQ(facts_of(400, R"({"message":"[[[[ \" [[ {{ \\"})").message, "[[[[ \" [[ {{ \\");
}

template <class SomeError>
void expect_type(int status, std::string code) {
  try {
    throw_api_error({.http_status = status, .error_code = code});
  } catch (Error const& error) {
    EXPECT_EQ(typeid(error), typeid(SomeError)) << status << ' ' << code;
  }
}

TEST(ErrorType, FollowsTheCodeAndThenTheStatus) {
  expect_type<BadRequest>(400, "");
  expect_type<BadRequest>(400, "NOT_FOUND");
  expect_type<InvalidParameterValue>(404, "INVALID_PARAMETER_VALUE");
  expect_type<InvalidState>(400, "INVALID_STATE");
  expect_type<Unauthenticated>(401, "");
  expect_type<PermissionDenied>(403, "PERMISSION_DENIED");
  expect_type<NotFound>(404, "NOT_FOUND");
  expect_type<ResourceDoesNotExist>(404, "RESOURCE_DOES_NOT_EXIST");
  expect_type<ResourceConflict>(409, "");
  expect_type<Aborted>(409, "ABORTED");
  expect_type<AlreadyExists>(409, "ALREADY_EXISTS");
  expect_type<ResourceAlreadyExists>(400, "RESOURCE_ALREADY_EXISTS");
  expect_type<TooManyRequests>(429, "");
  expect_type<ResourceExhausted>(429, "RESOURCE_EXHAUSTED");
  expect_type<RequestLimitExceeded>(400, "REQUEST_LIMIT_EXCEEDED");
  expect_type<RequestCancelled>(499, "");
  expect_type<InternalError>(500, "INTERNAL_ERROR");
  expect_type<Unknown>(500, "UNKNOWN");
  expect_type<DataLoss>(500, "DATA_LOSS");
  expect_type<NotImplemented>(501, "");
  expect_type<TemporarilyUnavailable>(503, "");
  expect_type<DeadlineExceeded>(504, "");
  expect_type<ApiError>(418, "TEAPOT");
  expect_type<NotFound>(0, "NOT_FOUND");  // the error of an operation has no status
  expect_type<BadRequest>(0, "BAD_REQUEST");
  expect_type<ApiError>(0, "");
}

TEST(ErrorType, OfAnOperationReadsRpcCodes) {
  EXPECT_EQ(facts_of_error_body(R"({"code":5,"message":"no"})").error_code, "NOT_FOUND");
}

TEST(ErrorDetails, FillTheirSlots) {
  auto const facts = facts_of(409, R"({"error_code":"ABORTED","message":"m","details":[
    {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"R","domain":"D","metadata":{"k":"v"}},
    {"@type":"type.googleapis.com/google.rpc.RequestInfo","request_id":"rid","serving_data":"s"},
    {"@type":"type.googleapis.com/google.rpc.RetryInfo","retry_delay":"1.5s"},
    {"@type":"type.googleapis.com/google.rpc.DebugInfo","stack_entries":["a"],"detail":"d"},
    {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"subject":"s","description":"d"}]},
    {"@type":"type.googleapis.com/google.rpc.PreconditionFailure","violations":[{"type":"t"}]},
    {"@type":"type.googleapis.com/google.rpc.BadRequest","field_violations":[{"field":"f","description":"d"}]},
    {"@type":"type.googleapis.com/google.rpc.ResourceInfo","resource_name":"n"},
    {"@type":"type.googleapis.com/google.rpc.Help","links":[{"url":"u"}]},
    {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":7},
    {"@type":"else"}, 5]})");
  auto const& details = facts.details;
  EXPECT_EQ(details.error_info.metadata.at("k"), "v");
  EXPECT_EQ(facts.request_id, "rid");
  EXPECT_EQ(facts.retry_after, 1500ms);
  EXPECT_EQ(details.debug_info.stack_entries.at(0), "a");
  EXPECT_EQ(details.quota_failure.violations.at(0).subject, "s");
  EXPECT_EQ(details.precondition_failure.violations.at(0).type, "t");
  EXPECT_EQ(details.bad_request.violations.at(0).field, "f");
  EXPECT_EQ(details.resource_info.resource_name, "n");
  EXPECT_EQ(details.help.links.at(0).url, "u");
  EXPECT_EQ(details.unknown.size(), 3U);
  EXPECT_TRUE(facts.retryable);
}

TEST(ErrorDetails, AreEmptyWhereNothingWasAttached) {
  auto const facts = facts_of(404, R"({"error_code":"NOT_FOUND","message":"m"})");
  auto const& details = facts.details;
  EXPECT_EQ(details.error_info.reason, "");
  EXPECT_EQ(details.retry_info.retry_delay, std::nullopt);
  EXPECT_TRUE(details.bad_request.violations.empty());
  EXPECT_TRUE(details.unknown.empty());
  EXPECT_EQ(facts.request_id, "");
  EXPECT_EQ(facts.retry_after, std::nullopt);
}

TEST(ErrorDetails, RequestIdOfTheHeaderCounts) {
  EXPECT_EQ(facts_of(500, "{}", {{"X-Request-Id", "h"}}).request_id, "h");
}

TEST(RetryAfter, IsReadInBothForms) {
  EXPECT_EQ(parse_retry_after("120", today), 120s);
  EXPECT_EQ(parse_retry_after(" 0 ", today), 0s);
  EXPECT_EQ(parse_retry_after("Thu, 01 Jan 2026 00:00:10 GMT", today), 11s);
  EXPECT_EQ(parse_retry_after("Thu, 01 Jan 2020 00:00:10 GMT", today), 0s);
  EXPECT_EQ(parse_retry_after("Thursday, 01-Jan-26 00:00:10 GMT", today), 11s);
  EXPECT_EQ(parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", today), 0s);
  EXPECT_EQ(parse_retry_after("Thu Jan  1 00:00:10 2026", today), 11s);
  EXPECT_EQ(parse_retry_after("99999999999999999999999", today), std::chrono::hours{24 * 365});
  for (std::string_view const bad :
       {"", "-1", "1.5", "soon", "Thu, 99 Jan 2026 00:00:10 GMT", "Thu, 01 Foo 2026 00:00:10 GMT"}) {
    EXPECT_EQ(parse_retry_after(bad, today), std::nullopt) << bad;
  }
}

TEST(PrivateLink, IsRecognisedBeforeTheRedirectIsFollowed) {
  try {
    refuse_private_link_page({.status = 302,
                              .headers = {{"Location",
                                           "https://adb-1.2.azuredatabricks.net/login.html?error=private-"
                                           "link-validation-error:123"}}},
                             "https://adb-1.2.azuredatabricks.net/api", {.method = "GET", .path = "/api"});
    FAIL();
  } catch (PrivateLinkValidationError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("Azure Private Link"));
    EXPECT_EQ(error.http_status(), 403);
    EXPECT_EQ(error.error_code(), "PRIVATE_LINK_VALIDATION_ERROR");
  }
  EXPECT_FALSE(is_private_link_page({.status = 302, .headers = {{"Location", "/login.html"}}}, "https://x"));
}

TEST(Html, IsExplainedInsteadOfParsed) {
  try {
    refuse_html({.status = 200, .body = "<html><title>Sign in</title>"}, "https://x.com/api?secret=1", {});
    FAIL();
  } catch (ParseError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("x.com responded with a web page instead of JSON"));
    EXPECT_THAT(error.what(), HasSubstr("Sign in"));
    EXPECT_FALSE(error.hint().empty());
  }
  EXPECT_TRUE(is_html({.status = 200, .body = "<html><title>Sign in</title>"}));
  EXPECT_TRUE(is_html({.status = 200, .headers = {{"Content-Type", "Text/HTML; charset=utf-8"}}, .body = "Sign in"}));
  EXPECT_FALSE(is_html({.status = 200, .body = "{}"}));
}

TEST(Hints, HelpWithARefusedToken) {
  EXPECT_TRUE(is_rejected_token(403, "Error: JWT has expired"));
  EXPECT_FALSE(is_rejected_token(403, "no permission"));
}

}  // namespace
}  // namespace lakebase::detail
