#include <array>
#include <thread>

#include "support/strategy_test.hpp"

namespace lakebase::tests {
namespace {

using detail::ApiClient;
using detail::Request;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using ChainTest = StrategyTest;

TEST_F(ChainTest, PersonalAccessToken) {
  EXPECT_THAT(error_of({.token = "planted-1"}), IsEmpty());
  EXPECT_EQ(sent("Authorization"), "Bearer planted-1");
  EXPECT_THAT(sent("User-Agent"), HasSubstr("auth/pat"));
}

TEST_F(ChainTest, UserAndPassword) {
  EXPECT_THAT(error_of({.username = "me", .password = "pw:1"}), IsEmpty());
  EXPECT_EQ(sent("Authorization"), "Basic bWU6cHc6MQ==");
  EXPECT_THAT(sent("User-Agent"), HasSubstr("auth/basic"));
}

TEST_F(ChainTest, ServicePrincipal) {
  server.with_oauth();
  ApiClient const client{config({.client_id = "id", .client_secret = "planted-s", .authorization_details = "[{}]"})};
  for (int i = 0; i < 3; ++i) client.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Bearer t1");
  EXPECT_THAT(sent("User-Agent"), HasSubstr("auth/oauth-m2m"));
  auto const exchanges = server.requests("POST /oidc/v1/token");
  ASSERT_THAT(exchanges, SizeIs(1));
  EXPECT_THAT(exchanges[0], HasSubstr("Authorization: Basic aWQ6cGxhbnRlZC1z\r\n"));
  EXPECT_THAT(exchanges[0], HasSubstr("Content-Type: application/x-www-form-urlencoded\r\n"));
  EXPECT_THAT(exchanges[0],
              HasSubstr("grant_type=client_credentials&scope=all-apis&authorization_details=%5B%7B%7D%5D"));
  EXPECT_THAT(exchanges[0], Not(HasSubstr("auth/")));
  EXPECT_THAT(exchanges[0], Not(HasSubstr("X-Databricks-Workspace-Id")));
}

TEST_F(ChainTest, ARejectedTokenIsFetchedAgain) {
  server.with_oauth();
  int calls = 0;
  server.on("GET /api", [&](std::string const&) {
    return ++calls == 2 ? IdentityServer::Answer{401, "{}"} : IdentityServer::Answer{200, "{}"};
  });
  ApiClient const client{config({.client_id = "id", .client_secret = "planted-s"})};
  client.send(Request::get("/api"));
  client.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Bearer t2");
}

TEST_F(ChainTest, ManyThreadsAtTheMomentOfExpiryCauseOneExchange) {
  server.with_oauth();
  ApiClient const client{config({.client_id = "id", .client_secret = "planted-s"})};
  for (int round = 1; round <= 2; ++round) {
    std::atomic<int> started{0};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 32; ++i) {
        threads.emplace_back([&] {
          ++started;
          while (started < 32) std::this_thread::yield();
          client.send(Request::get("/api"));
        });
      }
    }
    EXPECT_THAT(server.requests("POST /oidc/v1/token"), SizeIs(round));
    clock->advance(std::chrono::hours{1});
  }
}

