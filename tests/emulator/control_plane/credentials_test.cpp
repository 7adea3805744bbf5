#include <future>

#include "common/encoding.hpp"
#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;
using Verdict = LoginDecision::Verdict;

class CredentialsTest : public ControlPlaneTest {
 protected:
  CredentialsTest() {
    options.groups = {"team"};
    options.service_principals = {{"11111111-2222-3333-4444-555555555555", "s3cret", "robot"}};
    reopen();
    make_project();
    endpoint_uid = uid(primary);
  }

  Answer mint(Json const& extra = Json::object()) {
    Json body{{"endpoint", primary}};
    body.update(extra);
    return call("POST", "credentials", body);
  }
  LoginDecision login(std::string const& password, std::string const& user = "developer@example.com") {
    return plane->decide({endpoint_uid, user, "databricks_postgres", password});
  }
  std::string token() { return mint().body.at("token").get<std::string>(); }

  std::string endpoint_uid;
};

TEST_F(CredentialsTest, MintsATokenThatLogsIn) {
  auto const answer = mint();
  EXPECT_EQ(answer.body.at("expire_time"), "2026-06-01T13:00:00Z");
  auto const token = answer.body.at("token").get<std::string>();
  ASSERT_TRUE(looks_like_jwt(token));
  auto const payload = token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1);
  auto const claims = json(base64url_decoded(payload).value());
  EXPECT_EQ(claims.at("sub"), "developer@example.com");
  EXPECT_EQ(claims.at("endpoint"), primary);
  EXPECT_EQ(claims.at("exp").get<std::int64_t>() - claims.at("iat").get<std::int64_t>(), 3600);
  EXPECT_EQ(login(token).verdict, Verdict::trusted);
}

TEST_F(CredentialsTest, LogsInAsSoonAsAnEndpointListensAgain) {
  auto const password = token();
  plane.reset();
  computes = std::make_unique<FakeComputes>();
  plane = std::make_unique<ControlPlane>(options, *computes, time);
  computes->hold("add_endpoint");
  auto opening = std::async(std::launch::async, [&] { plane->open(); });
  computes->wait_until_held();
  auto const decision = login(password);
  EXPECT_EQ(decision.verdict, Verdict::trusted) << decision.message;
  computes->release();
  opening.get();
}

TEST_F(CredentialsTest, AUsersNameIsNoLineOfTheLog) {
  std::string log;
  options.log = [&](std::string_view line) { log += line; };
  reopen();
  EXPECT_EQ(login(token(), "x\nlogin of 'root' \x1b[2J").verdict, Verdict::refused);
  EXPECT_THAT(log, HasSubstr("login of 'x?login of ?root? ?[2J' at " + endpoint_uid + " refused"));
}

TEST_F(CredentialsTest, LivesAsLongAsAsked) {
  EXPECT_EQ(mint(Json{{"ttl", "300s"}}).body.at("expire_time"), "2026-06-01T12:05:00Z");
  EXPECT_EQ(mint(Json{{"expire_time", "2026-06-01T12:30:00Z"}}).body.at("expire_time"), "2026-06-01T12:30:00Z");
}

TEST_F(CredentialsTest, Refuses) {
  struct Case {
    char const* body;
    int status;
    char const* part;
  };
  constexpr auto format =
      "Endpoint name expects 'projects/{project_id}/branches/{branch_id}/endpoints/{endpoint_id}' format";
  for (auto const& [body, status, part] : {
           Case{R"({})", 400, "Field 'endpoint' is required"},
           Case{R"({"endpoint": "primary"})", 400, format},
           Case{R"({"endpoint": "projects/shop/branches/production"})", 400, format},
           Case{R"({"endpoint": "projects/none/branches/production/endpoints/primary"})", 404, "project id not found"},
           Case{R"({"endpoint": "projects/shop/branches/none/endpoints/primary"})", 404, "branch id not found"},
           Case{R"({"endpoint": "projects/shop/branches/production/endpoints/none"})", 404, "endpoint id not found"},
       }) {
    auto const answer = call("POST", "credentials", json(body));
    EXPECT_EQ(answer.status, status) << body;
    EXPECT_THAT(answer.message(), HasSubstr(part)) << body;
  }
  for (auto const& extra :
       {Json{{"ttl", "299s"}}, Json{{"ttl", "3601s"}}, Json{{"expire_time", "2026-06-01T12:04:59Z"}},
        Json{{"expire_time", "2026-06-01T13:00:01Z"}}, Json{{"ttl", "600s"}, {"expire_time", "2026-06-01T12:30:00Z"}},
        Json{{"group_name", "strangers"}}}) {
    EXPECT_EQ(mint(extra).code(), "INVALID_PARAMETER_VALUE") << extra.dump();
  }
  expect_error(mint(Json{{"claims", Json::array({Json{{"permission_set", "READ_ONLY"}}})}}), 400,
               "INVALID_PARAMETER_VALUE", "Unsupported permission set");
}

