#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/testing/fixed_credentials.hpp>
#include <lakebase/workspace_client.hpp>

#include "call/api_client.hpp"
#include "support/identity_server.hpp"
#include "support/secret_watch.hpp"
#include "support/variables.hpp"

namespace lakebase::detail {
namespace {

using namespace std::chrono_literals;

// Braces around braces mean a Config, whatever other constructors there are.
template <class Client>
concept IsMadeOfAnEmptyConfig = requires {
  Client{{}};
};
static_assert(IsMadeOfAnEmptyConfig<WorkspaceClient>);
static_assert(IsMadeOfAnEmptyConfig<PostgresClient>);
static_assert(IsMadeOfAnEmptyConfig<CurrentUserClient>);

class SharingTest : public ::testing::Test {
 protected:
  SharingTest() { server.with_oauth().on("GET /api", {.body = "{}"}).on("POST /api", {.body = "{}"}); }

  Config config() {
    return {.host = server.url(),
            .client_id = "id",
            .client_secret = "planted-secret",
            .log = tests::watched_log(),
            .log_level = LogLevel::debug,
            .environment = tests::environment({})};
  }

  tests::IdentityServer server;
};

TEST_F(SharingTest, ManyThreadsUseOneClient) {
  ApiClient const client{config()};
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 64; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 5; ++j) {
          auto const mine = client.with({.timeout = 60s, .headers = {{"X-Thread", "1"}}});
          auto request = j % 2 == 0 ? Request::get("/api") : Request::post("/api").empty_body();
          if (mine->send(request) == "{}") ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, 320);
  EXPECT_EQ(server.requests("POST /oidc/v1/token").size(), 1U);
}

TEST_F(SharingTest, BothProcessesGoOnAfterAFork) {
  ApiClient const client{config()};
  client.send(Request::get("/api"));
  auto const child = fork();
  if (child == 0) {
    int status = 1;
    try {
      for (int i = 0; i < 3; ++i) client.with({.timeout = 10s})->send(Request::get("/api"));
      status = 0;
    } catch (...) {
    }
    _exit(status);
  }
  for (int i = 0; i < 3; ++i) client.with({.timeout = 10s})->send(Request::get("/api"));
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(server.requests("GET /api").size(), 7U);
}

TEST_F(SharingTest, AClientMayBeAStaticObject) {
  // Destroyed after main has returned, in an order that nobody chooses.
  static ApiClient const client{
      Config{.host = server.url(), .token = "planted-token", .environment = tests::environment({})}};
  EXPECT_EQ(client.send(Request::get("/api")), "{}");
}

TEST_F(SharingTest, CredentialsForTestsCountWhatIsAsked) {
  auto const credentials = std::make_shared<testing::FixedCredentials>("planted-token", true);
  Config with_fixed{.host = server.url(), .credentials_strategy = credentials, .environment = tests::environment({})};
  server.on("GET /refused", {401, "{}"});
  EXPECT_THROW(ApiClient{with_fixed}.send(Request::get("/refused")), Unauthenticated);
  EXPECT_EQ(credentials->asked(), 2);
  EXPECT_EQ(credentials->refused(), 1);
}

}  // namespace
}  // namespace lakebase::detail
