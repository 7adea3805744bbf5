#include "control_plane_fixture.hpp"

#include <thread>

namespace lakebase::emulator::tests {
namespace {

using ::testing::MatchesRegex;
using namespace std::chrono_literals;

class OperationsTest : public ControlPlaneTest {};

TEST_F(OperationsTest, StartsNotDone) {
  auto const started = call("POST", "projects?project_id=shop", Json::object());
  EXPECT_EQ(started.body.at("done"), false);
  EXPECT_THAT(started.body.at("name").get<std::string>(), MatchesRegex("projects/shop/operations/[A-Za-z0-9_-]+"));
  EXPECT_EQ(started.body.at("metadata").dump(),
            R"({"@type":"type.googleapis.com/databricks.postgres.v1.ProjectOperationMetadata"})");
  EXPECT_FALSE(started.body.contains("response"));
  wait(started);
}

TEST_F(OperationsTest, AllIdsRepeatWithTheSourceOfChance) {
  auto const ids_of_a_life = [&] {
    ScratchFolder const new_folder;
    options.folder = new_folder.path();
    options.random = seeded_bytes(42);
    restart();
    auto const operation = wait(call("POST", "projects?project_id=shop", Json::object()));
    std::vector<std::string> ids{operation.at("name"), operation.at("response").at("uid"), uid(production),
                                 uid(primary)};
    auto const role = finished("POST", std::string(production) + "/roles", json(R"({"spec": {"postgres_role": "r"}})"));
    ids.push_back(role.at("name"));
    plane.reset();
    return ids;
  };
  auto const first = ids_of_a_life();
  EXPECT_EQ(ids_of_a_life(), first);
}

TEST_F(OperationsTest, OutliveTheirResource) {
  make_project();
  auto const deleted = call("DELETE", "projects/shop?purge=true");
  EXPECT_TRUE(wait(deleted).contains("response"));
  EXPECT_EQ(get(deleted.body.at("name")).body.at("done"), true);
  expect_error(get("projects/shop/operations/none"), 404, "NOT_FOUND", "operation not found");
}

TEST_F(OperationsTest, TakeAsManyPollsAsAsked) {
  options.operation_polls = 3;
  reopen();
  auto const started = call("POST", "projects?project_id=shop", Json::object());
  std::this_thread::sleep_for(50ms);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get(started.body.at("name")).body.at("done"), false) << i;
  wait(started);
}

TEST_F(OperationsTest, EndByTimeWhereNobodyPolls) {
  options.operation_polls = 1000;
  reopen();
  auto const started = call("POST", "projects?project_id=shop", Json::object());
  // The work itself is done, and the project is free.
  while (call("PATCH", "projects/shop?update_mask=spec", json(R"({"spec": {}})")).status == 409) {
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(get(started.body.at("name")).body.at("done"), false);
  advance(59s);
  EXPECT_EQ(get(started.body.at("name")).body.at("done"), false);
  advance(1s);
  EXPECT_EQ(get(started.body.at("name")).body.at("done"), true);
}

TEST_F(OperationsTest, TakeAsLongAsAsked) {
  options.operation_delay = 100ms;
  reopen();
  auto const before = std::chrono::steady_clock::now();
  make_project();
  EXPECT_GE(std::chrono::steady_clock::now() - before, 100ms);
}

TEST_F(OperationsTest, OneAProjectAtATime) {
  make_project();
  finished("POST", "projects?project_id=other", Json::object());
  computes->hold();
  auto const first = call("POST", "projects/shop/branches?branch_id=a", json(R"({"spec": {"no_expiry": true}})"));
  for (auto const& [method, target] :
       {std::pair{"POST", "projects/shop/branches?branch_id=b"}, std::pair{"PATCH", "projects/shop?update_mask=spec"},
        std::pair{"DELETE", "projects/shop?purge=true"},
        std::pair{"DELETE", "projects/shop/branches/production/roles/developer"}}) {
    auto const answer = call(method, target, json(R"({"spec": {"no_expiry": true}})"));
    EXPECT_EQ(answer.status, 409) << target;
    EXPECT_EQ(answer.code(), "ABORTED");
  }
  EXPECT_EQ(get("projects/shop").status, 200);
  auto const elsewhere = call("PATCH", "projects/other?update_mask=spec", json(R"({"spec": {}})"));
  EXPECT_EQ(elsewhere.status, 200) << "other projects are not concerned";
  computes->release();
  wait(first);
  wait(elsewhere);
  make_branch("b");
}

TEST_F(OperationsTest, AFailedProjectLeavesNothing) {
  computes->fail_at("CREATE DATABASE", "cannot", "42501");
  auto const error = failed("POST", "projects?project_id=shop", Json::object());
  EXPECT_EQ(error.at("error_code"), "BAD_REQUEST");
  expect_error(get("projects/shop"), 404, "NOT_FOUND", "project id not found");
  EXPECT_TRUE(computes->has_call_with("remove_branch"));
  make_project();
}

TEST_F(OperationsTest, BadRequestsChangeNothing) {
  make_project();
  auto const before = get("projects/shop").body;
  auto const calls = computes->calls();
  EXPECT_EQ(call("PATCH", "projects/shop?update_mask=spec", json(R"({"spec": {"display_name": 1}})")).status, 400);
  EXPECT_EQ(call("POST", "projects/shop/branches?branch_id=a", json(R"({"spec": {"ttl": "x"}})")).status, 400);
  EXPECT_EQ(get("projects/shop").body, before);
  EXPECT_EQ(get("projects/shop/branches").body.at("branches").size(), 1);
  EXPECT_EQ(computes->calls(), calls);
}

TEST_F(OperationsTest, ManyClientsAtOnce) {
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([this, i] {
      auto const id = "p" + std::to_string(i);
      wait(call("POST", "projects?project_id=" + id, Json::object()));
      EXPECT_EQ(get("projects/" + id).status, 200);
      EXPECT_EQ(get("projects/" + id + "/branches/production/endpoints").status, 200);
      wait(call("DELETE", "projects/" + id + "?purge=true"));
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(get("projects").body, Json::object());
}

class PagingTest : public ControlPlaneTest {
 protected:
  PagingTest() {
    make_project();
    for (auto const id : {"a", "b", "c", "d"}) make_branch(id);
  }
  std::vector<std::string> ids(Json const& page) const {
    std::vector<std::string> ids;
    for (auto const& branch : page.value("branches", Json::array())) ids.push_back(branch.at("branch_id"));
    return ids;
  }
};

TEST_F(PagingTest, FollowsTokensInCreationOrder) {
  auto const first = get("projects/shop/branches?page_size=2").body;
  EXPECT_THAT(ids(first), ::testing::ElementsAre("production", "a"));
  auto const token = first.at("next_page_token").get<std::string>();
  finished("DELETE", "projects/shop/branches/a?purge=true");
  make_branch("e");
  auto const second = get("projects/shop/branches?page_size=2&page_token=" + token).body;
  EXPECT_THAT(ids(second), ::testing::ElementsAre("b", "c")) << "what goes away in between hides nothing";
  auto const third =
      get("projects/shop/branches?page_size=2&page_token=" + second.at("next_page_token").get<std::string>()).body;
  EXPECT_THAT(ids(third), ::testing::ElementsAre("d", "e"));
  EXPECT_FALSE(third.contains("next_page_token"));
}

TEST_F(PagingTest, RefusesTokensAndSizesThatMakeNoSense) {
  auto const token = get("projects/shop/branches?page_size=1").body.at("next_page_token").get<std::string>();
  for (auto const& target :
       {std::string("projects/shop/branches?page_token=nonsense"), "projects?page_token=" + token,
        "projects/shop/branches?show_deleted=true&page_token=" + token,
        "projects/shop/branches?page_token=" + token + "x", std::string("projects/shop/branches?page_size=-1"),
        std::string("projects/shop/branches?page_size=many"),
        std::string("projects/shop/branches?show_deleted=perhaps")}) {
    EXPECT_EQ(get(target).code(), "INVALID_PARAMETER_VALUE") << target;
  }
}

TEST_F(PagingTest, SizesAreCutAndDefaulted) {
  EXPECT_EQ(get("projects/shop/branches?page_size=0").body.at("branches").size(), 5);
  EXPECT_EQ(get("projects/shop/branches?page_size=100000").body.at("branches").size(), 5);
}

TEST_F(PagingTest, EveryListIsPaged) {
  for (auto const collection : {"endpoints", "roles", "databases"}) {
    auto const page = get(std::string(production) + "/" + collection + "?page_size=1").body;
    EXPECT_EQ(page.at(collection).size(), 1) << collection;
    EXPECT_FALSE(page.contains("next_page_token"));
  }
}

}  // namespace
}  // namespace lakebase::emulator::tests
