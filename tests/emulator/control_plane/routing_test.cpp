#include "control_plane_fixture.hpp"
#include "http/health.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;

class RoutingTest : public ControlPlaneTest {
 protected:
  Json answer(HttpRequest const& what, int status) {
    auto const reply = raw(what);
    EXPECT_EQ(reply.status, status) << what.method << " " << what.path << " " << reply.body;
    return Json::parse(reply.body, nullptr, false);
  }
};

TEST_F(RoutingTest, DemandsTheToken) {
  for (auto const authorization : {"", "Bearer wrong", "Basic abc", "Bearer ", "Bearer eyJhbGciOiJub25lIn0.e30."}) {
    auto call = request("GET", "/api/2.0/postgres/projects");
    call.authorization = authorization;
    EXPECT_EQ(answer(call, 401).at("error_code"), "UNAUTHENTICATED") << authorization;
  }
  auto lower = request("GET", "/api/2.0/postgres/projects");
  lower.authorization = "bearer " + plane->token();
  answer(lower, 200);
}

TEST(Health, TellsWhetherTheEmulatorServesYet) {
  HttpRequest ask;
  ask.method = "GET";
  ask.path = "/health";
  EXPECT_EQ(health(ask, true)->status, 200);
  EXPECT_EQ(health(ask, true)->body, R"({"status":"ok"})");
  EXPECT_EQ(health(ask, false)->status, 503);
  EXPECT_EQ(health(ask, false)->body, R"({"status":"starting"})");
  ask.method = "HEAD";
  EXPECT_EQ(health(ask, false)->status, 503);
  ask.method = "DELETE";
  EXPECT_FALSE(health(ask, true));
  ask.method = "GET";
  ask.path = "/health/x";
  EXPECT_FALSE(health(ask, true));
  EXPECT_EQ(not_yet().status, 503);
  EXPECT_THAT(not_yet().headers, ::testing::Contains(std::pair<std::string, std::string>{"Retry-After", "1"}));
}

TEST_F(RoutingTest, UnknownPaths) {
  struct Case {
    char const* method;
    char const* path;
  };
  for (auto const& [method, path] :
       {Case{"GET", "/api/2.0/postgres/xyz"}, Case{"GET", "/api/2.0/postgres"},
        Case{"GET", "/api/2.0/postgres/projects/"}, Case{"PUT", "/api/2.0/postgres/projects/p"},
        Case{"DELETE", "/api/2.0/postgres/projects"}, Case{"POST", "/api/2.0/postgres/projects/p"},
        Case{"GET", "/api/2.0/postgres/projects/p/xyz"},
        Case{"POST", "/api/2.0/postgres/projects/p/branches/b/endpoints/e/undelete"},
        Case{"GET", "/api/2.0/postgres/catalogs"}, Case{"PATCH", "/api/2.0/postgres/catalogs/c"},
        Case{"GET", "/api/2.0/postgres/synced_tables"}, Case{"PATCH", "/api/2.0/postgres/synced_tables/a.b.c"},
        Case{"GET", "/api/2.0/postgres/tables"}, Case{"PATCH", "/api/2.0/postgres/tables/a.b.c"},
        Case{"PATCH", "/api/2.0/postgres/projects/p/branches/b/databases/d/cdf-configs/c"},
        Case{"DELETE", "/api/2.0/postgres/projects/p/branches/b/databases/d/cdf-configs/c/cdf-statuses/t"},
        Case{"GET", "/api/2.0/postgres/credentials"}, Case{"GET", "/api/2.0/clusters/list"}, Case{"GET", "/"}}) {
    auto const body = answer(request(method, path), 404);
    EXPECT_EQ(body.at("error_code"), "ENDPOINT_NOT_FOUND");
  }
  EXPECT_EQ(answer(request("GET", "/api/2.0/postgres/xyz"), 404).at("message"), "No API found for 'GET /postgres/xyz'");
}

TEST_F(RoutingTest, RefusesWhatItDoesNotOffer) {
  struct Case {
    char const* path;
    char const* what;
  };
  for (auto const& [path, what] : {Case{"projects/p/branches/b/forward-etl/metadata", "forward ETL"},
                                   Case{"projects/p/preview/replication-groups", "replication groups"},
                                   Case{"projects/p/preview/recovery-branches/r", "recovery branches"}}) {
    for (auto const method : {"GET", "POST", "DELETE"}) {
      auto const body = answer(request(method, std::string("/api/2.0/postgres/") + path), 501);
      EXPECT_EQ(body.at("error_code"), "NOT_IMPLEMENTED");
      EXPECT_EQ(body.at("message"), std::string("The Lakebase emulator does not offer ") + what + ".");
    }
  }
  make_project();
  answer(request("GET", "/api/2.0/postgres/projects/snapshots"), 404);
}

TEST_F(RoutingTest, EscapedNames) {
  make_project();
  answer(request("GET", "/api/2.0/postgres/projects/sho%70/branches/%70roduction"), 200);
  answer(request("GET", "/api/2.0/postgres/projects%2Fshop"), 404);
  answer(request("GET", "/api/2.0/postgres/projects/%ff%fe"), 404);
}

