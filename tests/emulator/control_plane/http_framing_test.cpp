// Where a request ends, over real sockets: nothing that stands in a body may be taken for a request.

#include <mutex>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/http_reply_text.hpp"
#include "http/http_server.hpp"
#include "raw_http_posix.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view planted = "DELETE /planted HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view following = "GET /following HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

std::string head(std::string_view method, std::string_view target, std::string_view headers) {
  return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) +
         "\r\n";
}

std::string with_length(std::string_view method, std::string_view body) {
  return head(method, "/first", "Content-Length: " + std::to_string(body.size()) + "\r\n") + std::string(body);
}

std::string in_chunks(std::string_view method, std::string_view body) {
  auto text = head(method, "/first", "Transfer-Encoding: chunked\r\n");
  char size[32];
  for (std::size_t i = 0; i < body.size(); i += 7) {
    auto const part = body.substr(i, 7);
    std::snprintf(size, sizeof size, "%zx;name=value\r\n", part.size());
    text += size + std::string(part) + "\r\n";
  }
  return text + "0\r\nTrailer: of no interest\r\n\r\n";
}

class HttpFramingTest : public ::testing::Test {
 protected:
  HttpFramingTest() {
    server.serve([this](HttpRequest const& request) {
      std::lock_guard const lock{mutex};
      seen.push_back(request.method + " " + request.path);
      bodies.push_back(request.body);
      HttpReply reply;
      reply.body = "{}";
      return reply;
    });
  }
  std::vector<std::string> requests() {
    std::lock_guard const lock{mutex};
    return std::exchange(seen, {});
  }

  std::mutex mutex;
  std::vector<std::string> seen;
  std::vector<std::string> bodies;
  HttpServer server{"127.0.0.1", 0};
};

TEST(HttpReplyTextTest, NamesTheStatusesOfBothApis) {
  for (int const status : {200, 201, 204, 206, 300, 400, 401, 403, 404, 405, 406, 408,
                           409, 413, 414, 415, 416, 429, 431, 500, 501, 502, 503, 504}) {
    EXPECT_THAT(reply_text(HttpReply{.status = status}, false, true), Not(HasSubstr(std::to_string(status) + " -")));
  }
}

TEST_F(HttpFramingTest, ARequestInABodyIsNeverRun) {
  for (std::string const method : {"GET", "HEAD", "OPTIONS", "DELETE", "POST", "PUT", "PATCH"}) {
    for (auto const& request : {with_length(method, planted), in_chunks(method, planted)}) {
      RawHttp client{server.port()};
      client.send(request);
      client.send(following);
      auto const answers = client.rest();
      EXPECT_THAT(requests(), ElementsAre(method + " /first", "GET /following")) << request;
      EXPECT_EQ(bodies.at(bodies.size() - 2), planted);
      EXPECT_THAT(answers, Not(HasSubstr("400")));
    }
  }
}

TEST_F(HttpFramingTest, ABodyMayComeInPieces) {
  for (auto const& request : {with_length("POST", planted), in_chunks("POST", planted)}) {
    RawHttp client{server.port()};
    for (char const& byte : request + std::string(following)) client.send({&byte, 1});
    client.rest();
    EXPECT_THAT(requests(), ElementsAre("POST /first", "GET /following"));
    EXPECT_EQ(bodies.at(bodies.size() - 2), planted);
  }
}

TEST_F(HttpFramingTest, RefusesWhatCanBeReadInTwoWays) {
  struct Case {
    std::string headers;
    std::string body;
    int status;
  };
  std::string const planted_chunk = "0\r\n\r\n" + std::string(planted);
  std::vector<Case> const cases = {
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", planted_chunk, 400},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", planted_chunk, 400},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", "12345", 400},
      {"Content-Length: 0\r\nContent-Length: 44\r\n", std::string(planted), 400},
      {"Content-Length: 0, 44\r\n", std::string(planted), 400},
      {"Content-Length: +5\r\n", "12345", 400},
      {"Content-Length: -1\r\n", "", 400},
      {"Content-Length: 0x5\r\n", "12345", 400},
      {"Content-Length:\r\n", "", 400},
      {"Content-Length : 5\r\n", "12345", 400},
      {" Content-Length: 5\r\n", "12345", 400},
      {"A: b\r\n folded\r\n", "", 400},
      {"A: b\rContent-Length: 5\r\n", "12345", 400},
      {"A: b\nContent-Length: 5\r\n", "12345", 400},
      {std::string("A: b\0c\r\n", 8), "", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", planted_chunk, 400},
      {"Transfer-Encoding: identity\r\n", "", 501},
      {"Transfer-Encoding: gzip, chunked\r\n", planted_chunk, 501},
      {"Transfer-Encoding: xchunked\r\n", planted_chunk, 501},
      {"Transfer-Encoding:\r\n", planted_chunk, 501},
      {"Transfer-Encoding: chunked\r\n", "5\r\n123456\r\n0\r\n\r\n", 400},
      {"Transfer-Encoding: chunked\r\n", "0x5\r\n12345\r\n0\r\n\r\n", 400},
      {"Transfer-Encoding: chunked\r\n", "-1\r\n\r\n", 400},
      {"Transfer-Encoding: chunked\r\n", "\r\n\r\n", 400},
      {"Transfer-Encoding: chunked\r\n", "5 \r\n12345\r\n0\r\n\r\n", 400},
      {"Transfer-Encoding: chunked\r\n", "ffffffffffffffffff\r\n", 400},
      {"Transfer-Encoding: chunked\r\n", std::string(1000, '1'), 400},
      {"Host: localhost\r\n", "", 400},
      {"Authorization: a\r\nAuthorization: b\r\n", "", 400},
      {"Expect: the unexpected\r\n", "", 417},
  };
  for (auto const& [headers, body, status] : cases) {
    for (std::string const method : {"GET", "POST"}) {
      RawHttp client{server.port()};
      client.send(head(method, "/first", headers) + body);
      client.send(planted);
      auto const answer = client.rest();
      EXPECT_EQ(status_of(answer), status) << headers << "\n" << answer;
      EXPECT_THAT(answer, HasSubstr("Connection: close"));
      EXPECT_THAT(requests(), ElementsAre()) << headers;
    }
  }
}

