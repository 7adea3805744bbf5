// Clients that take connections and do not show who they are keep nobody from being served.

#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/http_server.hpp"
#include "raw_http_posix.hpp"

namespace lakebase::emulator::tests {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr int hostile_clients = 300;

class HttpFloodTest : public ::testing::Test {
 protected:
  HttpFloodTest() {
    server.serve([](HttpRequest const& request) {
      HttpReply reply;
      reply.authenticated = request.authorization == "Bearer owner";
      reply.status = reply.authenticated ? 200 : 401;
      reply.body = "{}";
      return reply;
    });
  }

  std::unique_ptr<RawHttp> connect() const { return std::make_unique<RawHttp>(server.port()); }
  static std::string owners_request() {
    return "GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer owner\r\n\r\n";
  }

  void occupy(std::string const& bytes) {
    for (int i = 0; i < hostile_clients; ++i) {
      hostile.push_back(connect());
      hostile.back()->send(bytes);
    }
  }

  // The time that matters is that of the first of the others to be given up by itself.
  void expect_service() {
    for (int i = 0; i < 3; ++i) {
      auto const before = steady_clock::now();
      auto const owner = connect();
      owner->send(owners_request());
      EXPECT_EQ(status_of(owner->answer()), 200);
      auto const taken = steady_clock::now() - before;
      EXPECT_LT(taken, limits.request_time / 4);
      std::cout << "served after " << taken / 1ms << " ms among " << hostile.size() << " others\n";
    }
  }

  HttpLimits const limits;
  HttpServer server{"127.0.0.1", 0, limits};
  std::vector<std::unique_ptr<RawHttp>> hostile;
};

TEST_F(HttpFloodTest, SilentConnections) {
  occupy("");
  expect_service();
}

TEST_F(HttpFloodTest, HeadersThatTrickle) {
  occupy("GET / HTTP/1.1\r\nHost: localhost\r\n");
  std::atomic<bool> stop = false;
  std::thread trickling{[&] {
    while (!stop) {
      for (auto const& client : hostile) client->send("A");
      std::this_thread::sleep_for(1ms);
    }
  }};
  expect_service();
  stop = true;
  trickling.join();
}

TEST_F(HttpFloodTest, BodiesThatTrickle) {
  occupy("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{");
  expect_service();
}

TEST_F(HttpFloodTest, AnswersThatNobodyReads) {
  std::string flood;
  for (int i = 0; i < 200; ++i) flood += "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  occupy(flood);
  expect_service();
}

TEST_F(HttpFloodTest, ThoseWhoShowedWhoTheyAreStay) {
  auto const owner = connect();
  owner->send(owners_request());
  EXPECT_EQ(status_of(owner->answer()), 200);
  occupy("GET");
  expect_service();
  EXPECT_FALSE(owner->is_closed());
  owner->send(owners_request());
  EXPECT_EQ(status_of(owner->answer()), 200);
  EXPECT_TRUE(hostile.front()->is_closed()) << "the one that is here for the longest has given way";
}

TEST(HttpDeadlines, AreForARequestAsAWhole) {
  HttpLimits limits;
  limits.request_time = 300ms;
  HttpServer server{"127.0.0.1", 0, limits};
  server.serve([](HttpRequest const&) { return HttpReply{}; });
  RawHttp silent{server.port()};
  RawHttp slow{server.port()};
  RawHttp slow_body{server.port()};
  slow.send("GET / HTTP/1.1\r\n");
  slow_body.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
  // Each byte comes early enough by itself, and there is no end of them.
  while (!slow.is_readable(1ms)) {
    slow.send("A");
    slow_body.send("A");
  }
  EXPECT_EQ(status_of(slow.answer()), 408);
  EXPECT_EQ(status_of(slow_body.answer()), 408);
  EXPECT_EQ(silent.rest(), "");
}

}  // namespace
}  // namespace lakebase::emulator::tests