TEST_F(RoutingTest, ShowsTheCaller) {
  auto const reply = raw(request("GET", "/api/2.0/preview/scim/v2/Me"));
  auto const me = json(reply.body);
  EXPECT_EQ(me.at("userName"), "developer@example.com");
  EXPECT_EQ(me.at("emails").at(0).at("value"), "developer@example.com");
  EXPECT_FALSE(me.at("id").get<std::string>().empty());
}

TEST_F(RoutingTest, EveryAnswerHasARequestId) {
  for (auto const path : {"/api/2.0/postgres/projects", "/api/2.0/postgres/projects/none", "/nothing"}) {
    auto const reply = raw(request("GET", path));
    auto const found = std::find_if(reply.headers.begin(), reply.headers.end(),
                                    [](auto const& header) { return header.first == "x-request-id"; });
    ASSERT_NE(found, reply.headers.end());
    EXPECT_EQ(found->second.size(), 36U);
  }
}

TEST_F(RoutingTest, TellsOAuthWhereToGo) {
  plane->set_base_url("http://127.0.0.1:1");
  auto plain = request("GET", "/.well-known/databricks-config");
  plain.authorization.clear();
  EXPECT_EQ(answer(plain, 200).at("oidc_endpoint"), "http://127.0.0.1:1/oidc");
  auto metadata = request("GET", "/oidc/.well-known/oauth-authorization-server");
  metadata.authorization.clear();
  EXPECT_EQ(answer(metadata, 200).at("token_endpoint"), "http://127.0.0.1:1/oidc/v1/token");
  answer(request("GET", "/oidc/v1/authorize"), 404);
}

TEST_F(RoutingTest, TheClockGoesAheadAndNeverBack) {
  make_project();
  make_branch("gone", Json{{"ttl", "86400s"}});
  auto const token = call("POST", "credentials", Json{{"endpoint", primary}}).body.at("expire_time");
  EXPECT_EQ(answer(request("GET", "/emulator/clock"), 200), Json({{"now", "2026-06-01T12:00:00Z"}, {"ahead", "0s"}}));
  auto const moved = answer(request("POST", "/emulator/clock", R"({"advance": "1d12h"})"), 200);
  EXPECT_EQ(moved, Json({{"now", "2026-06-03T00:00:00Z"}, {"ahead", "129600s"}}));
  EXPECT_EQ(get("projects/shop/branches/gone").status, 404);
  EXPECT_LT(token.get<std::string>(), moved.at("now").get<std::string>());
  for (auto const text :
       {R"({"advance": "-1s"})", R"({"advance": "0s"})", R"({"advance": "soon"})", R"({"advance": ""})", "{}",
        R"({"advance": 3})", R"({"advance": "75y"})", R"({"advance": "7000w"})"}) {
    auto const refused = answer(request("POST", "/emulator/clock", text), 400);
    EXPECT_THAT(refused.at("message").get<std::string>(), HasSubstr("advance")) << text;
  }
  EXPECT_EQ(answer(request("GET", "/emulator/clock"), 200).at("now"), "2026-06-03T00:00:00Z");
}

TEST_F(RoutingTest, Controls) {
  make_project();
  auto const endpoint = Json{{"endpoint", primary}}.dump();
  answer(request("POST", "/emulator/suspend", endpoint), 200);
  EXPECT_EQ(get(primary).body.at("status").at("current_state"), "IDLE");
  answer(request("POST", "/emulator/crash", endpoint), 200);
  EXPECT_TRUE(computes->has_call_with("crash"));
  answer(request("POST", "/emulator/token-life", R"({"life": "1s"})"), 200);
  EXPECT_EQ(call("POST", "credentials", Json{{"endpoint", primary}}).body.at("expire_time"), "2026-06-01T12:00:01Z");
  answer(request("POST", "/emulator/token-life", "{}"), 200);
  answer(request("POST", "/emulator/refuse-logins", endpoint), 200);
  answer(request("POST", "/emulator/accept-logins", endpoint), 200);
  answer(request("POST", "/emulator/faults", R"({"fault": "status=503", "path": "/api/2.0/postgres/projects/x"})"),
         200);
  auto const state = answer(request("GET", "/emulator/state"), 200);
  EXPECT_EQ(state.at("projects"), 1);
  EXPECT_EQ(state.at("endpoints").at(0).at("name"), primary);
  EXPECT_EQ(state.at("faults").at(0).at("fault"), "status=503");
  answer(request("DELETE", "/emulator/faults"), 200);
  EXPECT_EQ(answer(request("GET", "/emulator/state"), 200).at("faults"), Json::array());

  answer(request("POST", "/emulator/suspend", "{}"), 400);
  answer(request("POST", "/emulator/suspend", R"({"endpoint": "projects/none/branches/b/endpoints/e"})"), 404);
  answer(request("POST", "/emulator/faults", R"({"fault": "explode"})"), 400);
  answer(request("POST", "/emulator/faults", R"({})"), 400);
  EXPECT_EQ(answer(request("GET", "/emulator/nothing"), 404).at("message"),
            "The emulator has no control 'GET /emulator/nothing'");
  auto stranger = request("GET", "/emulator/state");
  stranger.authorization.clear();
  answer(stranger, 401);
}

