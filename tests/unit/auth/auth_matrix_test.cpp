#include <array>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>

#include "base/text/base64.hpp"
#include "call/api_client.hpp"
#include "http/curl_transport.hpp"
#include "support/identity_server.hpp"
#include "support/secret_watch.hpp"
#include "support/service_account_key.hpp"
#include "support/skipping_clock.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_certificates.hpp"
#include "support/variables.hpp"

// Every strategy that asks somebody for a token × everything that the one who is asked may do. Over real sockets, and
// over TLS where the real one has it. Strategies that run a program, or need a person, are in federation_test.cpp.

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using detail::ApiClient;
using detail::Request;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Answer = IdentityServer::Answer;

// One client, and the identity server of all that it may ask.
struct Scene {
  explicit Scene(bool is_tls) : server(is_tls ? certificates.server() : nullptr) {
    server.with_oauth().on("GET /api", {.body = "{}"});
    config.clock = clock;
    config.log = watched_log();
    config.log_level = LogLevel::debug;
    config.transport = std::make_shared<Rerouting>(
        detail::make_curl_transport({.ca_file = certificates.authority_file()}), server.url());
  }
  std::string expiry() const {
    return std::to_string(std::chrono::system_clock::to_time_t(clock->system_now()) + 3600);
  }

  TestCertificates certificates;
  IdentityServer server;
  TemporaryFolder home;
  std::shared_ptr<SkippingClock> clock = std::make_shared<SkippingClock>();
  Variables variables;
  Config config;
};

std::string oauth_token(Scene const& scene) {
  return R"({"access_token":"planted-good","token_type":"Bearer","expires_in":3600,"expires_on":)" + scene.expiry() +
         "}";
}
std::string id_token(Scene const& scene, char const* member) {
  auto const token = "planted-h." + detail::base64url(R"({"exp":)" + scene.expiry() + "}") + ".s";
  return std::string{"{\""} + member + "\":\"" + token + R"(","access_token":"planted-a","expires_in":3600})";
}

struct Strategy {
  std::string name;
  // Where its token comes from, which is what fails.
  std::string route;
  std::string (*good)(Scene const&);
  void (*set_up)(Scene&);
  bool is_tls = true;
  // Requests of that route for one login: two where two tokens are needed.
  std::size_t requests = 1;
};

void use_github(Scene& scene) {
  scene.variables["ACTIONS_ID_TOKEN_REQUEST_URL"] = scene.server.url() + "/github?x=1";
  scene.variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "planted-github";
  scene.config.token_audience = "audience";
  scene.server.on("GET /github", {.body = R"({"value":"planted-jwt"})"});
}

void use_azure_devops(Scene& scene) {
  for (auto const* name : {"SYSTEM_TEAMPROJECTID", "SYSTEM_HOSTTYPE", "SYSTEM_PLANID", "SYSTEM_JOBID"}) {
    scene.variables[name] = "v";
  }
  scene.variables["SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"] = scene.server.url() + "/org/";
  scene.variables["SYSTEM_ACCESSTOKEN"] = "planted-devops";
  scene.server.on("POST /org/v/_apis/distributedtask/hubs/v/plans/v/jobs/v/oidctoken",
                  {.body = R"({"oidcToken":"planted-jwt"})"});
}

void use_azure(Scene& scene) {
  scene.config.cloud = "AZURE";
  scene.config.azure_client_id = "app";
  scene.config.azure_tenant_id = "ten";
}

