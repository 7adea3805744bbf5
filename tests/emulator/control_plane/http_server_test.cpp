// The HTTP server over real sockets.

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include "common/json.hpp"
#include "http/http_server.hpp"

namespace lakebase::emulator::tests {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    server.serve([this](HttpRequest const& request) {
      std::lock_guard const lock{mutex};
      seen = request.method + " " + request.path + " " + request.body;
      HttpReply reply = next;
      reply.headers.emplace_back("x-request-id", "1");
      if (reply.body.empty()) reply.body = R"({"text":")" + std::string(200, 'x') + R"("})";
      return reply;
    });
    client.set_keep_alive(true);
  }

  void set(HttpReply reply) {
    std::lock_guard const lock{mutex};
    next = std::move(reply);
  }
  std::string last_seen() {
    std::lock_guard const lock{mutex};
    return seen;
  }

  std::mutex mutex;
  HttpReply next;
  std::string seen;
  HttpServer server{"127.0.0.1", 0};
  httplib::Client client{"127.0.0.1", server.port()};
};

TEST_F(HttpServerTest, AnswersEveryMethodOverOneConnection) {
  EXPECT_EQ(client.Get("/a/b%20c?q=1")->status, 200);
  EXPECT_EQ(last_seen(), "GET /a/b%20c ");
  EXPECT_EQ(client.Post("/x", "{}", "application/json")->status, 200);
  EXPECT_EQ(last_seen(), "POST /x {}");
  EXPECT_EQ(client.Patch("/x", "{}", "application/json")->status, 200);
  EXPECT_EQ(client.Put("/x", "{}", "application/json")->status, 200);
  EXPECT_EQ(client.Delete("/x")->status, 200);
  auto const answer = client.Get("/%0Anewline");
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(answer->get_header_value("x-request-id"), "1");
}

TEST_F(HttpServerTest, RefusesBodiesThatAreTooLarge) {
  auto const answer = client.Post("/x", std::string(4 * 1024 * 1024 + 1, 'x'), "application/json");
  if (answer) {
    EXPECT_EQ(answer->status, 413);
    EXPECT_EQ(Json::parse(answer->body).at("error_code"), "MAX_READ_SIZE_EXCEEDED");
  }
  EXPECT_EQ(last_seen(), "");
  httplib::Client other{"127.0.0.1", server.port()};
  EXPECT_EQ(other.Get("/")->status, 200);
}

TEST_F(HttpServerTest, DamagesAnswers) {
  for (auto const delivery : {Delivery::half_body, Delivery::nothing, Delivery::reset}) {
    set({.delivery = delivery});
    EXPECT_FALSE(client.Get("/")) << static_cast<int>(delivery);
  }
  set({});
  EXPECT_TRUE(client.Get("/"));
}

TEST_F(HttpServerTest, Delays) {
  set({.delay = 100ms});
  auto const before = steady_clock::now();
  EXPECT_TRUE(client.Get("/"));
  EXPECT_GE(steady_clock::now() - before, 100ms);
}

TEST_F(HttpServerTest, IdleConnectionsHoldUpNothing) {
  std::vector<std::unique_ptr<httplib::Client>> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(std::make_unique<httplib::Client>("127.0.0.1", server.port()));
    idle.back()->set_keep_alive(true);
    ASSERT_TRUE(idle.back()->Get("/"));
  }
  auto const before = steady_clock::now();
  EXPECT_TRUE(client.Get("/"));
  server.stop();
  EXPECT_LT(steady_clock::now() - before, 1s);
}

TEST_F(HttpServerTest, StopsDelaysAndRefusesAfterwards) {
  set({.delay = 1h});
  std::thread waiting{[this] { client.Get("/"); }};
  std::this_thread::sleep_for(50ms);
  auto const before = steady_clock::now();
  server.stop();
  waiting.join();
  EXPECT_LT(steady_clock::now() - before, 1s);
  httplib::Client late{"127.0.0.1", server.port()};
  EXPECT_FALSE(late.Get("/"));
}

TEST_F(HttpServerTest, PortsAreForOne) {
  EXPECT_THROW((HttpServer{"127.0.0.1", server.port()}), std::runtime_error);
  EXPECT_THAT(server.url(), ::testing::MatchesRegex("http://127.0.0.1:[0-9]+"));
}

TEST(HttpServer, GivesItsPortBackWithoutHavingServed) {
  std::uint16_t port = 0;
  {
    HttpServer const server{"127.0.0.1", 0};
    port = server.port();
  }
  HttpServer const again{"127.0.0.1", port};
  EXPECT_EQ(again.port(), port);
}

}  // namespace
}  // namespace lakebase::emulator::tests
