// The emulator as a C++ object, with its real data plane.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <lakebase/testing/emulator.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <thread>

namespace lakebase::testing {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::uint16_t postgres_port = 55432;

class Workspace {
 public:
  explicit Workspace(Emulator const& emulator) : client_(emulator.host()) {
    client_.set_bearer_token_auth(emulator.token());
    client_.set_keep_alive(true);
  }

  Json call(std::string const& method, std::string const& path, Json const& body = Json::object()) {
    httplib::Request request;
    request.method = method;
    request.path = path;
    if (method != "GET") request.body = body.dump();
    auto const result = client_.send(request);
    return result ? Json::parse(result->body) : Json{};
  }
  Json get(std::string const& name) { return call("GET", "/api/2.0/postgres/" + name); }
  Json finished(std::string const& method, std::string const& target, Json const& body = Json::object()) {
    auto operation = call(method, "/api/2.0/postgres/" + target, body);
    for (int i = 0; i < 3000 && !operation.value("done", true); ++i) {
      std::this_thread::sleep_for(10ms);
      operation = get(operation.at("name"));
    }
    EXPECT_TRUE(operation.contains("response")) << operation.dump(1);
    return operation.value("response", Json::object());
  }

 private:
  httplib::Client client_;
};

struct TemporaryFolder {
  TemporaryFolder() : path(std::filesystem::temp_directory_path() / ("lakebase-life-" + std::to_string(::getpid()))) {}
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

EmulatorOptions quick() {
  return {.postgres_port = postgres_port};
}

TEST(Emulator, TellsHowToReachIt) {
  Emulator const emulator{quick()};
  auto const config = emulator.config();
  EXPECT_EQ(config.host, emulator.host());
  EXPECT_EQ(config.token, emulator.token());
  EXPECT_TRUE(std::filesystem::exists(emulator.ca_certificate()));
  EXPECT_EQ(emulator.postgres_port(), postgres_port);
  EXPECT_EQ(Workspace{emulator}.call("GET", "/api/2.0/preview/scim/v2/Me").at("userName"), emulator.user_name());
}

TEST(Emulator, HoldsTheServicesLimitsWhereAsked) {
  auto options = quick();
  options.service_limits = true;
  options.limits.active_computes = 2;
  Emulator emulator{options};
  Workspace w{emulator};
  w.finished("POST", "projects?project_id=p");
  auto const branch = Json{{"spec", {{"no_expiry", true}, {"is_protected", true}}}};
  auto const create = [&](std::string const& id) {
    return w.call("POST", "/api/2.0/postgres/projects/p/branches?branch_id=" + id, branch);
  };
  w.finished("POST", "projects/p/branches?branch_id=a", branch);
  EXPECT_EQ(w.get("projects/p/branches/a/endpoints/primary").at("status").at("current_state"), "ACTIVE")
      << "it counts from the end of its creation";
  EXPECT_THAT(create("b").at("message").get<std::string>(), HasSubstr("at most 1 protected branches"));
  auto const unprotected = Json{{"spec", {{"no_expiry", true}}}};
  auto const refused = w.call("POST", "/api/2.0/postgres/projects/p/branches?branch_id=b", unprotected);
  EXPECT_EQ(refused.at("error_code"), "QUOTA_EXCEEDED");
  EXPECT_THAT(refused.at("message").get<std::string>(), HasSubstr("at most 2 active computes"));
  emulator.suspend("projects/p/branches/production/endpoints/primary");
  w.finished("POST", "projects/p/branches?branch_id=b", unprotected);
}

TEST(Emulator, SaysWithoutATokenThatItIsThere) {
  Emulator const emulator{quick()};
  httplib::Client client{emulator.host()};
  auto const got = client.Get("/health");
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->body, R"({"status":"ok"})");
  auto const head = client.Head("/health");
  EXPECT_EQ(head->status, 200);
  EXPECT_TRUE(head->body.empty());
  EXPECT_EQ(client.Post("/health", "", "application/json")->status, 401);
  EXPECT_EQ(client.Get("/health", {{"Origin", "http://example.com"}})->status, 403) << "pages get nothing";
  EXPECT_EQ(client.Get("/health", {{"Host", "example.com"}})->status, 403);
}

TEST(Emulator, TakesAnyPortThatIsFree) {
  Emulator const one{{.postgres_port = 0}};
  Emulator const other{{.postgres_port = 0}};
  EXPECT_NE(one.postgres_port(), 0);
  EXPECT_NE(other.postgres_port(), 0);
  EXPECT_EQ(one.config().postgres_port, one.postgres_port());
  EXPECT_EQ(one.config().postgres_root_certificates, one.ca_certificate().string());
}

TEST(Emulator, RefusesAddressesThatOthersReach) {
  EXPECT_THROW(static_cast<void>(Emulator{{.http_address = "0.0.0.0"}}), std::invalid_argument);
}

TEST(Emulator, TheClockOfAFolderNeverGoesBack) {
  TemporaryFolder const folder;
  auto options = quick();
  options.data_dir = folder.path;
  auto const begin = std::chrono::system_clock::now();
  {
    Emulator emulator{options};
    EXPECT_LT(emulator.now() - begin, 1min);
    EXPECT_THROW(emulator.advance(0s), std::exception);
    EXPECT_THROW(emulator.advance(-1s), std::exception);
    emulator.advance(72h);
    EXPECT_GE(emulator.now(), begin + 72h);
    auto const moved = Workspace{emulator}.call("POST", "/emulator/clock", Json{{"advance", "1d"}});
    EXPECT_EQ(moved.at("ahead"), "345600s");
  }
  Emulator{options}.advance(1s);
  EXPECT_GE(Emulator{options}.now(), begin + 96h + 1s);
  std::ofstream{folder.path / "clock"} << "noon";
  try {
    Emulator const emulator{options};
    ADD_FAILURE() << "it starts";
  } catch (std::exception const& error) {
    EXPECT_THAT(error.what(), HasSubstr("/clock holds 'noon', which is no move of the time"));
  }
}

// What a run of some calls shows, without what cannot be equal: times are the machine's, the log positions and the
// sizes PostgreSQL's, and the states of computes depend on the moment.
Json without_measures(Json shown) {
  for (auto const field : {"create_time", "update_time", "state_change_time", "source_branch_time", "source_branch_lsn",
                           "logical_size_bytes", "full_size_bytes", "diff_size_bytes", "last_active_time",
                           "compute_last_active_time", "current_state"}) {
    if (shown.is_object()) shown.erase(field);
  }
  for (auto& part : shown) {
    if (part.is_structured()) part = without_measures(part);
  }
  return shown;
}

Json shown_by_some_calls(Emulator const& emulator) {
  Workspace workspace{emulator};
  Json shown;
  auto const start = [&](std::string const& target, Json const& body) {
    auto const operation = workspace.call("POST", "/api/2.0/postgres/" + target, body);
    shown.push_back(operation.at("name"));
    while (!workspace.get(operation.at("name")).value("done", true)) std::this_thread::sleep_for(5ms);
  };
  start("projects?project_id=p", Json::object());
  start("projects/p/branches?branch_id=dev", Json{{"spec", {{"no_expiry", true}}}});
  start("projects/p/branches/dev/roles", Json{{"spec", {{"postgres_role", "Überall"}}}});
  start("projects/p/snapshots?snapshot_id=s", Json{{"spec", {{"source_branch", "projects/p/branches/production"}}}});
  for (auto const name : {"projects/p", "projects/p/branches", "projects/p/branches/production/endpoints",
                          "projects/p/branches/dev/endpoints", "projects/p/branches/dev/roles",
                          "projects/p/branches/dev/databases", "projects/p/snapshots"}) {
    shown.push_back(without_measures(workspace.get(name)));
  }
  return shown;
}

TEST(Emulator, RepeatsItselfWithASeed) {
  auto options = quick();
  options.seed = 7;
  auto const first = shown_by_some_calls(Emulator{options});
  EXPECT_EQ(first.dump(1), shown_by_some_calls(Emulator{options}).dump(1));
}

TEST(Emulator, HasNoIdTwiceInAFolderWithASeed) {
  TemporaryFolder const folder;
  auto options = quick();
  options.data_dir = folder.path;
  options.seed = 8;
  auto const uid_of = [&](std::string const& project) {
    Emulator const emulator{options};
    return Workspace{emulator}.finished("POST", "projects?project_id=" + project).at("uid").get<std::string>();
  };
  EXPECT_NE(uid_of("a"), uid_of("b"));
}

TEST(Emulator, LeavesNoFolder) {
  std::filesystem::path folder;
  {
    Emulator const emulator{quick()};
    folder = emulator.ca_certificate().parent_path().parent_path();
    EXPECT_TRUE(std::filesystem::exists(folder));
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(Emulator, FailsCredentialsAsAsked) {
  Emulator emulator{quick()};
  Workspace workspace{emulator};
  auto const mint = [&] {
    return workspace.call("POST", "/api/2.0/postgres/credentials", Json{{"endpoint", "x"}}).at("error_code");
  };
  emulator.fail_next_credentials(2);
  EXPECT_EQ(mint(), "TEMPORARILY_UNAVAILABLE");
  EXPECT_EQ(mint(), "TEMPORARILY_UNAVAILABLE");
  EXPECT_EQ(mint(), "INVALID_PARAMETER_VALUE");
  emulator.fail_every_credential(2);
  EXPECT_EQ(mint(), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(mint(), "TEMPORARILY_UNAVAILABLE");
  emulator.clear_faults();
  emulator.inject({.fault = "status=429", .path = "/api/2.0/postgres/credentials"});
  EXPECT_EQ(mint(), "REQUEST_LIMIT_EXCEEDED");
  EXPECT_EQ(mint(), "INVALID_PARAMETER_VALUE");
}

// The long way round, with a life after death: initdb takes its time, so that there is one test of it.
TEST(Emulator, KeepsProjectsInItsFolder) {
  TemporaryFolder const folder;
  auto options = quick();
  options.data_dir = folder.path;
  std::string const production = "projects/shop/branches/production";
  Json endpoint;
  std::string host;
  {
    Emulator emulator{options};
    host = emulator.host();
    Workspace workspace{emulator};
    workspace.finished("POST", "projects?project_id=shop");
    workspace.finished("POST", production + "/roles?role_id=app",
                       Json{{"spec", {{"postgres_role", "app"}, {"membership_roles", {"DATABRICKS_SUPERUSER"}}}}});
    workspace.finished("POST", production + "/databases?database_id=orders",
                       Json{{"spec", {{"role", production + "/roles/app"}}}});
    workspace.finished("POST", "projects/shop/branches?branch_id=dev", Json{{"spec", {{"no_expiry", true}}}});
    auto const status = workspace.get("projects/shop/branches/dev").at("status");
    EXPECT_THAT(status.at("source_branch_lsn").get<std::string>(), ::testing::MatchesRegex("0/[0-9A-F]+"));
    // The role owns a database, so PostgreSQL keeps it until the database has another owner.
    auto refused = workspace.call("DELETE", "/api/2.0/postgres/" + production + "/roles/app");
    while (!refused.value("done", true)) refused = workspace.get(refused.at("name"));
    EXPECT_THAT(refused.at("error").at("message").get<std::string>(), HasSubstr("cannot be dropped"));
    workspace.finished("DELETE", production + "/roles/app?reassign_owned_to=" + production + "/roles/developer");
    workspace.finished("PATCH", production + "/databases/orders?update_mask=spec.postgres_database",
                       Json{{"spec", {{"postgres_database", "new_orders"}}}});
    endpoint = workspace.get(production + "/endpoints/primary");
    EXPECT_EQ(endpoint.at("status").at("current_state"), "ACTIVE");
    emulator.suspend(production + "/endpoints/primary");
    EXPECT_EQ(workspace.get(production + "/endpoints/primary").at("status").at("current_state"), "IDLE");
    EXPECT_THROW(emulator.suspend("projects/none/branches/b/endpoints/e"), std::exception);
  }
  options.postgres_port.reset();
  Emulator emulator{options};
  EXPECT_EQ(emulator.host(), host);
  EXPECT_EQ(emulator.postgres_port(), postgres_port);
  Workspace workspace{emulator};
  EXPECT_EQ(workspace.get(production + "/endpoints/primary").at("status").at("hosts"),
            endpoint.at("status").at("hosts"));
  EXPECT_EQ(workspace.get(production + "/databases/orders").at("status").at("postgres_database"), "new_orders");
  workspace.finished("DELETE", production + "/databases/orders");
  workspace.finished("DELETE", "projects/shop/branches/dev?purge=true");
  workspace.finished("DELETE", "projects/shop");
  workspace.finished("POST", "projects/shop/undelete");
  workspace.finished("DELETE", "projects/shop?purge=true");
}

}  // namespace
}  // namespace lakebase::testing
