#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/postgres/ensure.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::ScriptedAnswer;

ScriptedAnswer not_found() {
  return {404, R"({"error_code":"NOT_FOUND","message":"branch id not found [TraceId: 0]"})"};
}

// An operation that has ended in this resource.
ScriptedAnswer done(std::string const& response) {
  return {200, R"({"name":"o/operations/1","done":true,"response":)" + response + "}"};
}

TransportError lost_answer() {
  return TransportError{TransportError::Kind::reset, true, {.message = "the connection broke before the answer"}};
}

// What was sent, without host and API prefix: "GET projects/p".
std::vector<std::string> sent(testing::ScriptedTransport const& wire) {
  auto const prefix = std::string{example_host} + "/api/2.0/postgres/";
  std::vector<std::string> result;
  for (auto const& request : wire.requests()) {
    EXPECT_EQ(request.url.substr(0, prefix.size()), prefix);
    result.push_back(request.method + ' ' + request.url.substr(prefix.size()));
  }
  return result;
}

constexpr auto ready_branch =
    R"({"name":"projects/p/branches/dev","create_time":"2026-01-01T00:00:00Z","status":{"branch_id":"dev",
        "current_state":"READY","is_protected":false,"source_branch":"projects/p/branches/production",
        "source_branch_lsn":"0/1A2B3C","expire_time":"2026-01-02T00:00:00Z"}})";

constexpr auto ready_primary =
    R"({"name":"projects/p/branches/b/endpoints/primary","status":{"endpoint_type":"ENDPOINT_TYPE_READ_WRITE",
        "current_state":"ACTIVE","autoscaling_limit_min_cu":1.0,"autoscaling_limit_max_cu":2.0,"disabled":false,
        "group":{"min":1,"max":1,"enable_readable_secondaries":false},"settings":{},
        "suspend_timeout_duration":"86400s"}})";

Branch expiring_branch() {
  return Branch{.spec = BranchSpec{.ttl = 24h}};
}

Ensured<Branch> ensure_dev(std::shared_ptr<testing::ScriptedTransport> const& wire, Branch const& wanted) {
  return ensure_branch(client_over(wire), "projects/p", wanted, "dev",
                       {.clock = std::make_shared<testing::FakeClock>()});
}

TEST(EnsureBranch, CreatesWhatIsNotThere) {
  auto const wire = script({not_found(), done(ready_branch)});
  auto const branch = ensure_dev(wire, expiring_branch());
  EXPECT_EQ(branch.outcome, EnsureOutcome::created);
  EXPECT_EQ(branch.resource.name, "projects/p/branches/dev");
  EXPECT_THAT(wire->requests().back(),
              IsRequest("POST", "/api/2.0/postgres/projects/p/branches?branch_id=dev", R"({"spec":{"ttl":"86400s"}})"));
}

TEST(EnsureBranch, LeavesAloneWhatIsAsWanted) {
  for (auto const& wanted :
       {BranchSpec{.ttl = 24h}, BranchSpec{.expire_time = Timestamp::parse("2026-01-02T00:00:00Z")},
        BranchSpec{.is_protected = false, .source_branch = "projects/p/branches/production"},
        BranchSpec{.source_branch_lsn = "0/001A2B3C", .ttl = 24h}, BranchSpec{}}) {
    auto const wire = script({{200, ready_branch}});
    EXPECT_EQ(ensure_dev(wire, Branch{.spec = wanted}).outcome, EnsureOutcome::unchanged) << to_json(wanted);
    EXPECT_THAT(sent(*wire), ElementsAre("GET projects/p/branches/dev"));
  }
}

TEST(EnsureBranch, UpdatesOnlyWhatDiffers) {
  auto const wire = script({{200, ready_branch}, done(ready_branch)});
  Branch const wanted{.spec = BranchSpec{.is_protected = true, .ttl = 24h}};
  EXPECT_EQ(ensure_dev(wire, wanted).outcome, EnsureOutcome::updated);
  EXPECT_THAT(sent(*wire), ElementsAre("GET projects/p/branches/dev",
                                       "PATCH projects/p/branches/dev?update_mask=spec.is_protected"));
}

