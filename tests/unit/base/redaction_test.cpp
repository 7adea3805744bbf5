#include "base/redaction.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/error.hpp>

namespace lakebase::detail {
namespace {

TEST(Scrub, HidesWhatLooksLikeASecret) {
  EXPECT_EQ(scrub("Authorization: Bearer abcdefgh12345"), "Authorization: ***");
  EXPECT_EQ(scrub("sent Bearer abcdefgh12345 to x"), "sent Bearer *** to x");
  EXPECT_EQ(scrub("bad token dapi0123456789abcdef"), "bad token ***");
  EXPECT_EQ(scrub("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"), "***");
  EXPECT_EQ(scrub("client_secret=s3cret&x=1"), "client_secret=***&x=1");
  EXPECT_EQ(scrub(R"({"access_token": "a\"b", "n": 1})"), R"({"access_token": "***", "n": 1})");
  EXPECT_EQ(scrub("password: hunter2"), "password: ***");
  EXPECT_EQ(scrub("https://user:pw@host/x"), "https://***@host/x");
  EXPECT_EQ(scrub("a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b"), "a *** b");
}

TEST(Scrub, LeavesOrdinaryTextAlone) {
  for (std::string_view const text :
       {"project id not found [TraceId: 0123456789abcdef0123456789abcdef]", "password: must not be empty",
        "Field 'x' is required, expected non-default value (not \"\")!", "next_page_token=abc", "basic plan", "eyJ",
        "https://host/a@b", "tokens are fine"}) {
    EXPECT_EQ(scrub(text), text);
  }
}

TEST(BodyForLog, HidesSecretMembersAtAnyDepth) {
  EXPECT_EQ(body_for_log(R"({"b":{"Password":"x","list":[{"token":"y"}]},"a":1})", 96),
            R"({"a":1,"b":{"Password":"**REDACTED**","list":[{"token":"**REDACTED**"}]}})");
}

TEST(BodyForLog, CutsLongStringsAtCharactersAndLongArrays) {
  EXPECT_EQ(body_for_log(R"({"a":")" + std::string(95, 'x') + "ü\"}", 96),
            R"({"a":")" + std::string(95, 'x') + R"x(... (2 more bytes)"})x");
  std::string numbers = "[0";
  for (int i = 1; i < 5000; ++i) numbers += "," + std::to_string(i);
  auto const shown = body_for_log(numbers + "]", 96);
  EXPECT_LT(shown.size(), 3000U);
  EXPECT_NE(shown.find("additional elements)"), std::string::npos);
}

TEST(BodyForLog, SurvivesHostileBodies) {
  EXPECT_LT(body_for_log(std::string(1000000, '['), 96).size(), 200U);
  EXPECT_LT(body_for_log(std::string(100000, '\xff'), 96).size(), 200U);
  EXPECT_EQ(body_for_log("two\nlines", 96), "two lines");
}

TEST(Errors, HaveNoSecretsWhateverPutsThemThere) {
  Error const error{ErrorFacts{.message = "token=planted-1 Bearer planted-secret-2",
                               .hint = "https://me:planted-3@x",
                               .path = "/x?client_secret=planted-4",
                               .details = {.error_info = ErrorInfo{.metadata = {{"token", "planted-5"}}},
                                           .unknown = {JsonText{R"({"password":"planted-6"})"}}}}};
  EXPECT_EQ(std::string{error.what()}.find("planted"), std::string::npos) << error.what();
  EXPECT_EQ(error.message().find("planted"), std::string::npos);
  EXPECT_EQ(error.details().error_info.metadata.at("token"), "***");
  EXPECT_EQ(error.details().unknown[0].text.find("planted"), std::string::npos);
}

TEST(Errors, HaveNoSecretsInAnyDetail) {
  std::string const planted = "token=planted";
  Error const error{ErrorFacts{.details = {
                                   .error_info = {.reason = planted, .domain = planted},
                                   .request_info = {planted, planted},
                                   .debug_info = {{planted}, planted},
                                   .quota_failure = {{{planted, planted}}},
                                   .precondition_failure = {{{planted, planted, planted}}},
                                   .bad_request = {{{planted, planted}}},
                                   .resource_info = {planted, planted, planted, planted},
                                   .help = {{{planted, planted}}},
                               }}};
  auto const& details = error.details();
  auto const& quota = details.quota_failure.violations.at(0);
  auto const& precondition = details.precondition_failure.violations.at(0);
  auto const& field = details.bad_request.violations.at(0);
  auto const& resource = details.resource_info;
  auto const& link = details.help.links.at(0);
  std::vector<std::string> const all{details.error_info.reason,
                                     details.error_info.domain,
                                     details.request_info.request_id,
                                     details.request_info.serving_data,
                                     details.debug_info.detail,
                                     details.debug_info.stack_entries.at(0),
                                     quota.subject,
                                     quota.description,
                                     precondition.type,
                                     precondition.subject,
                                     precondition.description,
                                     field.field,
                                     field.description,
                                     resource.resource_type,
                                     resource.resource_name,
                                     resource.owner,
                                     resource.description,
                                     link.description,
                                     link.url};
  EXPECT_EQ(all, std::vector<std::string>(all.size(), "token=***"));
}

TEST(Errors, MoveNoCursorOfATerminal) {
  Error const error{ErrorFacts{.message = "a\x1b[2Jb\x7f",
                               .hint = "c\x1b]0;x\x07",
                               .error_code = "X\r\nY",
                               .request_id = "id\x1b[31m\nforged line"}};
  for (auto const& text :
       {std::string{error.what()}, error.message(), error.hint(), error.error_code(), error.request_id()}) {
    EXPECT_EQ(text.find_first_of("\x1b\x07\x7f\r"), std::string::npos) << text;
  }
}

TEST(Errors, TellTheirNotesOnLinesOfTheirOwn) {
  Error const error{ErrorFacts{.message = "no", .hint = "Do this.", .notes = {"first", "Bearer planted-token-1\nx"}}};
  EXPECT_STREQ(error.what(), "no. Do this.\n  first\n  Bearer *** x");
}

TEST(Errors, SayEverythingInOneLine) {
  Error const error{ErrorFacts{.message = "no\nsuch project",
                               .hint = "Look again.",
                               .method = "GET",
                               .path = "/api/2.0/postgres/projects/x",
                               .http_status = 404,
                               .error_code = "NOT_FOUND",
                               .request_id = "abc",
                               .attempts = 3,
                               .elapsed = std::chrono::milliseconds{4100}}};
  EXPECT_STREQ(
      error.what(),
      "GET /api/2.0/postgres/projects/x: 404 NOT_FOUND: no such project (request id abc, 3 attempts in 4.1 s). "
      "Look again.");
}

}  // namespace
}  // namespace lakebase::detail