TEST_F(CredentialsTest, ExpiresAtItsTime) {
  auto const password = token();
  advance(3599s);
  EXPECT_EQ(login(password).verdict, Verdict::trusted);
  advance(1s);
  auto const decision = login(password);
  EXPECT_EQ(decision.verdict, Verdict::refused);
  EXPECT_EQ(decision.sqlstate, "28P01");
  EXPECT_EQ(decision.message, "Invalid authorization for databricks identity login");
}

TEST_F(CredentialsTest, IsForItsIdentityAlone) {
  finished("POST", std::string(production) + "/roles?role_id=alice",
           json(R"({"spec": {"postgres_role": "alice@example.com", "identity_type": "USER"}})"));
  EXPECT_EQ(login(token(), "alice@example.com").message, "Invalid authorization for databricks identity login");
  EXPECT_EQ(login(token() + "x").message, "Invalid authorization for databricks identity login");
  EXPECT_EQ(login("eyJhbGciOiJub25lIn0.eyJzdWIiOiJkZXZlbG9wZXIifQ.").verdict, Verdict::refused);
}

TEST_F(CredentialsTest, WorksForTheGroup) {
  finished("POST", std::string(production) + "/roles?role_id=team",
           json(R"({"spec": {"postgres_role": "team", "identity_type": "GROUP"}})"));
  auto const password = mint(Json{{"group_name", "team"}}).body.at("token").get<std::string>();
  EXPECT_EQ(login(password, "team").verdict, Verdict::trusted);
  EXPECT_EQ(login(password).verdict, Verdict::refused);
}

TEST_F(CredentialsTest, NeedsARoleThatTakesTokens) {
  finished("DELETE", std::string(production) + "/roles/developer");
  auto const decision = login(token());
  EXPECT_EQ(decision.verdict, Verdict::refused);
  EXPECT_EQ(decision.message, "password authentication failed for user 'developer@example.com'");
  finished("POST", std::string(production) + "/roles?role_id=developer",
           json(R"({"spec": {"postgres_role": "developer@example.com", "auth_method": "NO_LOGIN"}})"));
  EXPECT_EQ(login(token()).verdict, Verdict::refused);
}

TEST_F(CredentialsTest, WorkspaceTokensAreNoPasswords) {
  for (auto const& password : {plane->token(), std::string("dapi0123456789abcdef")}) {
    auto const decision = login(password);
    EXPECT_EQ(decision.verdict, Verdict::refused);
    EXPECT_THAT(decision.message, HasSubstr("mint one with generate_database_credential"));
    EXPECT_EQ(decision.message.find(password), std::string::npos);
  }
}

TEST_F(CredentialsTest, NativeLoginIsOffUnlessTheProjectHasIt) {
  auto const off = login("secret", "app");
  EXPECT_EQ(off.verdict, Verdict::refused);
  EXPECT_EQ(off.message, "native postgres login is disabled for this endpoint");
  finished("PATCH", "projects/shop?update_mask=spec.enable_pg_native_login",
           json(R"({"spec": {"enable_pg_native_login": true}})"));
  EXPECT_EQ(login("secret", "app").verdict, Verdict::native_password);
}

TEST_F(CredentialsTest, ARoleOfAnIdentityHasNoNativePasswordWhateverSqlGaveIt) {
  finished("PATCH", "projects/shop?update_mask=spec.enable_pg_native_login",
           json(R"({"spec": {"enable_pg_native_login": true}})"));
  auto const decision = login("secret", "developer@example.com");
  EXPECT_EQ(decision.verdict, Verdict::refused);
  EXPECT_EQ(decision.sqlstate, "28P01");
}