TEST(EnsureBranch, NamesAnotherLifeByItsGroup) {
  for (auto const& wanted : {BranchSpec{.ttl = 48h}, BranchSpec{.no_expiry = true},
                             BranchSpec{.expire_time = Timestamp::parse("2026-01-05T00:00:00Z")}}) {
    auto const wire = script({{200, ready_branch}, done(ready_branch)});
    EXPECT_EQ(ensure_dev(wire, Branch{.spec = wanted}).outcome, EnsureOutcome::updated) << to_json(wanted);
    EXPECT_EQ(sent(*wire).back(), "PATCH projects/p/branches/dev?update_mask=spec.expiration");
  }
}

TEST(EnsureBranch, SaysWhatCannotBeChanged) {
  auto const wire = script({{200, ready_branch}});
  Branch const wanted{.spec = BranchSpec{.source_branch = "projects/p/branches/other", .source_branch_lsn = "0/1"}};
  try {
    ensure_dev(wire, wanted);
    FAIL() << "accepted";
  } catch (AlreadyExists const& error) {
    EXPECT_EQ(
        error.message(),
        "projects/p/branches/dev exists with another source_branch, source_branch_lsn than wanted, which is fixed "
        "at creation");
  }
  EXPECT_EQ(wire->requests().size(), 1U);
}

TEST(EnsureBranch, DoesNotTakeASoftDeletedBranch) {
  auto const wire = script({{200, R"({"name":"b","status":{"delete_time":"2026-01-01T00:00:00Z"}})"}});
  EXPECT_THROW(ensure_dev(wire, expiring_branch()), AlreadyExists);
}

TEST(EnsureBranch, FindsTheBranchOfALostAnswerAndWaitsUntilItIsMade) {
  auto const clock = std::make_shared<testing::FakeClock>();
  auto const wire = script({not_found()});
  wire->then_throw(lost_answer());
  wire->then({200, R"({"name":"projects/p/branches/dev","status":{"current_state":"INIT"}})"});
  wire->then({200, ready_branch});
  auto const branch = ensure_branch(client_over(wire), "projects/p", expiring_branch(), "dev", {.clock = clock});
  EXPECT_EQ(branch.outcome, EnsureOutcome::created);
  EXPECT_EQ(branch.resource.status->current_state, BranchStatusState::ready);
  EXPECT_THAT(sent(*wire), ElementsAre("GET projects/p/branches/dev", "POST projects/p/branches?branch_id=dev",
                                       "GET projects/p/branches/dev", "GET projects/p/branches/dev"));
  EXPECT_EQ(clock->sleeps().size(), 1U);
}

TEST(EnsureBranch, WaitsByTheClockOfTheClient) {
  for (auto const pause : {std::chrono::nanoseconds::max(), 0ns, -1ns, std::chrono::nanoseconds::min()}) {
    auto const clock = std::make_shared<testing::FakeClock>();
    auto const wire = script({not_found()});
    wire->then_throw(lost_answer());
    wire->then({200, R"({"status":{"current_state":"INIT"}})"}).then({200, ready_branch});
    PostgresClient const client{config_over(wire, clock)};
    EnsureOptions const how{.wait = {.timeout = 30s, .poll_interval = pause}};
    EXPECT_EQ(ensure_branch(client, "projects/p", expiring_branch(), "dev", how).outcome, EnsureOutcome::created);
    ASSERT_EQ(clock->sleeps().size(), 1U);
    EXPECT_LE(clock->sleeps()[0], pause > 0ns ? 30s : 1ns) << "of all the time there is, at most";
  }
}

TEST(EnsureBranch, CreatesAgainWhereTheRequestDidNotArrive) {
  auto const wire = script({not_found()});
  wire->then_throw(lost_answer());
  wire->then(not_found()).then(done(ready_branch));
  EXPECT_EQ(ensure_dev(wire, expiring_branch()).outcome, EnsureOutcome::created);
  EXPECT_EQ(wire->answers_left(), 0U);
}

