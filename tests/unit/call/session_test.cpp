#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>

#include "call/api_client.hpp"
#include "support/faulty_server.hpp"
#include "support/test_certificates.hpp"
#include "support/variables.hpp"

// What a client makes of the settings of its configuration that are about the line.

namespace lakebase::detail {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tests::FaultyServer;
using tests::TestCertificates;
using tests::Variables;

class SessionTest : public ::testing::Test {
 protected:
  Config config(Variables variables = {}) {
    return {.host = server.url(), .token = "planted-token", .environment = tests::environment(std::move(variables))};
  }
  static std::string error_of(Config const& config) {
    try {
      ApiClient{config}.with({.timeout = 10s})->send(Request::get("/api"));
    } catch (Error const& error) {
      return error.what();
    }
    return {};
  }

  TestCertificates const certificates;
  TestCertificates const others;
  FaultyServer server{FaultyServer::answering(
                          [](tests::Connection& connection, std::string const&, int) { connection.answer(200, "{}"); }),
                      certificates.server()};
};

TEST_F(SessionTest, AuthoritiesComeFromSettingsOrVariables) {
  EXPECT_THAT(error_of(config()), HasSubstr("certificate is not accepted"));
  EXPECT_THAT(error_of(config({{"CURL_CA_BUNDLE", certificates.authority_file()}})), IsEmpty());
  EXPECT_THAT(error_of(config({{"SSL_CERT_FILE", certificates.authority_file()}})), IsEmpty());
  EXPECT_THAT(error_of(config({{"SSL_CERT_DIR", certificates.authority_folder()}})), IsEmpty());
  auto explicitly = config({{"SSL_CERT_FILE", others.authority_file()}});
  explicitly.ca_file = certificates.authority_file();
  EXPECT_THAT(error_of(explicitly), IsEmpty()) << "settings beat variables";
  explicitly.ca_file = others.authority_file();
  EXPECT_THAT(error_of(explicitly), HasSubstr("name its certificate in ca_file"));
}

TEST_F(SessionTest, SkipVerifyIsLoud) {
  auto careless = config();
  careless.skip_verify = true;
  ::testing::internal::CaptureStderr();
  EXPECT_THAT(error_of(careless), IsEmpty());
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("skip_verify is set"));
  std::string log;
  careless.log = [&](LogRecord const& record) {
    if (record.level == LogLevel::warning) log += record.message;
  };
  ::testing::internal::CaptureStderr();
  EXPECT_THAT(error_of(careless), IsEmpty());
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), IsEmpty());
  EXPECT_THAT(log, HasSubstr("skip_verify is set"));
}

TEST_F(SessionTest, ACallOverItsTimeEndsInTime) {
  FaultyServer silent{
      FaultyServer::answering([](tests::Connection& connection, std::string const&, int) { connection.stall(); })};
  auto waiting = config();
  waiting.host = silent.url();
  ApiClient const client{waiting};
  auto const start = std::chrono::steady_clock::now();
  EXPECT_THROW(client.with({.timeout = 100ms})->send(Request::get("/api")), TransportError);
  EXPECT_LE(std::chrono::steady_clock::now() - start, 200ms);
}

}  // namespace
}  // namespace lakebase::detail