TEST_F(ChainTest, DiscoveryFindsTheEndpoints) {
  server.with_oauth();
  Config const base{.client_id = "id", .client_secret = "planted-s"};
  server.on("GET /oidc/.well-known/oauth-authorization-server", {.status = 500, .body = "{}"});
  EXPECT_THAT(error_of(base), IsEmpty()) << "the usual endpoints are known";
  server.on("GET /oidc/.well-known/oauth-authorization-server", {.body = "<html>"});
  EXPECT_THAT(error_of(base), IsEmpty());
  server.on("GET /.well-known/databricks-config",
            {.body = R"({"oidc_endpoint":")" + server.url() +
                     R"(/elsewhere/{account_id}/","account_id":7,"workspace_id":99})"});
  server.on("GET /elsewhere/7/.well-known/oauth-authorization-server",
            {.body = R"({"token_endpoint":")" + server.url() + R"(/oidc/v1/token"})"});
  EXPECT_THAT(error_of(base), IsEmpty());
  EXPECT_THAT(server.requests("GET /elsewhere/7/.well-known/oauth-authorization-server"), SizeIs(1));
  EXPECT_EQ(sent("X-Databricks-Workspace-Id"), "99");
  server.on("GET /.well-known/databricks-config", {.body = R"({"host_type":"Unified"})"});
  EXPECT_THAT(error_of(base), HasSubstr("workspace_id"));
  server.on("GET /.well-known/databricks-config", {.status = 404});
  server.on("GET /oidc/.well-known/oauth-authorization-server", {.status = 404});
  EXPECT_THAT(error_of(base), HasSubstr("databricks OAuth is not supported for this host"));
  server.on("GET /oidc/.well-known/oauth-authorization-server",
            {.body = R"({"token_endpoint":"http://evil.example/t"})"});
  EXPECT_THAT(error_of(base), HasSubstr("not an https URL"));
}

TEST_F(ChainTest, ABrowserIsSentToNoFileScriptOrOption) {
  server.with_oauth();
  for (auto const* place : {"file:///etc/passwd", "javascript:alert(1)", "--help", "http://evil.example/authorize"}) {
    server.on("GET /oidc/.well-known/oauth-authorization-server",
              {.body = std::string{R"({"authorization_endpoint":")"} + place + R"(","token_endpoint":")" +
                       server.url() + R"(/oidc/v1/token"})"});
    Config base{.auth_type = "external-browser"};
    std::string opened;
    base.open_browser = [&](std::string const& url) { opened = url; };
    EXPECT_THAT(error_of(base), HasSubstr("is not an https URL")) << place;
    EXPECT_THAT(opened, IsEmpty());
  }
}

TEST_F(ChainTest, AWorkspaceElsewhereSendsNoSecretToThisMachine) {
  server.with_oauth();
  server.on("GET /example.cloud.databricks.com/oidc/.well-known/oauth-authorization-server",
            {.body = R"({"token_endpoint":")" + server.url() + R"(/oidc/v1/token"})"});
  EXPECT_THAT(
      error_of({.host = "https://example.cloud.databricks.com", .client_id = "id", .client_secret = "planted-s"}),
      HasSubstr("is not an https URL"));
  EXPECT_THAT(server.requests("POST /oidc/v1/token"), IsEmpty());
}

TEST_F(ChainTest, MetadataIsAskedForOnceAndASilentHostAgainAfterAMinute) {
  server.with_oauth();
  auto const route = "GET /.well-known/databricks-config";
  server.on(route, {IdentityServer::silence, ""});
  ApiClient const client{config({.client_id = "id", .client_secret = "planted-s", .http_timeout_seconds = 0.05})};
  client.send(Request::get("/api"));
  EXPECT_THAT(server.requests(route), SizeIs(2)) << "one retry";
  EXPECT_THAT(log, HasSubstr("host metadata"));
  auto const log_in_again = [&](std::chrono::seconds after) {
    clock->advance(after);
    server.on("GET /api", [calls = std::make_shared<int>(0)](std::string const&) {
      return IdentityServer::Answer{++*calls == 1 ? 401 : 200, "{}"};
    });
    client.send(Request::get("/api"));
  };
  log_in_again(std::chrono::seconds{10});
  EXPECT_THAT(server.requests(route), SizeIs(2));
  server.on(route, {.body = R"({"workspace_id":"5"})"});
  log_in_again(std::chrono::seconds{60});
  EXPECT_THAT(server.requests(route), SizeIs(3));
  EXPECT_EQ(sent("X-Databricks-Workspace-Id"), "5");
  log_in_again(std::chrono::hours{24});
  EXPECT_THAT(server.requests(route), SizeIs(3));
}

TEST_F(ChainTest, ACallInAHurryLearnsNothingAboutTheHost) {
  server.with_oauth();
  auto const route = "GET /.well-known/databricks-config";
  server.on(route, {IdentityServer::silence, ""});
  ApiClient const client{config({.client_id = "id", .client_secret = "planted-s"})};
  EXPECT_THROW(client.with({.timeout = std::chrono::milliseconds{50}})->send(Request::get("/api")), Error);
  server.on(route, {.body = R"({"workspace_id":"5"})"});
  client.send(Request::get("/api"));
  EXPECT_EQ(sent("X-Databricks-Workspace-Id"), "5");
}

struct Refusal {
  IdentityServer::Answer answer;
  std::string_view says;
};

TEST_F(ChainTest, RefusalsOfTheTokenEndpointAreReadWhateverTheirShape) {
  server.with_oauth();
  for (auto const& [answer, says] : {
           Refusal{{401, R"({"error":"invalid_client","error_description":"Client\r\nauthentication failed"})"},
                   "invalid_client: Client  authentication failed"},
           Refusal{{400, R"({"errorCode":"E000","errorSummary":"okta says no"})"}, "E000: okta says no"},
           Refusal{{400, R"({"error_code":"INVALID","message":"databricks says no"})"}, "INVALID: databricks says no"},
           Refusal{{503, R"({"error_code":"TEMPORARILY_UNAVAILABLE","message":"busy"})"},
                   "TEMPORARILY_UNAVAILABLE: busy"},
           Refusal{{400, R"({"error":"x","error_description":"AADSTS1: no. Trace ID: 5"})"}, "x: AADSTS1: no"},
           Refusal{{500, "<html><pre>oops</pre>"}, "oops"},
           Refusal{{400, ""}, "Bad Request"},
           Refusal{{200, "garbage"}, "the response is not JSON"},
           Refusal{{200, "{}"}, "the response has no token"},
       }) {
    server.on("POST /oidc/v1/token", answer);
    auto const text = error_of({.client_id = "id", .client_secret = "planted-s"});
    EXPECT_THAT(text, HasSubstr("oauth-m2m auth: ")) << text;
    EXPECT_THAT(text, HasSubstr(says));
    EXPECT_THAT(text, Not(HasSubstr("planted")));
  }
}

TEST_F(ChainTest, TokenExchangesAreRepeatedWhereTheServerIsBusy) {
  server.with_oauth();
  int calls = 0;
  server.on("POST /oidc/v1/token", [&](std::string const&) {
    if (++calls < 3) return IdentityServer::Answer{503, "{}", ""};
    return IdentityServer::Answer{.body = R"({"access_token":"late","expires_in":"3600"})"};
  });
  EXPECT_THAT(error_of({.client_id = "id", .client_secret = "planted-s"}), IsEmpty());
  EXPECT_EQ(sent("Authorization"), "Bearer late");
}

TEST_F(ChainTest, TheNextStrategyIsTriedAndAllReasonsAreTold) {
  server.on("POST /oidc/v1/token", {400, R"({"error":"invalid_client","error_description":"no"})"});
  variables["DATABRICKS_OIDC_TOKEN"] = "planted-jwt";
  auto const text = error_of({.client_id = "id", .client_secret = "planted-s"});
  for (auto const* part :
       {"oauth-m2m auth: ", "env-oidc auth: ", "pat: token is not set", "external-browser: it has to be",
        "databricks-cli: the Databricks CLI is not installed", "Looked at: "}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST_F(ChainTest, ANamedStrategyIsTheOnlyOne) {
  server.with_oauth();
  EXPECT_THAT(
      error_of({.token = "planted-t", .client_id = "id", .client_secret = "planted-s", .auth_type = "oauth-m2m"}),
      IsEmpty());
  EXPECT_EQ(sent("Authorization"), "Bearer t1");
  EXPECT_THAT(error_of({.auth_type = "databricks-cli"}),
              HasSubstr("databricks-cli auth: the Databricks CLI is not installed"));
}

TEST_F(ChainTest, MetadataService) {
  auto const expires = std::to_string(std::chrono::system_clock::to_time_t(clock->system_now()) + 3600);
  server.on("GET /token", [&](std::string const& request) {
    EXPECT_THAT(request, HasSubstr("X-Databricks-Metadata-Version: 1\r\n"));
    EXPECT_THAT(request, HasSubstr("X-Databricks-Host: " + server.url() + "\r\n"));
    return IdentityServer::Answer{.body =
                                      R"({"access_token":"m","token_type":"Bearer","expires_on":")" + expires + "\"}"};
  });
  EXPECT_THAT(error_of({.metadata_service_url = server.url() + "/token"}), IsEmpty());
  EXPECT_EQ(sent("Authorization"), "Bearer m");
  server.on("GET /token", {404, "no such host"});
  EXPECT_THAT(error_of({.metadata_service_url = server.url() + "/token"}),
              HasSubstr("the metadata service refused: no such host"));
  EXPECT_THAT(error_of({.auth_type = "metadata-service", .metadata_service_url = "http://10.0.0.1/x"}),
              HasSubstr("localhost"));
}

TEST_F(ChainTest, OwnStrategies) {
  auto base = config({.credentials_strategy = make_credentials_strategy("mine", [](CredentialsLimits const&) {
                        return Headers{{"Authorization", "Mine 1"}};
                      })});
  ApiClient{base}.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Mine 1");
  EXPECT_THAT(sent("User-Agent"), HasSubstr("auth/mine"));
}

}  // namespace
}  // namespace lakebase::tests