std::vector<Strategy> strategies() {
  constexpr auto oauth = "POST /oidc/v1/token";
  constexpr auto entra = "POST /login.microsoftonline.com/ten/oauth2/token";
  constexpr auto devops = "POST /org/v/_apis/distributedtask/hubs/v/plans/v/jobs/v/oidctoken";
  constexpr auto iam = "POST /iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/sa@p:generateIdToken";
  return {
      {.name = "metadata-service",
       .route = "GET /service",
       .good = oauth_token,
       .set_up = [](Scene& s) { s.config.metadata_service_url = s.server.url() + "/service"; },
       .is_tls = false},
      {.name = "oauth-m2m",
       .route = oauth,
       .good = oauth_token,
       .set_up =
           [](Scene& s) {
             s.config.client_id = "id";
             s.config.client_secret = "planted-secret";
           }},
      {.name = "env-oidc",
       .route = oauth,
       .good = oauth_token,
       .set_up = [](Scene& s) { s.variables["DATABRICKS_OIDC_TOKEN"] = "planted-jwt"; }},
      {.name = "file-oidc",
       .route = oauth,
       .good = oauth_token,
       .set_up = [](Scene& s) { s.config.oidc_token_filepath = s.home.write("token", "planted-jwt"); }},
      {.name = "github-oidc", .route = oauth, .good = oauth_token, .set_up = use_github},
      {.name = "github-oidc",
       .route = "GET /github",
       .good = [](Scene const&) -> std::string { return R"({"value":"planted-jwt"})"; },
       .set_up = use_github},
      {.name = "azure-devops-oidc", .route = oauth, .good = oauth_token, .set_up = use_azure_devops},
      {.name = "azure-devops-oidc",
       .route = devops,
       .good = [](Scene const&) -> std::string { return R"({"oidcToken":"planted-jwt"})"; },
       .set_up = use_azure_devops},
      {.name = "azure-client-secret",
       .route = entra,
       .good = oauth_token,
       .set_up =
           [](Scene& s) {
             use_azure(s);
             s.config.azure_client_secret = "planted-secret";
           },
       .requests = 2},
      {.name = "azure-msi",
       .route = "GET /169.254.169.254/metadata/identity/oauth2/token",
       .good = oauth_token,
       .set_up =
           [](Scene& s) {
             use_azure(s);
             s.config.azure_use_msi = true;
           },
       .is_tls = false,
       .requests = 2},
      {.name = "github-oidc-azure",
       .route = entra,
       .good = oauth_token,
       .set_up =
           [](Scene& s) {
             use_azure(s);
             use_github(s);
           }},
      {.name = "google-credentials",
       .route = "POST /google",
       .good = [](Scene const& s) { return id_token(s, "id_token"); },
       .set_up =
           [](Scene& s) {
             s.config.cloud = "GCP";
             s.config.google_credentials = service_account_key(s.server.url() + "/google");
           },
       .requests = 2},
      {.name = "google-id",
       .route = iam,
       .good = [](Scene const& s) { return id_token(s, "token"); },
       .set_up =
           [](Scene& s) {
             s.config.cloud = "GCP";
             s.config.google_service_account = "sa@p";
             s.variables["GOOGLE_APPLICATION_CREDENTIALS"] =
                 s.home.write("adc.json", service_account_key(s.server.url() + "/adc"));
             s.server.on("POST /adc", {.body = R"({"access_token":"planted-caller","expires_in":3600})"});
           }},
  };
}

struct Misfortune {
  std::string name;
  // What the first requests of the route get; later ones get what is good.
  Answer answer;
  int times;
  // Empty: the call succeeds all the same.
  std::string says;
  bool is_retryable = false;
};

constexpr int always = 1000000;

std::vector<Misfortune> misfortunes() {
  return {
      {"nothing", {}, 0, ""},
      {"OAuth says no",
       {400, R"({"error":"invalid_x","error_description":"no\r\nway"})"},
       always,
       "invalid_x: no  way"},
      {"Databricks says no", {401, R"({"error_code":"NOPE","message":"no way"})"}, always, "NOPE: no way"},
      {"Azure says no", {403, R"({"error":{"code":"Denied","message":"no way"}})"}, always, "Denied: no way"},
      {"web page", {500, "<html><pre>oops.</pre></html>"}, always, "oops"},
      {"empty refusal", {404, ""}, always, "Not Found"},
      {"redirect", {302, "", "Location: https://elsewhere.test/\r\n"}, always, " auth: "},
      {"no JSON", {200, "garbage"}, always, "the response is not JSON"},
      {"no object", {200, "[1]"}, always, "the response is not JSON"},
      {"no token", {200, "{}"}, always, " no "},
      {"busy once", {429, "{}", "Retry-After: 2\r\n"}, 1, ""},
      {"unavailable twice", {503, R"({"error_code":"TEMPORARILY_UNAVAILABLE"})"}, 2, ""},
      {"bad gateway once", {502, ""}, 1, ""},
      {"gateway timeout once", {504, ""}, 1, ""},
      {"reset once", {IdentityServer::reset, ""}, 1, ""},
      {"unavailable for ever", {503, R"({"error_code":"BUSY","message":"later"})"}, always, "BUSY: later", true},
      {"reset for ever", {IdentityServer::reset, ""}, always, "broke", true},
      {"silence", {IdentityServer::silence, ""}, always, "no whole response within", true},
  };
}

