// A page in a browser gets nothing, whatever name it calls by.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "http/browser_guard.hpp"
#include "http/http_server.hpp"
#include "raw_http_posix.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;

class BrowserGuardTest : public ::testing::Test {
 protected:
  BrowserGuardTest() {
    server.serve([this](HttpRequest const&) {
      ++served;
      HttpReply reply;
      reply.body = R"({"secret":1})";
      return reply;
    });
  }
  std::string call(std::string const& headers, std::string const& method = "GET") {
    RawHttp client{server.port()};
    client.send(method + " /api HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n");
    return client.rest();
  }
  std::string own_host() const { return "Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"; }

  std::atomic<int> served = 0;
  HttpServer server{"127.0.0.1", 0};
};

// A site lets a name of its own stand for 127.0.0.1, so that its pages count as of the same origin.
TEST_F(BrowserGuardTest, RefusesNamesThatMayStandForLoopback) {
  for (std::string const host :
       {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "evil.localhost",
        "0.0.0.0", "[::ffff:127.0.0.1]", "127.1", "127.0.0.1.", "127.0.0.256", "2130706433", "0x7f.0.0.1", "[::1",
        "localhost:80:80", "localhost:port", "localhost@evil.example", "10.0.0.1", "::1"}) {
    auto const answer = call("Host: " + host + "\r\n");
    EXPECT_EQ(status_of(answer), 403) << host;
    EXPECT_THAT(answer, HasSubstr("called by a loopback address or as localhost")) << host;
    EXPECT_THAT(answer, HasSubstr("PERMISSION_DENIED"));
  }
  EXPECT_EQ(served, 0);
}

TEST_F(BrowserGuardTest, RefusesPagesOfAnyOrigin) {
  for (std::string const header :
       {"Origin: https://evil.example", "Origin: null", "Origin: http://127.0.0.1:3000", "Origin: http://localhost",
        "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: same-origin"}) {
    for (auto const method : {"GET", "POST", "OPTIONS"}) {
      auto const answer = call(own_host() + header + "\r\n", method);
      EXPECT_EQ(status_of(answer), 403) << header;
      EXPECT_THAT(answer, HasSubstr("no requests from pages in a browser"));
      EXPECT_THAT(answer, ::testing::Not(HasSubstr("Access-Control"))) << header;
    }
  }
  EXPECT_EQ(served, 0);
}

TEST_F(BrowserGuardTest, TakesProgramsByEveryLoopbackName) {
  int expected = 0;
  for (std::string const host :
       {"127.0.0.1", "127.0.0.1:80", "127.1.2.3:80", "localhost", "LocalHost:8080", "[::1]:80"}) {
    EXPECT_EQ(status_of(call("Host: " + host + "\r\n")), 200) << host;
    EXPECT_EQ(served, ++expected);
  }
  // What Node's fetch adds, and a person who types the address.
  EXPECT_EQ(status_of(call(own_host() + "Sec-Fetch-Mode: cors\r\n")), 200);
  EXPECT_EQ(status_of(call(own_host() + "Sec-Fetch-Site: none\r\n")), 200);
}

TEST_F(BrowserGuardTest, ShowsWhatWasSentInPlainCharactersOnly) {
  HttpRequest request;
  request.host = "evil\x1b[2J'\xff" + std::string(1000, 'x');
  try {
    refuse_pages(request, "127.0.0.1");
    ADD_FAILURE();
  } catch (ServiceError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("'evil?[2J??xx"));
    EXPECT_LT(std::string_view{error.what()}.size(), 200U);
  }
}

}  // namespace
}  // namespace lakebase::emulator::tests
