#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/at.hpp>
#include <lakebase/database/convenience.hpp>
#include <lakebase/database_client.hpp>
#include <lakebase/error.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace database;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ScriptedAnswer;

class Convenience : public ::testing::Test {
 protected:
  void answers(std::string const& state, std::string const& more = "") {
    wire->then({200, R"({"name":"i","state":")" + state + "\"" + more + "}"});
  }
  void answers_not_found() {
    wire->then({404, R"({"error_code":"NOT_FOUND","message":"Database instance 'i' not found"})"});
  }
  // "GET instances/i", without host and prefix.
  std::vector<std::string> sent() const {
    auto const prefix = std::string{example_host} + "/api/2.0/database/";
    std::vector<std::string> result;
    for (auto const& request : wire->requests()) {
      EXPECT_EQ(request.url.substr(0, prefix.size()), prefix);
      result.push_back(request.method + ' ' + request.url.substr(prefix.size()));
    }
    return result;
  }
  template <class Function>
  static std::string failure_of(Function const& call) {
    try {
      static_cast<void>(call());
    } catch (Error const& error) {
      return error.what();
    }
    return "no failure";
  }

  std::shared_ptr<testing::ScriptedTransport> wire = std::make_shared<testing::ScriptedTransport>();
  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  DatabaseClient client{config_over(wire, clock)};
};

TEST_F(Convenience, StopAndStartMaskStopped) {
  answers("UPDATING", R"(,"effective_stopped":true)");
  EXPECT_EQ(stop_instance(client, "i").effective_stopped, true);
  answers("UPDATING");
  EXPECT_EQ(start_instance(client, "i").state, DatabaseInstanceState::updating);
  auto const* const path = "/api/2.0/database/instances/i?update_mask=stopped";
  EXPECT_THAT(wire->requests()[0], IsRequest("PATCH", path, R"({"name":"i","stopped":true})"));
  EXPECT_THAT(wire->requests()[1], IsRequest("PATCH", path, R"({"name":"i","stopped":false})"));
}

TEST_F(Convenience, WaitUntilReturnsTheInstanceInThatState) {
  answers("AVAILABLE", R"(,"effective_stopped":true)");
  answers("UPDATING", R"(,"effective_stopped":true)");
  answers("STOPPED", R"(,"effective_stopped":true)");
  std::vector<std::string> states;
  auto const stopped =
      wait_until(client, "i", DatabaseInstanceState::stopped, {.on_poll = [&](OperationProgress const& progress) {
                   auto const polled = from_json<DatabaseInstance>(progress.metadata.text);
                   states.emplace_back(lakebase::at(polled, &DatabaseInstance::state).wire());
                 }});
  EXPECT_EQ(stopped.state, DatabaseInstanceState::stopped);
  EXPECT_THAT(states, ElementsAre("UPDATING", "STOPPED"));
  answers("AVAILABLE");
  EXPECT_EQ(wait_until(client, "i", DatabaseInstanceState::available).name, "i");
  EXPECT_EQ(wire->answers_left(), 0U);
}

TEST_F(Convenience, WaitUntilEndsWhereTheStateCannotBeReached) {
  auto const waiting_for = [&](DatabaseInstanceState state) {
    return failure_of([&] { return wait_until(client, "i", state); });
  };
  answers_not_found();
  EXPECT_THAT(waiting_for(DatabaseInstanceState::available), HasSubstr("not found"));
  EXPECT_TRUE(clock->sleeps().empty()) << "a name that is wrong is said at once";
  answers("DELETING");
  EXPECT_THAT(waiting_for(DatabaseInstanceState::available), HasSubstr("i is being deleted"));
  EXPECT_TRUE(clock->sleeps().empty());
  // The service may not show yet what was asked for.
  answers("STOPPED", R"(,"effective_stopped":true)");
  answers("AVAILABLE");
  EXPECT_EQ(wait_until(client, "i", DatabaseInstanceState::available).state, DatabaseInstanceState::available);
  for (int i = 0; i < 100; ++i) answers("STOPPED", R"(,"effective_stopped":true)");
  EXPECT_THAT(waiting_for(DatabaseInstanceState::available), HasSubstr("is stopped"));
  EXPECT_GT(wire->answers_left(), 50U);
  while (wire->answers_left() > 0) static_cast<void>(client.get_database_instance("i"));
  for (int i = 0; i < 100; ++i) answers("AVAILABLE", R"(,"effective_stopped":false)");
  EXPECT_THAT(waiting_for(DatabaseInstanceState::stopped), HasSubstr("nobody has asked for it to be stopped"));
  while (wire->answers_left() > 0) static_cast<void>(client.get_database_instance("i"));
  answers("STARTING");
  for (int i = 0; i < 100; ++i) answers_not_found();
  EXPECT_THAT(waiting_for(DatabaseInstanceState::available), HasSubstr("is gone: it was deleted during the wait"));
}