TEST_F(CredentialsTest, TokensOfAnotherWorkspaceAreRefused) {
  auto const foreign = TokenMint{"another key"}.sign(
      Json{{"aud", "lakebase"}, {"sub", "developer@example.com"}, {"exp", 4'000'000'000}});
  EXPECT_EQ(login(foreign).verdict, Verdict::refused);
}

TEST_F(CredentialsTest, TokensSurviveARestart) {
  auto const password = token();
  reopen();
  EXPECT_EQ(login(password).verdict, Verdict::trusted);
}

TEST_F(CredentialsTest, ControlsOfLoginsAndLives) {
  plane->controls().set_token_life(Duration{1500ms});
  auto const answer = mint();
  EXPECT_EQ(answer.body.at("expire_time"), "2026-06-01T12:00:01.500Z");
  auto const password = answer.body.at("token").get<std::string>();
  advance(1400ms);
  EXPECT_EQ(login(password).verdict, Verdict::trusted);
  advance(100ms);
  EXPECT_EQ(login(password).verdict, Verdict::refused);
  plane->controls().set_token_life(std::nullopt);
  auto const fresh = token();
  plane->controls().refuse_logins(primary, {.sqlstate = "57P03", .message = "starting up", .times = 2});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(login(fresh).sqlstate, "57P03");
  EXPECT_EQ(login(fresh).verdict, Verdict::trusted);
  plane->controls().refuse_logins(primary, {});
  EXPECT_EQ(login(fresh).verdict, Verdict::refused);
  plane->controls().accept_logins(primary);
  EXPECT_EQ(login(fresh).verdict, Verdict::trusted);
}

TEST_F(CredentialsTest, ServicePrincipalsLogInWithOAuth) {
  auto form = request("POST", "/oidc/v1/token", "grant_type=client_credentials&scope=all-apis");
  form.authorization = "Basic MTExMTExMTEtMjIyMi0zMzMzLTQ0NDQtNTU1NTU1NTU1NTU1OnMzY3JldA==";
  auto const issued = json(raw(form).body);
  EXPECT_EQ(issued.at("token_type"), "Bearer");
  EXPECT_EQ(issued.at("expires_in"), 3600);
  auto me = request("GET", "/api/2.0/preview/scim/v2/Me");
  me.authorization = "Bearer " + issued.at("access_token").get<std::string>();
  EXPECT_EQ(json(raw(me).body).at("userName"), "11111111-2222-3333-4444-555555555555");

  auto create = request("POST", "/api/2.0/postgres/projects?project_id=robots", "{}");
  create.authorization = me.authorization;
  wait({200, json(raw(create).body)});
  EXPECT_EQ(get("projects/robots").body.at("status").at("owner"), "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(get("projects/robots/branches/production/roles").body.at("roles").at(0).at("role_id"),
            "sp-11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(login(issued.at("access_token")).verdict, Verdict::refused) << "an API token is no database credential";

  advance(3600s);
  EXPECT_EQ(raw(me).status, 401);
}

TEST_F(CredentialsTest, OAuthInTheFormAndItsErrors) {
  auto const post = [&](std::string const& form) {
    auto call = request("POST", "/oidc/v1/token", form);
    call.authorization.clear();
    return raw(call);
  };
  std::string const client = "client_id=11111111-2222-3333-4444-555555555555&client_secret=s3cret";
  EXPECT_EQ(post("grant_type=client_credentials&" + client).status, 200);
  auto const wrong = post("grant_type=client_credentials&client_id=x&client_secret=y");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(json(wrong.body).at("error"), "invalid_client");
  auto const grant = post("grant_type=password&" + client);
  EXPECT_EQ(grant.status, 400);
  EXPECT_EQ(json(grant.body).at("error"), "unsupported_grant_type");
}

TEST_F(CredentialsTest, ASoftDeletedBranchTakesNoLoginsAlsoIfItsFrontStaysOpen) {
  make_branch("dev");
  std::string const dev = "projects/shop/branches/dev";
  endpoint_uid = uid(dev + "/endpoints/primary");
  auto const password =
      call("POST", "credentials", Json{{"endpoint", dev + "/endpoints/primary"}}).body.at("token").get<std::string>();
  EXPECT_EQ(login(password).verdict, Verdict::trusted);
  plane->sweep();  // The next attempt at cleanups is due 10 s later.
  computes->fail_at("remove_endpoint " + endpoint_uid, "no");
  finished("DELETE", dev);
  EXPECT_FALSE(computes->has_call_with("remove_endpoint " + endpoint_uid));
  auto const decision = login(password);
  EXPECT_EQ(decision.verdict, Verdict::refused);
  EXPECT_EQ(decision.message, "the endpoint does not exist any more");

  advance(10s);
  plane->sweep();
  EXPECT_TRUE(computes->has_call_with("remove_endpoint " + endpoint_uid));
  finished("POST", dev + "/undelete", Json::object());
  EXPECT_EQ(login(password).verdict, Verdict::trusted);
}

TEST_F(CredentialsTest, ASoftDeletedProjectTakesNoLoginsEither) {
  auto const password = token();
  computes->fail_at("remove_endpoint", "no");
  finished("DELETE", "projects/shop");
  EXPECT_EQ(login(password).verdict, Verdict::refused);
  finished("POST", "projects/shop/undelete", Json::object());
  EXPECT_TRUE(computes->has_call_with("remove_endpoint")) << "before anything else";
  EXPECT_EQ(login(password).verdict, Verdict::trusted);
}

}  // namespace
}  // namespace lakebase::emulator::tests
