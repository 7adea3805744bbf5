#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>

#include "call/api_client.hpp"
#include "support/faulty_server.hpp"
#include "support/secret_watch.hpp"
#include "support/skipping_clock.hpp"
#include "support/test_certificates.hpp"
#include "support/variables.hpp"

// Which calls go through which proxy, by settings and by variables. The names of the hosts do not exist: what is
// answered was answered by a proxy.

namespace lakebase::detail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using tests::Connection;
using tests::FaultyServer;
using tests::Variables;

class ProxyTest : public ::testing::Test {
 protected:
  // Stands for the proxy and for the workspace behind it.
  FaultyServer proxy{[this](Connection& connection, FaultyServer& here) {
    while (auto const request = connection.read_request()) {
      here.count(*request);
      if (!request->starts_with("CONNECT ")) {
        if (quotes.empty()) connection.answer(200, R"({"from":"proxy"})");
        if (!quotes.empty()) connection.answer(403, quotes);
      } else if (refusal != 0) {
        connection.answer(refusal, "");
      } else {
        connection.send("HTTP/1.1 200 OK\r\n\r\n");
        if (!connection.start_tls(certificates.server())) return;
      }
    }
  }};

  Config config(std::string host, Variables variables = {}) {
    return {.host = std::move(host),
            .token = "planted-token",
            .ca_file = certificates.authority_file(),
            .allow_plain_http = true,
            .log = tests::watched_log(),
            .log_level = LogLevel::debug,
            .clock = clock,
            .environment = tests::environment(std::move(variables))};
  }
  // What the proxy answered; or the error.
  static std::string get(Config const& config) {
    try {
      return ApiClient{config}.send(Request::get("/api"));
    } catch (Error const& error) {
      return error.what();
    }
  }

  static constexpr auto through = R"({"from":"proxy"})";
  tests::TestCertificates const certificates{"DNS:workspace.test"};
  std::shared_ptr<tests::SkippingClock> clock = std::make_shared<tests::SkippingClock>();
  std::atomic<int> refusal{0};
  std::string quotes;  // what it refuses plain requests with; empty: it does not
};

TEST_F(ProxyTest, VariablesChooseByTheScheme) {
  for (auto const* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    EXPECT_EQ(get(config("https://workspace.test", {{name, proxy.url()}})), through) << name;
  }
  for (auto const* name : {"http_proxy", "HTTP_PROXY", "all_proxy"}) {
    EXPECT_EQ(get(config("http://workspace.test", {{name, proxy.url()}})), through) << name;
  }
  EXPECT_THAT(get(config("https://workspace.test", {{"http_proxy", proxy.url()}})), HasSubstr("host name is unknown"));
  EXPECT_THAT(get(config("http://workspace.test", {{"HTTP_PROXY", proxy.url()}, {"REQUEST_METHOD", "GET"}})),
              HasSubstr("host name is unknown"))
      << "a web client has set it";
}

TEST_F(ProxyTest, NoProxyMakesExceptions) {
  for (auto const* exception : {"workspace.test", ".test", "a.example,workspace.test", "*"}) {
    for (auto const* name : {"no_proxy", "NO_PROXY"}) {
      EXPECT_THAT(get(config("https://workspace.test", {{"HTTPS_PROXY", proxy.url()}, {name, exception}})),
                  HasSubstr("host name is unknown"))
          << name << '=' << exception;
    }
  }
  EXPECT_EQ(get(config("https://workspace.test", {{"HTTPS_PROXY", proxy.url()}, {"NO_PROXY", "other.test"}})), through);
}

TEST_F(ProxyTest, SettingsBeatVariables) {
  auto explicitly = config("https://workspace.test", {{"HTTPS_PROXY", "http://127.0.0.1:1"}, {"NO_PROXY", "*"}});
  explicitly.proxy = proxy.url();
  EXPECT_EQ(get(explicitly), through);
  explicitly.no_proxy = "workspace.test";
  EXPECT_THAT(get(explicitly), HasSubstr("host name is unknown"));
}

TEST_F(ProxyTest, TheTokenIsForTheWorkspaceAndThePasswordForTheProxy) {
  auto explicitly = config("https://workspace.test");
  auto url = proxy.url();
  explicitly.proxy = url.insert(7, "me:planted-password@");
  EXPECT_EQ(get(explicitly), through);
  auto const requests = proxy.texts();
  EXPECT_THAT(requests.at(0), HasSubstr("CONNECT workspace.test:443 "));
  EXPECT_THAT(requests.at(0), HasSubstr("Proxy-Authorization: Basic "));
  EXPECT_THAT(requests.at(0), Not(HasSubstr("planted-token")));
  EXPECT_THAT(requests.at(1), HasSubstr("Authorization: Bearer planted-token"));
  EXPECT_THAT(requests.at(1), Not(HasSubstr("Proxy-Authorization")));
}

TEST_F(ProxyTest, APasswordIsShownByNobodyWhoQuotesIt) {
  auto quoting = config("http://workspace.test", {{"HTTP_PROXY", "http://me:my%20secret@" + proxy.url().substr(7)}});
  quotes = "denied for me:my secret";
  auto const text = get(quoting);
  EXPECT_THAT(text, HasSubstr("denied for ***"));
  EXPECT_THAT(text, Not(HasSubstr("my secret")));
}

TEST_F(ProxyTest, AUrlThatCannotBeReadIsRefusedAndNothingGoesDirect) {
  for (auto const* url : {"http://me:pa#planted@proxy.test:3128", "http://me:planted%0a@proxy.test:3128"}) {
    auto const text = get(config("https://workspace.test", {{"https_proxy", url}}));
    EXPECT_THAT(text, HasSubstr("the URL of the proxy in https_proxy"));
    EXPECT_THAT(text, Not(HasSubstr("planted")));
  }
  EXPECT_EQ(proxy.requests(), 0);
}

TEST_F(ProxyTest, ARefusalIsToldAndRepeatedOnlyWhereItMayPass) {
  auto explicitly = config("https://workspace.test");
  explicitly.proxy = proxy.url();
  refusal = 407;
  auto const text = get(explicitly);
  EXPECT_THAT(text, HasSubstr("the proxy refused: 407"));
  EXPECT_THAT(text, HasSubstr("Put the user and the password into the proxy's URL"));
  EXPECT_EQ(clock->pauses(), 0);
  refusal = 503;
  EXPECT_THAT(get(explicitly), HasSubstr("the proxy refused: 503"));
  EXPECT_GT(clock->pauses(), 1);
}

}  // namespace
}  // namespace lakebase::detail