TEST_F(Convenience, WaitUntilObeysItsOptions) {
  for (int i = 0; i < 100; ++i) answers("STARTING");
  EXPECT_THROW(wait_until(client, "i", DatabaseInstanceState::available, {.timeout = 2s}), OperationTimeout);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(wait_until(client, "i", DatabaseInstanceState::available, {.stop = stop.get_token()}), Cancelled);
}

constexpr auto in_force =
    R"(,"capacity":"CU_1","effective_capacity":"CU_1","effective_stopped":false,"effective_node_count":1,
        "effective_retention_window_in_days":7,"effective_enable_pg_native_login":false,
        "effective_enable_readable_secondaries":false,"effective_usage_policy_id":"u",
        "effective_custom_tags":[{"key":"a","value":"1"},{"key":"b","value":"2"}],
        "parent_instance_ref":{"name":"p","uid":"1"})";

TEST_F(Convenience, EnsureCreatesWhatIsNotThere) {
  answers_not_found();
  answers("STARTING");
  answers("AVAILABLE");
  auto const ensured = ensure_database_instance(client, {.name = "i", .capacity = "CU_2"});
  EXPECT_EQ(ensured.outcome, EnsureOutcome::created);
  EXPECT_EQ(ensured.resource.state, DatabaseInstanceState::available);
  EXPECT_THAT(sent(), ElementsAre("GET instances/i", "POST instances", "GET instances/i"));
}

TEST_F(Convenience, EnsureCreatesAStoppedOne) {
  answers_not_found();
  answers("STARTING", R"(,"effective_stopped":true)");
  answers("STOPPED", R"(,"effective_stopped":true)");
  EXPECT_EQ(ensure_database_instance(client, {.name = "i", .stopped = true}).resource.state,
            DatabaseInstanceState::stopped);
}

TEST_F(Convenience, EnsureLeavesAloneWhatIsAsWanted) {
  for (auto const& wanted :
       {DatabaseInstance{.name = "i"}, DatabaseInstance{.name = "i",
                                       .capacity = "CU_1",
                                       .custom_tags = {{.key = "b", .value = "2"}, {.key = "a", .value = "1"}},
                                       .enable_pg_native_login = false,
                                       .enable_readable_secondaries = false,
                                       .node_count = 1,
                                       .parent_instance_ref = DatabaseInstanceRef{.name = "p"},
                                       .retention_window_in_days = 7,
                                       .stopped = false,
                                       .usage_policy_id = "u"}}) {
    answers("AVAILABLE", in_force);
    EXPECT_EQ(ensure_database_instance(client, wanted).outcome, EnsureOutcome::unchanged) << to_json(wanted);
    EXPECT_EQ(wire->answers_left(), 0U);
  }
}

TEST_F(Convenience, EnsureUpdatesOnlyWhatDiffers) {
  answers("AVAILABLE", in_force);
  answers("UPDATING", in_force);
  answers("UPDATING", in_force);
  answers("AVAILABLE", in_force);
  auto const ensured = ensure_database_instance(client, {.name = "i",
                                                         .capacity = "CU_4",
                                                         .custom_tags = {{.key = "a", .value = "2"}},
                                                         .node_count = 1,
                                                         .stopped = false});
  EXPECT_EQ(ensured.outcome, EnsureOutcome::updated);
  EXPECT_EQ(ensured.resource.state, DatabaseInstanceState::available);
  EXPECT_THAT(sent(), ElementsAre("GET instances/i", "PATCH instances/i?update_mask=capacity%2Ccustom_tags",
                                  "GET instances/i", "GET instances/i"));
}