TEST(EnsureBranch, PassesOnAFaultBeforeAnythingWasSent) {
  auto const wire = script({not_found()});
  wire->then_throw(TransportError{TransportError::Kind::certificate, false, {.message = "not accepted"}});
  EXPECT_THROW(ensure_dev(wire, expiring_branch()), TransportError);
  EXPECT_EQ(wire->requests().size(), 2U);
}

TEST(EnsureBranch, TakesABranchThatSomebodyElseMadeMeanwhile) {
  for (auto const& refusal :
       {ScriptedAnswer{409, R"({"error_code":"ALREADY_EXISTS","message":"branch with such id already exists"})"},
        ScriptedAnswer{400, R"({"error_code":"BAD_REQUEST",
                                "message":"branch already exists; branch_name:\"dev\" [TraceId: 0]"})"}}) {
    auto const wire = script({not_found(), refusal, {200, ready_branch}});
    EXPECT_EQ(ensure_dev(wire, expiring_branch()).outcome, EnsureOutcome::unchanged);
  }
}

TEST(EnsureBranch, GivesUpOnABranchThatIsNeverMade) {
  auto const clock = std::make_shared<testing::FakeClock>();
  auto const wire = script({not_found()});
  wire->then_throw(lost_answer());
  for (int i = 0; i < 100; ++i) wire->then({200, R"({"status":{"current_state":"INIT"}})"});
  EXPECT_THROW(ensure_branch(client_over(wire), "projects/p", expiring_branch(), "dev",
                             {.wait = {.timeout = 30s}, .clock = clock}),
               DeadlineExceeded);
}

TEST(EnsureBranch, BoundsItsPollsByTheWaitForABranchThatIsBeingMade) {
  auto const clock = std::make_shared<testing::FakeClock>();
  auto const wire = script({not_found()});
  wire->then_throw(lost_answer());
  wire->then({200, R"({"status":{"current_state":"INIT"}})"});
  wire->then_do([&](HttpRequest const&, TransportLimits const& limits) -> HttpResponse {
    EXPECT_LT(*limits.total, 30s);
    clock->advance(*limits.total);
    throw TransportError{TransportError::Kind::timeout, true, {.message = "no response in time"}};
  });
  PostgresClient const client{config_over(wire, clock)};
  EXPECT_THROW(ensure_branch(client, "projects/p", expiring_branch(), "dev", {.wait = {.timeout = 30s}}),
               DeadlineExceeded);
  EXPECT_EQ(wire->answers_left(), 0U);
}

TEST(EnsureBranch, StopsItsPollsWithTheWait) {
  std::stop_source stop;
  auto const wire = script({not_found()});
  wire->then_throw(lost_answer());
  wire->then_do([&](HttpRequest const&, TransportLimits const& limits) -> HttpResponse {
    stop.request_stop();
    EXPECT_TRUE(limits.stop.stop_requested());
    throw Cancelled{"stopped"};
  });
  try {
    ensure_branch(client_over(wire), "projects/p", expiring_branch(), "dev", {.wait = {.stop = stop.get_token()}});
    FAIL();
  } catch (Cancelled const& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("the wait for projects/p/branches/dev was stopped"));
  }
}

TEST(EnsureBranch, StopsWaitingWhenTold) {
  std::stop_source stop;
  auto const wire = script({not_found()});
  wire->then_throw(lost_answer());
  wire->then_do([&](HttpRequest const&, TransportLimits const&) {
    stop.request_stop();
    return HttpResponse{.status = 200, .body = R"({"status":{"current_state":"INIT"}})"};
  });
  EXPECT_THROW(ensure_branch(client_over(wire), "projects/p", expiring_branch(), "dev",
                             {.wait = {.stop = stop.get_token()}, .clock = std::make_shared<testing::FakeClock>()}),
               Cancelled);
}