TEST_F(HttpFramingTest, RefusesFirstLinesThatAreNone) {
  for (std::string const line :
       {"GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "GET /a b HTTP/1.1", "GET\t/ HTTP/1.1", "GE(T / HTTP/1.1",
        "GET a HTTP/1.1", "GET https://localhost/ HTTP/1.1", "\x16\x03\x01\x02", "GET / HTTP/2.0", "GET / HTTP/1.10"}) {
    RawHttp client{server.port()};
    client.send(line + "\r\nHost: localhost\r\n\r\n");
    auto const status = status_of(client.rest());
    EXPECT_TRUE(status == 400 || status == 505) << line << " " << status;
    EXPECT_THAT(requests(), ElementsAre()) << line;
  }
  RawHttp client{server.port()};
  client.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(status_of(client.rest()), 400) << "without a host";
}

TEST_F(HttpFramingTest, OldClientsAndProxysClients) {
  RawHttp old{server.port()};
  old.send("GET /first HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.rest(), HasSubstr("Connection: close"));
  RawHttp proxied{server.port()};
  proxied.send("GET http://localhost:80/second HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(proxied.rest()), 200);
  EXPECT_THAT(requests(), ElementsAre("GET /first", "GET /second"));
}

TEST_F(HttpFramingTest, GivesLeaveToSendABody) {
  RawHttp client{server.port()};
  client.send(head("POST", "/first", "Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n"));
  EXPECT_EQ(status_of(client.answer()), 100);
  client.send("{}");
  EXPECT_EQ(status_of(client.rest()), 200);
}

TEST_F(HttpFramingTest, TakesRequestsThatDoNotWaitForAnswers) {
  constexpr int count = 500;
  RawHttp client{server.port()};
  std::string flood;
  for (int i = 1; i < count; ++i) flood += with_length("POST", "{}");
  client.send(flood);
  client.send(following);
  auto const answers = client.rest();
  EXPECT_EQ(requests().size(), std::size_t{count});
  EXPECT_THAT(answers, Not(HasSubstr("HTTP/1.1 4")));
}

TEST_F(HttpFramingTest, RefusesWhatIsTooLargeBeforeItHasCome) {
  struct Case {
    std::string request;
    int status;
  };
  std::string const megabyte(1'000'000, 'x');
  std::vector<Case> const cases = {
      {head("POST", "/first", "Content-Length: 1000000000\r\n"), 413},
      {head("POST", "/first", "Content-Length: 99999999999999999999999\r\n"), 413},
      {head("POST", "/first", "Expect: 100-continue\r\nContent-Length: 1000000000\r\n"), 413},
      {head("POST", "/first", "Transfer-Encoding: chunked\r\n") + "40000000\r\n", 413},
      {"GET /" + megabyte + " HTTP/1.1\r\n", 414},
      {"GET /" + megabyte, 414},
      {head("GET", "/first", "A: " + megabyte + "\r\n"), 431},
      {head("GET", "/first",
            [] {
              std::string many;
              for (int i = 0; i < 300; ++i) many += "A: b\r\n";
              return many;
            }()),
       431}};
  for (auto const& [request, status] : cases) {
    RawHttp client{server.port()};
    client.send(request);
    auto const answer = client.rest();
    EXPECT_EQ(status_of(answer), status) << request.substr(0, 100) << "\n" << answer;
    EXPECT_THAT(requests(), ElementsAre());
  }
}

// A client that sends on, as most do, must still read why.
TEST_F(HttpFramingTest, ItsRefusalReachesAClientThatSendsOn) {
  RawHttp client{server.port()};
  client.send(head("POST", "/first", "Content-Length: 1000000000\r\n"));
  std::string const megabyte(1'000'000, 'x');
  for (int i = 0; i < 8; ++i) client.send(megabyte);
  EXPECT_EQ(status_of(client.answer()), 413);
}

}  // namespace
}  // namespace lakebase::emulator::tests