TEST_F(Convenience, EnsureStopsAndStarts) {
  answers("AVAILABLE", in_force);
  answers("UPDATING");
  answers("STOPPED");
  EXPECT_EQ(ensure_database_instance(client, {.name = "i", .stopped = true}).resource.state,
            DatabaseInstanceState::stopped);
  answers("STOPPED", R"(,"effective_stopped":true)");
  answers("UPDATING", R"(,"effective_stopped":false)");
  answers("AVAILABLE", R"(,"effective_stopped":false)");
  EXPECT_EQ(ensure_database_instance(client, {.name = "i", .stopped = false}).resource.state,
            DatabaseInstanceState::available);
  answers("STOPPED", R"(,"effective_stopped":true)");
  EXPECT_EQ(ensure_database_instance(client, {.name = "i"}).outcome, EnsureOutcome::unchanged)
      << "stopped is as good as any state if none is asked for";
}

TEST_F(Convenience, EnsureSaysWhatCannotBeChanged) {
  answers("AVAILABLE", in_force);
  EXPECT_THAT(failure_of([&] {
                return ensure_database_instance(
                    client, {.name = "i", .parent_instance_ref = DatabaseInstanceRef{.name = "other"}});
              }),
              HasSubstr("exists with another parent_instance_ref than wanted"));
  answers("DELETING");
  EXPECT_THAT(failure_of([&] { return ensure_database_instance(client, {.name = "i"}); }),
              HasSubstr("i is being deleted"));
}

TEST_F(Convenience, EnsureTakesWhatIsThereAfterALostResponseOrARace) {
  answers_not_found();
  wire->then_throw(TransportError{TransportError::Kind::reset, true, {.message = "cut"}});
  answers("STARTING");
  answers("AVAILABLE");
  EXPECT_EQ(ensure_database_instance(client, {.name = "i"}).outcome, EnsureOutcome::created);
  // The lookup sees it, and so does the wait, which begins with a lookup of its own.
  answers_not_found();
  wire->then({400, R"({"error_code":"BAD_REQUEST","message":"Instance name is not unique"})"});
  answers("AVAILABLE");
  EXPECT_EQ(ensure_database_instance(client, {.name = "i"}).outcome, EnsureOutcome::unchanged);
  EXPECT_EQ(wire->answers_left(), 0U);
}

TEST_F(Convenience, FindsAnInstanceByEitherHost) {
  ScriptedAnswer const page{200, R"({"database_instances":[{"name":"a","read_write_dns":"rw-a.example.com"},
    {"name":"b","read_write_dns":"rw-b.example.com","read_only_dns":"ro-b.example.com"},{"name":"c"}]})"};
  for (auto const* host : {"rw-b.example.com", "RO-B.example.com", "ro-b.example.com."}) {
    wire->then(page);
    EXPECT_EQ(find_instance_by_dns(client, host).value_or(DatabaseInstance{}).name, "b") << host;
  }
  for (auto const* host : {"b.example.com", ""}) {
    wire->then(page);
    EXPECT_FALSE(find_instance_by_dns(client, host)) << host;
  }
  EXPECT_THAT(wire->requests()[0], IsRequest("GET", "/api/2.0/database/instances"));
}

TEST_F(Convenience, RegistersADatabase) {
  ScriptedAnswer const registered{200, R"({"name":"c","uid":"u"})"};
  wire->then(registered).then(registered);
  EXPECT_EQ(register_database(client, "i", "c").uid, "u");
  register_database(client, "i", "c", {.database_name = "db", .create_database_if_not_exists = true});
  EXPECT_THAT(wire->requests()[0],
              IsRequest("POST", "/api/2.0/database/catalogs",
                        R"({"name":"c","database_instance_name":"i","database_name":"databricks_postgres"})"));
  EXPECT_THAT(wire->requests()[1], IsRequest("POST", "/api/2.0/database/catalogs", R"({"name":"c",
    "database_instance_name":"i","database_name":"db","create_database_if_not_exists":true})"));
}

}  // namespace
}  // namespace lakebase::tests
