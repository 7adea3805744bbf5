// The service's quotas, which hold where they are asked for.

#include <fmt/format.h>

#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;

class LimitsTest : public ControlPlaneTest {
 protected:
  void set(Limits const& limits) {
    options.limits = limits;
    reopen();
  }
  Answer create_branch(std::string const& id, Json spec = Json{{"no_expiry", true}}) {
    return call("POST", "projects/shop/branches?branch_id=" + id, Json{{"spec", std::move(spec)}});
  }
  void expect_refused(Answer const& answer, std::string_view message) {
    expect_error(answer, 400, "QUOTA_EXCEEDED", message);
  }
  // Of a login with a token that was minted for the endpoint.
  LoginDecision login(std::string const& endpoint) {
    auto const token = call("POST", "credentials", Json{{"endpoint", endpoint}}).body.at("token").get<std::string>();
    return plane->decide(
        {.endpoint_uid = uid(endpoint), .user = "developer@example.com", .database = "d", .password = token});
  }
  void suspend(std::string const& endpoint) { plane->controls().suspend(endpoint); }
};

TEST_F(LimitsTest, AreThoseOfTheMachineUnlessAsked) {
  make_project();
  for (int i = 0; i < 11; ++i) make_branch(fmt::format("b-{}", i));
  for (int i = 0; i < 2; ++i) make_branch(fmt::format("p-{}", i), Json{{"no_expiry", true}, {"is_protected", true}});
}

TEST_F(LimitsTest, UnarchivedBranches) {
  set(service_limits());
  make_project();
  for (int i = 0; i < 9; ++i) make_branch(fmt::format("b-{}", i));
  expect_refused(create_branch("b-9"),
                 "A project can have at most 10 unarchived branches. Delete one first, or start the emulator with "
                 "another limit (--limit unarchived-branches=11).");
  EXPECT_EQ(get("projects/shop/branches/b-9").status, 404);
  finished("DELETE", "projects/shop/branches/b-0");
  make_branch("b-9");
  expect_refused(call("POST", "projects/shop/branches/b-0/undelete", Json::object()),
                 "A project can have at most 10 unarchived branches. Delete one first, or start the emulator with "
                 "another limit (--limit unarchived-branches=11).");
}

TEST_F(LimitsTest, EachIsAdjustable) {
  Limits limits;
  limits.projects = 1;
  limits.branches = 3;
  limits.protected_branches = 2;
  limits.roles = 2;
  limits.databases = 2;
  limits.read_only_endpoints = 1;
  set(limits);
  make_project();
  EXPECT_THAT(call("POST", "projects?project_id=b", Json::object()).message(),
              HasSubstr("A workspace can have at most 1 projects."));

  make_branch("b", Json{{"no_expiry", true}, {"is_protected", true}});
  make_branch("c", Json{{"no_expiry", true}, {"is_protected", true}});
  EXPECT_THAT(create_branch("d").message(), HasSubstr("at most 3 branches."));
  EXPECT_THAT(call("PATCH", std::string(production) + "?update_mask=spec.is_protected",
                   json(R"({"spec": {"is_protected": true}})"))
                  .message(),
              HasSubstr("at most 2 protected branches. Take the protection from another one first"));

  auto const in = [](std::string_view collection) { return fmt::format("{}/{}", production, collection); };
  auto const role = json(R"({"spec": {"attributes": {"createdb": true}}})");
  finished("POST", in("roles?role_id=a"), role);
  expect_refused(call("POST", in("roles?role_id=b"), role),
                 "A branch can have at most 2 roles. Delete one first, or start the emulator with another limit "
                 "(--limit roles=3).");
  auto const database = Json{{"spec", {{"role", in("roles/developer")}}}};
  finished("POST", in("databases?database_id=a"), database);
  expect_refused(call("POST", in("databases?database_id=b"), database),
                 "A branch can have at most 2 databases. Delete one first, or start the emulator with another limit "
                 "(--limit databases=3).");
  auto const reader = json(R"({"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY"}})");
  finished("POST", in("endpoints?endpoint_id=r1"), reader);
  EXPECT_THAT(call("POST", in("endpoints?endpoint_id=r2"), reader).message(),
              HasSubstr("at most 1 read-only endpoints"));
}

TEST_F(LimitsTest, TimesAreAdjustable) {
  Limits limits;
  limits.longest_ttl = std::chrono::hours{60 * 24};
  limits.shortest_suspension = std::chrono::seconds{1};
  limits.longest_suspension = std::chrono::seconds{10};
  limits.shortest_history = std::chrono::hours{1};
  limits.longest_history = std::chrono::hours{10 * 24};
  set(limits);
  make_project(json(R"({"spec": {"history_retention_duration": "3600s"}})"));
  make_branch("b", Json{{"ttl", "5184000s"}});
  EXPECT_THAT(create_branch("c", Json{{"ttl", "5184001s"}}).message(), HasSubstr("at most 60 days, got 5184001s"));
  EXPECT_THAT(create_branch("c", Json{{"expire_time", "2026-08-01T00:00:00Z"}}).message(),
              HasSubstr("at most 60 days ahead"));
  auto const suspension = [&](std::string_view timeout) {
    return call("PATCH", std::string(primary) + "?update_mask=spec.suspension",
                Json{{"spec", {{"suspend_timeout_duration", timeout}}}});
  };
  EXPECT_THAT(suspension("11s").message(), HasSubstr("between 1s and 10s, got 11s"));
  EXPECT_EQ(suspension("2s").status, 200);
}

TEST_F(LimitsTest, ActiveComputesAreNotCreatedAndNotWoken) {
  Limits limits;
  limits.active_computes = 2;
  set(limits);
  make_project();
  make_branch("a");
  auto const text =
      "A project can have at most 2 active computes. Wait until one is suspended, or disable one, or start the "
      "emulator with another limit (--limit active-computes=3).";
  expect_refused(create_branch("b"), text);
  expect_refused(call("POST", std::string(production) + "/endpoints?endpoint_id=reader",
                      json(R"({"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY"}})")),
                 text);
  suspend(primary);
  make_branch("b");
  auto const refused = login(primary);
  EXPECT_EQ(refused.verdict, LoginDecision::Verdict::refused);
  EXPECT_EQ(refused.sqlstate, "53400");
  EXPECT_EQ(refused.message, text);
  auto const of_b = "projects/shop/branches/b/endpoints/primary";
  EXPECT_EQ(login(of_b).verdict, LoginDecision::Verdict::trusted) << "it is active already";
  suspend(of_b);
  EXPECT_EQ(login(primary).verdict, LoginDecision::Verdict::trusted);
}

TEST_F(LimitsTest, OtherProjectsCountByThemselves) {
  Limits limits;
  limits.active_computes = 1;
  limits.unarchived_branches = 1;
  set(limits);
  make_project();
  finished("POST", "projects?project_id=other", Json::object());
  EXPECT_EQ(create_branch("a").code(), "QUOTA_EXCEEDED");
}

}  // namespace
}  // namespace lakebase::emulator::tests