TEST(EnsureProject, ComparesSettingsMemberByMember) {
  auto const wire = script(
      {{200,
        R"({"name":"projects/p","status":{"pg_version":17,"display_name":"P","history_retention_duration":"604800s",
                 "default_endpoint_settings":{"autoscaling_limit_min_cu":1.0,"autoscaling_limit_max_cu":1.0,
                 "suspend_timeout_duration":"86400s"},"custom_tags":[{"key":"a","value":"b"}]}})"},
       done(R"({"name":"projects/p"})")});
  Project const wanted{
      .spec = ProjectSpec{.custom_tags = {{.key = "a", .value = "b"}},
                          .default_endpoint_settings = ProjectDefaultEndpointSettings{.autoscaling_limit_max_cu = 4.0,
                                                                                      .autoscaling_limit_min_cu = 1.0,
                                                                                      .no_suspension = true},
                          .display_name = "P",
                          .history_retention_duration = 168h,
                          .pg_version = 17}};
  EXPECT_EQ(ensure_project(client_over(wire), wanted, "p").outcome, EnsureOutcome::updated);
  EXPECT_EQ(sent(*wire).back(),
            "PATCH projects/p?update_mask=spec.default_endpoint_settings.autoscaling_limit_max_cu"
            "%2Cspec.default_endpoint_settings.suspension");
}

TEST(EnsureProject, SaysThatTheVersionCannotBeChanged) {
  auto const wire = script({{200, R"({"name":"projects/p","status":{"pg_version":16}})"}});
  EXPECT_THROW(ensure_project(client_over(wire), Project{.spec = ProjectSpec{.pg_version = 17}}, "p"), AlreadyExists);
}

TEST(EnsureProject, LeavesAloneWhatTheCallerDoesNotAskFor) {
  auto const wire = script({{200, R"({"name":"projects/p","status":{"pg_version":16}})"}});
  EXPECT_EQ(ensure_project(client_over(wire), Project{}, "p").outcome, EnsureOutcome::unchanged);
}

TEST(EnsureEndpoint, LeavesAloneWhatIsAsWanted) {
  auto const wire = script({{200, ready_primary}});
  Endpoint const wanted{.spec = EndpointSpec{.endpoint_type = EndpointType::read_write,
                                             .autoscaling_limit_max_cu = 2.0,
                                             .autoscaling_limit_min_cu = 1.0,
                                             .disabled = false,
                                             .group = EndpointGroupSpec{.min = 1, .max = 1},
                                             .suspend_timeout_duration = 24h}};
  EXPECT_EQ(ensure_endpoint(client_over(wire), "projects/p/branches/b", wanted, "primary").outcome,
            EnsureOutcome::unchanged);
}

TEST(EnsureEndpoint, FillsInWhatIsLeftOpenOfAGroup) {
  auto const wire = script({{200, ready_primary}, done(ready_primary)});
  Endpoint const wanted{.spec = EndpointSpec{.group = EndpointGroupSpec{.enable_readable_secondaries = true}}};
  ensure_endpoint(client_over(wire), "projects/p/branches/b", wanted, "primary");
  EXPECT_THAT(wire->requests().back(),
              IsRequest("PATCH", "/api/2.0/postgres/projects/p/branches/b/endpoints/primary?update_mask=spec.group",
                        R"({"spec":{"group":{"min":1,"max":1,"enable_readable_secondaries":true}}})"));
}

TEST(EnsureEndpoint, PassesOnThatAnotherReadWriteEndpointIsInTheWay) {
  auto const wire = script({not_found(),
                            {400, R"({"error_code":"BAD_REQUEST","message":"read_write endpoint already exists"})"},
                            not_found()});
  Endpoint const wanted{.spec = EndpointSpec{.endpoint_type = EndpointType::read_write}};
  try {
    ensure_endpoint(client_over(wire), "projects/p/branches/b", wanted, "second");
    FAIL() << "accepted";
  } catch (BadRequest const& error) {
    EXPECT_EQ(error.message(), "read_write endpoint already exists");
  }
}

TEST(EnsureEndpoint, SaysThatTheTypeCannotBeChanged) {
  auto const wire = script({{200, ready_primary}});
  Endpoint const wanted{.spec = EndpointSpec{.endpoint_type = EndpointType::read_only}};
  EXPECT_THROW(ensure_endpoint(client_over(wire), "projects/p/branches/b", wanted, "primary"), AlreadyExists);
}