void break_route(Scene& scene, Strategy const& strategy, Misfortune const& misfortune) {
  auto const left = std::make_shared<std::atomic<int>>(misfortune.times);
  scene.server.on(strategy.route, [&scene, good = strategy.good, answer = misfortune.answer, left](std::string const&) {
    if (left->fetch_sub(1) <= 0) return Answer{.body = good(scene)};
    auto refused = answer;
    refused.headers += "x-request-id: rid-7\r\n";
    return refused;
  });
}

ApiClient make_client(Scene& scene, Strategy const& strategy) {
  scene.config.host = scene.server.url();
  scene.config.auth_type = strategy.name;
  strategy.set_up(scene);
  scene.variables["HOME"] = scene.home.path();
  scene.config.environment = environment(scene.variables);
  return ApiClient{scene.config};
}

void expect_failure(ApiClient const& client, Scene& scene, Strategy const& strategy, Misfortune const& misfortune) {
  auto const limit = misfortune.answer.status == IdentityServer::silence ? 300ms : 20000ms;
  auto const start = scene.clock->now();
  try {
    client.with({.timeout = limit})->send(Request::get("/api"));
    ADD_FAILURE() << "no error";
  } catch (AuthError const& error) {
    EXPECT_EQ(error.strategy(), strategy.name);
    EXPECT_THAT(error.what(), HasSubstr(misfortune.says));
    EXPECT_EQ(error.path(), "/api");
    EXPECT_EQ(error.retryable(), misfortune.is_retryable) << error.what();
    EXPECT_EQ(error.request_id(), misfortune.answer.status >= 200 ? "rid-7" : "");
  }
  EXPECT_LE(scene.clock->now() - start, limit + 100ms);
  EXPECT_THAT(scene.server.requests("GET /api"), SizeIs(0)) << "the call was sent without credentials";
}

TEST(AuthMatrix, EveryStrategyMeetsEveryMisfortune) {
  for (auto const& strategy : strategies()) {
    for (auto const& misfortune : misfortunes()) {
      SCOPED_TRACE(strategy.name + " at " + strategy.route + ": " + misfortune.name);
      Scene scene{strategy.is_tls};
      auto const client = make_client(scene, strategy);
      break_route(scene, strategy, misfortune);
      if (!misfortune.says.empty()) {
        expect_failure(client, scene, strategy, misfortune);
        break_route(scene, strategy, {"nothing", {}, 0, ""});
      }
      client.send(Request::get("/api"));  // works, and an earlier failure does not stick
      auto const call = scene.server.requests("GET /api").back();
      EXPECT_THAT(call, HasSubstr("\r\nAuthorization: Bearer "));
      EXPECT_THAT(call, HasSubstr(" auth/" + strategy.name));
    }
  }
}

TEST(AuthMatrix, ThirtyTwoThreadsAtTheMomentOfExpiryCauseOneExchange) {
  for (auto const& strategy : strategies()) {
    SCOPED_TRACE(strategy.name + " at " + strategy.route);
    Scene scene{strategy.is_tls};
    auto const client = make_client(scene, strategy);
    break_route(scene, strategy, {"nothing", {}, 0, ""});
    client.send(Request::get("/api"));
    EXPECT_THAT(scene.server.requests(strategy.route), SizeIs(strategy.requests));
    scene.clock->advance(1h);
    std::atomic<int> ready{0};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 32; ++i) {
        threads.emplace_back([&] {
          ++ready;
          while (ready < 32) std::this_thread::yield();
          client.send(Request::get("/api"));
        });
      }
    }
    EXPECT_THAT(scene.server.requests(strategy.route), SizeIs(2 * strategy.requests));
    EXPECT_THAT(scene.server.requests("GET /api"), SizeIs(33));
  }
}

TEST(AuthMatrix, EveryExchangeIsStoppedAtOnce) {
  for (auto const& strategy : strategies()) {
    SCOPED_TRACE(strategy.name + " at " + strategy.route);
    Scene scene{strategy.is_tls};
    auto const client = make_client(scene, strategy);
    break_route(scene, strategy, {"silence", {IdentityServer::silence, ""}, always, ""});
    std::stop_source stop;
    std::chrono::steady_clock::time_point ended;
    std::jthread caller{[&] {
      EXPECT_THROW(client.with({.stop = stop.get_token()})->send(Request::get("/api")), Cancelled);
      ended = std::chrono::steady_clock::now();
    }};
    while (scene.server.requests(strategy.route).empty()) std::this_thread::sleep_for(1ms);
    auto const asked = std::chrono::steady_clock::now();
    stop.request_stop();
    caller.join();
    EXPECT_LE(ended - asked, 50ms);
  }
}

}  // namespace
}  // namespace lakebase::tests