TEST_F(RoutingTest, FaultsByHeader) {
  struct Case {
    char const* fault;
    int status;
    Delivery delivery;
  };
  for (auto const& [fault, status, delivery] :
       {Case{"status=429; retry-after=2", 429, Delivery::whole}, Case{"status=503", 503, Delivery::whole},
        Case{"retry-after=Wed, 21 Oct 2026 07:28:00 GMT", 503, Delivery::whole}, Case{"html", 502, Delivery::whole},
        Case{"garbage", 200, Delivery::whole}, Case{"half-body", 200, Delivery::half_body},
        Case{"drop-answer", 200, Delivery::nothing}, Case{"reset", 200, Delivery::reset},
        Case{"stall=1s", 200, Delivery::whole}, Case{"what", 400, Delivery::whole}}) {
    auto call = request("GET", "/api/2.0/postgres/projects");
    call.fault = fault;
    auto const reply = raw(call);
    EXPECT_EQ(reply.status, status) << fault;
    EXPECT_EQ(reply.delivery, delivery) << fault;
  }
  auto slow = request("GET", "/api/2.0/postgres/projects");
  slow.fault = "stall=1.5s";
  EXPECT_EQ(raw(slow).delay, Duration{std::chrono::milliseconds{1500}});
}

TEST_F(RoutingTest, FaultsAreForThoseWhoShowedWhoTheyAre) {
  for (auto const path :
       {"/api/2.0/postgres/projects", "/oidc/v1/token", "/.well-known/databricks-config", "/nothing"}) {
    for (auto const fault :
         {"stall=3600s", "status=200", "reset", "drop-answer", "half-body", "garbage", "html", "what"}) {
      auto stranger = request("POST", path);
      stranger.authorization = "Bearer wrong";
      stranger.fault = fault;
      auto const reply = raw(stranger);
      EXPECT_EQ(reply.delay, Duration::zero()) << path << " " << fault;
      EXPECT_EQ(reply.delivery, Delivery::whole) << path << " " << fault;
      EXPECT_GE(reply.status, 400) << path << " " << fault;
      EXPECT_TRUE(json(reply.body).is_object());
      EXPECT_FALSE(reply.authenticated) << path;
    }
  }
  plane->controls().inject({.fault = Fault::parse("stall=3600s"), .method = "", .path = "", .times = 1, .every = 1});
  auto stranger = request("GET", "/api/2.0/postgres/projects");
  stranger.authorization.clear();
  EXPECT_EQ(raw(stranger).delay, Duration::zero());
  EXPECT_EQ(raw(request("GET", "/api/2.0/postgres/projects")).delay, Duration{std::chrono::hours{1}})
      << "strangers do not use up the faults that were asked for";
}

TEST_F(RoutingTest, TellsTheServerWhoHasShownWhoTheyAre) {
  EXPECT_TRUE(raw(request("GET", "/api/2.0/postgres/projects")).authenticated);
  EXPECT_TRUE(raw(request("GET", "/api/2.0/postgres/projects/none")).authenticated);
  EXPECT_TRUE(raw(request("GET", "/emulator/state")).authenticated);
  EXPECT_FALSE(raw(request("GET", "/.well-known/databricks-config")).authenticated);
}

TEST_F(RoutingTest, WhichFaultsCarryTheRequestOut) {
  struct Case {
    char const* fault;
    bool carried_out;
  };
  for (auto const& [fault, carried_out] : {Case{"status=503", false}, Case{"reset", false}, Case{"html", false},
                                           Case{"drop-answer", true}, Case{"half-body", true}, Case{"garbage", true}}) {
    auto create = request("POST", "/api/2.0/postgres/projects?project_id=shop", "{}");
    create.fault = fault;
    raw(create);
    EXPECT_EQ(get("projects/shop").status == 200, carried_out) << fault;
    reopen();
    if (get("projects/shop").status == 200) finished("DELETE", "projects/shop?purge=true");
  }
}

TEST_F(RoutingTest, FaultsByRule) {
  plane->controls().inject(
      {.fault = Fault::parse("status=503"), .method = "GET", .path = "/api/2.0", .times = 2, .every = 2});
  std::vector<int> statuses;
  for (int i = 0; i < 6; ++i) statuses.push_back(get("projects").status);
  EXPECT_THAT(statuses, ::testing::ElementsAre(200, 503, 200, 503, 200, 200));
  plane->controls().inject({.fault = Fault::parse("status=500"), .method = "", .path = "", .times = 0, .every = 1});
  EXPECT_EQ(get("projects").status, 500);
  answer(request("DELETE", "/emulator/faults"), 200);
  EXPECT_EQ(get("projects").status, 200);
}

}  // namespace
}  // namespace lakebase::emulator::tests