TEST(Ensure, RefusesNamesOfAnotherForm) {
  auto const wire = script({});
  EXPECT_THROW(ensure_branch(client_over(wire), "my-app", {}, "dev"), InvalidArgument);
  EXPECT_THROW(ensure_endpoint(client_over(wire), "projects/p", {}, "primary"), InvalidArgument);
  EXPECT_THROW(ensure_project(client_over(wire), {}, "projects/p"), InvalidArgument);
}

TEST(DeleteIfExists, TellsWhetherThereWasSomething) {
  auto const wire = script({done("{}"), not_found()});
  auto const client = client_over(wire);
  EXPECT_TRUE(delete_if_exists(client, "projects/p/branches/b", {.purge = true}));
  EXPECT_FALSE(delete_if_exists(client, "projects/p/branches/b"));
  EXPECT_THAT(sent(*wire), ElementsAre("DELETE projects/p/branches/b?purge=true", "DELETE projects/p/branches/b"));
}

TEST(DeleteIfExists, KnowsEveryKindThatCanBeDeleted) {
  for (std::string const name :
       {"projects/p", "projects/p/branches/b", "projects/p/branches/b/endpoints/e", "projects/p/branches/b/databases/d",
        "projects/p/branches/b/databases/d/data-api", "projects/p/branches/b/databases/d/cdf-configs/c",
        "projects/p/branches/b/roles/r", "projects/p/snapshots/s", "catalogs/c", "synced_tables/a.b.c"}) {
    auto const wire = script({done("{}")});
    EXPECT_TRUE(delete_if_exists(client_over(wire), name)) << name;
    EXPECT_THAT(sent(*wire), ElementsAre("DELETE " + name));
  }
}

TEST(DeleteIfExists, RefusesOtherNames) {
  auto const wire = script({});
  for (auto const* name : {"", "p", "projects", "projects/", "projects/p/branches", "projects/p/branches/",
                           "projects/p/operations/o", "projects/p/branches/b/snapshot-schedule"}) {
    EXPECT_THROW(delete_if_exists(client_over(wire), name), InvalidArgument) << name;
  }
}

TEST(DeleteIfExists, RefusesANameThatEndsInASlash) {
  auto const wire = script({});
  for (auto const* name : {"projects/p/", "projects/p/branches/b/", "projects/p/branches/b/databases/d/data-api/"}) {
    EXPECT_THROW(delete_if_exists(client_over(wire), name), InvalidArgument) << name;
  }
}

TEST(DeleteIfExists, AsksAgainWhereTheAnswerWasLost) {
  auto const wire = script({});
  wire->then_throw(lost_answer());
  wire->then(not_found());
  EXPECT_TRUE(delete_if_exists(client_over(wire), "projects/p"));
}

TEST(DeleteIfExists, CountsADeletionThatSomebodyElseFinished) {
  auto const wire =
      script({{200, R"({"name":"o/operations/1","done":true,"error":{"error_code":"NOT_FOUND","message":"gone"}})"}});
  EXPECT_TRUE(delete_if_exists(client_over(wire), "projects/p"));
}

TEST(FindReadWriteEndpoint, LooksAtEveryPage) {
  auto const wire =
      script({{200, R"({"endpoints":[{"name":"a","status":{"endpoint_type":"ENDPOINT_TYPE_READ_ONLY"}},{"name":"b"}],
                 "next_page_token":"t"})"},
              {200, R"({"endpoints":[{"name":"c","status":{"endpoint_type":"ENDPOINT_TYPE_READ_WRITE"}}]})"}});
  auto const endpoint = find_read_write_endpoint(client_over(wire), "projects/p/branches/b");
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->name, "c");
}

TEST(FindReadWriteEndpoint, FindsNoneWhereThereIsNone) {
  auto const wire = script({{200, "{}"}});
  EXPECT_EQ(find_read_write_endpoint(client_over(wire), "projects/p/branches/b"), std::nullopt);
}

}  // namespace
}  // namespace lakebase::tests
