#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

class EndpointsTest : public ControlPlaneTest {
 protected:
  EndpointsTest() { make_project(); }

  static constexpr char const* endpoints = "projects/shop/branches/production/endpoints";
  static std::string endpoint(std::string const& id) { return std::string(endpoints) + "/" + id; }

  Answer create(std::string const& id, Json const& spec) {
    return call("POST", std::string(endpoints) + "?endpoint_id=" + id, Json{{"spec", spec}});
  }
  Json made(std::string const& id, Json const& spec) {
    return finished("POST", std::string(endpoints) + "?endpoint_id=" + id, Json{{"spec", spec}});
  }
  Json updated(std::string const& mask, char const* body) {
    return finished("PATCH", std::string(primary) + "?update_mask=" + mask, json(body)).at("status");
  }
  Json const read_only{{"endpoint_type", "ENDPOINT_TYPE_READ_ONLY"}};
};

TEST_F(EndpointsTest, MakesReadOnlyOnes) {
  auto const reader = made("reader", read_only);
  auto const& status = reader.at("status");
  EXPECT_EQ(status.at("endpoint_type"), "ENDPOINT_TYPE_READ_ONLY");
  EXPECT_EQ(status.at("hosts").at("read_only_host"), status.at("hosts").at("host"));
  EXPECT_EQ(status.at("group").at("enable_readable_secondaries"), true);
  EXPECT_EQ(status.at("current_state"), "ACTIVE");
  EXPECT_THAT(reader.at("uid").get<std::string>(), ::testing::MatchesRegex("ep-[a-z]+-[a-z]+-[0-9a-z]+"));
  EXPECT_TRUE(computes->settings(reader.at("uid")).read_only);
}

TEST_F(EndpointsTest, KeepsWhetherSecondariesAreReadable) {
  Json spec = read_only;
  spec["group"] = Json{{"min", 1}, {"max", 1}, {"enable_readable_secondaries", false}};
  EXPECT_EQ(made("reader", spec).at("status").at("group").at("enable_readable_secondaries"), false);
  auto const changed =
      updated("spec.group", R"({"spec": {"group": {"min": 1, "max": 1, "enable_readable_secondaries": true}}})");
  EXPECT_EQ(changed.at("group").at("enable_readable_secondaries"), true);
  auto const without = updated("spec.group", R"({"spec": {"group": {"min": 1, "max": 1}}})");
  EXPECT_EQ(without.at("group").at("enable_readable_secondaries"), false);
}

TEST_F(EndpointsTest, Refuses) {
  expect_error(create("", read_only), 400, "INVALID_PARAMETER_VALUE",
               "Field 'endpoint_id' is required, expected non-default value (not \"\")!");
  expect_error(create("reader", Json::object()), 400, "INVALID_PARAMETER_VALUE",
               "Field 'endpoint.spec.endpoint_type' is required, expected non-default value (not \"\")!");
  EXPECT_THAT(create("reader", Json{{"endpoint_type", "READ_ONLY"}}).message(),
              HasSubstr("ENDPOINT_TYPE_READ_WRITE or"));
  for (std::string const id : {"primary", "another"}) {
    expect_error(create(id, Json{{"endpoint_type", "ENDPOINT_TYPE_READ_WRITE"}}), 400, "BAD_REQUEST",
                 "read_write endpoint already exists");
  }
  made("reader", read_only);
  expect_error(create("reader", read_only), 400, "BAD_REQUEST", "endpoint with such id already exists");
  expect_error(call("POST", "projects/shop/branches/none/endpoints?endpoint_id=e", Json{{"spec", read_only}}), 404,
               "NOT_FOUND", "branch id not found");
  expect_error(get(endpoint("none")), 404, "NOT_FOUND", "endpoint id not found");
}

TEST_F(EndpointsTest, SixReadOnlyOnesAtMost) {
  for (int i = 0; i < 6; ++i) made("reader-" + std::to_string(i), read_only);
  EXPECT_EQ(create("reader-6", read_only).code(), "QUOTA_EXCEEDED");
}

TEST_F(EndpointsTest, ShortIdsAreASwitch) {
  made("ab", read_only);
  options.long_endpoint_ids = true;
  reopen();
  expect_error(create("cd", read_only), 400, "INVALID_PARAMETER_VALUE",
               "Field endpoint_id must be at least 3 characters");
}

TEST_F(EndpointsTest, ResizesByMask) {
  auto const status = updated("spec.autoscaling_limit_min_cu,spec.autoscaling_limit_max_cu", R"({"spec": {
      "autoscaling_limit_min_cu": 2.0, "autoscaling_limit_max_cu": 8.0, "disabled": true}})");
  EXPECT_EQ(status.at("autoscaling_limit_min_cu"), 2);
  EXPECT_EQ(status.at("autoscaling_limit_max_cu"), 8);
  EXPECT_EQ(status.at("disabled"), false);
  EXPECT_EQ(computes->settings(uid(primary)).max_connections, 1678);
}

TEST_F(EndpointsTest, ConnectionsFollowTheLargestSize) {
  struct Case {
    char const* cu;
    int connections;
  };
  for (auto const& [cu, connections] : {Case{"0.5", 104}, Case{"1", 209}, Case{"2", 419}, Case{"4", 839},
                                        Case{"16", 3357}, Case{"24", 4000}, Case{"64", 4000}}) {
    auto const body =
        std::string(R"({"spec": {"autoscaling_limit_min_cu": )") + cu + R"(, "autoscaling_limit_max_cu": )" + cu + "}}";
    updated("spec", body.c_str());
    EXPECT_EQ(computes->settings(uid(primary)).max_connections, connections) << cu;
  }
}

TEST_F(EndpointsTest, ConnectionsOfAWideRangeFollowItsSmallestSize) {
  updated("spec", R"({"spec": {"autoscaling_limit_min_cu": 1, "autoscaling_limit_max_cu": 16}})");
  EXPECT_EQ(computes->settings(uid(primary)).max_connections, 1678);
  updated("spec", R"({"spec": {"autoscaling_limit_min_cu": 0.5, "autoscaling_limit_max_cu": 16}})");
  EXPECT_EQ(computes->settings(uid(primary)).max_connections, 839);
}

TEST_F(EndpointsTest, ChangesSuspension) {
  EXPECT_FALSE(updated("spec.suspension", R"({"spec": {"no_suspension": true}})").contains("suspend_timeout_duration"));
  EXPECT_FALSE(computes->settings(uid(primary)).suspend_after.has_value());
  auto const status = updated("spec.suspension", R"({"spec": {"suspend_timeout_duration": "90s"}})");
  EXPECT_EQ(status.at("suspend_timeout_duration"), "90s");
  EXPECT_EQ(computes->settings(uid(primary)).suspend_after, Duration{90s});
}

TEST_F(EndpointsTest, DisablesAndEnables) {
  auto const off = updated("spec.disabled", R"({"spec": {"disabled": true}})");
  EXPECT_EQ(off.at("disabled"), true);
  EXPECT_EQ(off.at("current_state"), "IDLE");
  EXPECT_TRUE(computes->settings(uid(primary)).disabled);
  EXPECT_EQ(updated("spec.disabled", R"({"spec": {"disabled": false}})").at("disabled"), false);
}

TEST_F(EndpointsTest, ReplacesSettingsAsAWhole) {
  updated("spec.settings.pg_settings", R"({"spec": {"settings": {"pg_settings": {"work_mem": "8MB", "jit": "off"}}}})");
  auto const status = updated("spec.settings", R"({"spec": {"settings": {"pg_settings": {"work_mem": "16MB"}}}})");
  EXPECT_EQ(status.at("settings").dump(), R"({"pg_settings":{"work_mem":"16MB"}})");
  EXPECT_EQ(updated("spec.settings.pg_settings", R"({"spec": {}})").at("settings"), Json::object());
}

TEST_F(EndpointsTest, UpdateRules) {
  struct Case {
    char const* mask;
    char const* body;
    char const* message;
  };
  for (auto const& [mask, body, message] : {
           Case{"spec.endpoint_type", R"({"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY"}})",
                "Unknown field path in update_mask: 'spec.endpoint_type'"},
           Case{"spec", R"({"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY"}})",
                "Field 'spec.endpoint_type' cannot be changed."},
           Case{"spec.no_suspension", R"({"spec": {"no_suspension": true}})",
                "Unknown field path in update_mask: 'spec.no_suspension'"},
           Case{"spec.suspension", R"({"spec": {"no_suspension": false}})",
                "Field 'spec.no_suspension' can only be true."},
           Case{"spec.autoscaling_limit_min_cu", R"({"spec": {"autoscaling_limit_max_cu": 4}})",
                "Field 'spec.autoscaling_limit_min_cu' is in update_mask but not provided in request"},
           Case{"spec.autoscaling_limit_max_cu", R"({"spec": {"autoscaling_limit_max_cu": 0.5}})",
                "Field 'spec.autoscaling_limit_min_cu' (1) must not be greater than 'spec.autoscaling_limit_max_cu' "
                "(0.5)."},
           Case{"spec.autoscaling_limit_max_cu", R"({"spec": {"autoscaling_limit_max_cu": 18}})",
                "The difference between 'spec.autoscaling_limit_max_cu' (18) and 'spec.autoscaling_limit_min_cu' (1) "
                "must not exceed 16 compute units."},
           Case{"spec.group", R"({"spec": {"group": {"min": 1}}})",
                "Field 'spec.group.max' is required, expected non-default value (not \"\")!"},
           Case{"spec", R"({"spec": {"group": {"max": 1}}})",
                "Field 'spec.group.min' is required, expected non-default value (not \"\")!"},
           Case{"spec.group", R"({"spec": {"group": {}}})",
                "Field 'spec.group.min' is required, expected non-default value (not \"\")!"},
           Case{"spec.settings", R"({"spec": {}})",
                "Field 'spec.settings' is in update_mask but not provided in request"},
           Case{"spec", R"({})", "Field 'spec' is in update_mask but not provided in request"},
       }) {
    expect_error(call("PATCH", std::string(primary) + "?update_mask=" + mask, json(body)), 400,
                 "INVALID_PARAMETER_VALUE", message);
  }
  finished("PATCH", std::string(primary) + "?update_mask=spec.group",
           json(R"({"spec": {"group": {"min": 1, "max": 1}}})"));
  finished("PATCH", std::string(primary) + "?update_mask=spec.disabled",
           json(R"({"spec": {"disabled": false, "group": {"min": 1}}})"));  // not masked, so not looked at
  expect_error(call("POST", std::string(production) + "/endpoints?endpoint_id=reader",
                    json(R"({"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY", "group": {"min": 1}}})")),
               400, "INVALID_PARAMETER_VALUE",
               "Field 'endpoint.spec.group.max' is required, expected non-default value (not \"\")!");
}

TEST_F(EndpointsTest, AGroupOfSeveralHasHotStandbys) {
  auto const mask = std::string(primary) + "?update_mask=spec.group";
  auto const grouped = [](int min, int max) { return Json{{"spec", {{"group", {{"min", min}, {"max", max}}}}}}; };
  for (auto const& [min, max] : {std::pair{0, 2}, {2, 3}, {5, 5}, {-1, -1}}) {
    EXPECT_EQ(call("PATCH", mask, grouped(min, max)).code(), "INVALID_PARAMETER_VALUE") << min << " to " << max;
  }
  expect_error(call("PATCH", mask, grouped(2, 2)), 400, "INVALID_PARAMETER_VALUE",
               "Field 'spec.no_suspension' must be true for a group of several computes, which cannot be suspended.");
  auto const status =
      updated("spec.group,spec.suspension", R"({"spec": {"no_suspension": true, "group": {"min": 3, "max": 3}}})");
  EXPECT_EQ(status.at("group").dump(), R"({"min":3,"max":3,"enable_readable_secondaries":false})");
  EXPECT_FALSE(status.at("hosts").contains("read_only_host"));
  EXPECT_EQ(computes->settings(uid(primary)).standbys, 2);
  EXPECT_FALSE(computes->settings(uid(primary)).readable_standbys);
  EXPECT_EQ(call("PATCH", std::string(primary) + "?update_mask=spec.suspension",
                 json(R"({"spec": {"suspend_timeout_duration": "90s"}})"))
                .code(),
            "INVALID_PARAMETER_VALUE");
  auto const back = updated("spec.group", R"({"spec": {"group": {"min": 1, "max": 1}}})");
  EXPECT_EQ(back.at("group").at("max"), 1);
  EXPECT_EQ(computes->settings(uid(primary)).standbys, 0);
  Json several = read_only;
  several["group"] = Json{{"min", 2}, {"max", 2}};
  expect_error(create("reader", several), 501, "NOT_IMPLEMENTED",
               "The Lakebase emulator does not offer groups of several read-only computes.");
}

TEST_F(EndpointsTest, ReadableSecondariesHaveAHostOfTheirOwn) {
  auto const on =
      R"({"spec": {"no_suspension": true, "group": {"min": 2, "max": 2, "enable_readable_secondaries": true}}})";
  auto const hosts = updated("spec.group,spec.suspension", on).at("hosts");
  EXPECT_EQ(hosts.at("read_only_host"), "127.8.0.2");
  EXPECT_NE(hosts.at("host"), hosts.at("read_only_host"));
  auto const list = get(std::string(primary) + "/compute-instances").body.at("compute_instances");
  ASSERT_EQ(list.size(), 2);
  EXPECT_EQ(list.at(0).at("role"), "READ_WRITE");
  EXPECT_EQ(list.at(0).at("compute_host"), hosts.at("host"));
  EXPECT_EQ(list.at(1).at("role"), "HOT_STANDBY");
  EXPECT_EQ(list.at(1).at("compute_host"), "127.8.0.2");
  EXPECT_EQ(get(list.at(1).at("name")).body, list.at(1));
  auto const page = get(std::string(primary) + "/compute-instances?page_size=1").body;
  EXPECT_EQ(page.at("compute_instances").size(), 1);
  EXPECT_TRUE(page.contains("next_page_token"));
  reopen();
  EXPECT_EQ(get(primary).body.at("status").at("hosts"), hosts) << "also after a restart";
  EXPECT_FALSE(
      updated("spec.group", R"({"spec": {"group": {"min": 2, "max": 2}}})").at("hosts").contains("read_only_host"));
  auto const readable = R"({"spec": {"group": {"min": 2, "max": 2, "enable_readable_secondaries": true}}})";
  EXPECT_EQ(updated("spec.group", readable).at("hosts"), hosts) << "the address is kept";
}

TEST_F(EndpointsTest, AFailoverIsAControl) {
  auto const fail_over = [&] {
    auto const reply = raw(request("POST", "/emulator/failover", Json{{"endpoint", primary}}.dump()));
    return Answer{reply.status, json(reply.body)};
  };
  EXPECT_EQ(fail_over().status, 200);
  EXPECT_TRUE(computes->has_call_with("fail_over " + uid(primary)));
  computes->fail_at("fail_over", "the endpoint has no standby: it is one compute", "55000");
  expect_error(fail_over(), 400, "BAD_REQUEST", "the endpoint has no standby: it is one compute");
}

TEST_F(EndpointsTest, AFailedUpdateChangesNothing) {
  computes->fail_at("update_endpoint", "invalid value for parameter \"work_mem\"", "22023");
  auto const error = failed("PATCH", std::string(primary) + "?update_mask=spec.settings",
                            json(R"({"spec": {"settings": {"pg_settings": {"work_mem": "x"}}}})"));
  EXPECT_EQ(error.at("error_code"), "BAD_REQUEST");
  EXPECT_EQ(error.at("message"), "invalid value for parameter \"work_mem\" (SQLSTATE 22023)");
  EXPECT_EQ(get(primary).body.at("status").at("settings"), Json::object());
  EXPECT_TRUE(computes->settings(uid(primary)).pg_settings.empty());
}

TEST_F(EndpointsTest, ReplacesAnExistingOneInPlace) {
  auto const before = get(primary).body;
  auto const after = finished("POST", std::string(endpoints) + "?endpoint_id=primary&replace_existing=true",
                              json(R"({"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_WRITE",
                                                       "autoscaling_limit_max_cu": 4}})"));
  EXPECT_EQ(after.at("uid"), before.at("uid"));
  EXPECT_EQ(after.at("status").at("autoscaling_limit_max_cu"), 4);
  EXPECT_EQ(after.at("status").at("autoscaling_limit_min_cu"), 1);
  EXPECT_EQ(
      call("POST", std::string(endpoints) + "?endpoint_id=primary&replace_existing=true", Json{{"spec", read_only}})
          .code(),
      "INVALID_PARAMETER_VALUE");
  finished("POST", std::string(endpoints) + "?endpoint_id=reader&replace_existing=true", Json{{"spec", read_only}});
}

TEST_F(EndpointsTest, Deletes) {
  auto const refused = call("DELETE", primary);
  expect_error(
      refused, 400, "BAD_REQUEST",
      std::string("Cannot delete read-write endpoint '") + primary + "'. Read-write endpoints cannot be deleted.");
  EXPECT_EQ(refused.body.at("details").at(0).at("metadata").at("declarative_context"), "MANAGED_BY_PARENT");
  made("reader", read_only);
  finished("DELETE", endpoint("reader"));
  EXPECT_EQ(get(endpoint("reader")).status, 404);
  made("reader", read_only);
  finished("PATCH", std::string(production) + "?update_mask=spec.is_protected",
           json(R"({"spec": {"is_protected": true}})"));
  expect_error(call("DELETE", endpoint("reader")), 400, "BAD_REQUEST",
               "endpoint cannot be deleted for a protected branch");
}

TEST_F(EndpointsTest, Reconciles) {
  options.reconciliation_delay = 30s;
  reopen();
  made("reader", read_only);
  auto const status =
      finished("PATCH", endpoint("reader") + "?update_mask=spec.disabled", json(R"({"spec":{"disabled":false}})"))
          .at("status");
  EXPECT_EQ(status.at("pending_state"), "ACTIVE");
  expect_error(call("DELETE", endpoint("reader")), 409, "ABORTED", "Endpoint reconciliation still in progress");
  advance(30s);
  EXPECT_FALSE(get(endpoint("reader")).body.at("status").contains("pending_state"));
  finished("DELETE", endpoint("reader"));
}

TEST_F(EndpointsTest, NewOnesTakeTheProjectsDefaults) {
  finished("PATCH", "projects/shop?update_mask=spec.default_endpoint_settings", json(R"({"spec": {
      "default_endpoint_settings": {"autoscaling_limit_min_cu": 2, "autoscaling_limit_max_cu": 4,
                                    "suspend_timeout_duration": "600s"}}})"));
  auto const status = made("reader", read_only).at("status");
  EXPECT_EQ(status.at("autoscaling_limit_min_cu"), 2);
  EXPECT_EQ(status.at("autoscaling_limit_max_cu"), 4);
  EXPECT_EQ(status.at("suspend_timeout_duration"), "600s");
}

TEST_F(EndpointsTest, ShowsComputeInstances) {
  auto const list = get(std::string(primary) + "/compute-instances?page_size=2000").body.at("compute_instances");
  ASSERT_EQ(list.size(), 1);
  EXPECT_EQ(list.at(0).at("role"), "READ_WRITE");
  EXPECT_EQ(list.at(0).at("current_state"), "ACTIVE");
  EXPECT_EQ(list.at(0).at("compute_host"), "127.9.0.1");
  EXPECT_EQ(get(list.at(0).at("name")).body, list.at(0));
  expect_error(get(std::string(primary) + "/compute-instances/none"), 404, "NOT_FOUND",
               "compute instance id not found");
  EXPECT_EQ(call("DELETE", list.at(0).at("name")).code(), "ENDPOINT_NOT_FOUND");
}

TEST_F(EndpointsTest, ASuspendedComputeHasNoInstance) {
  auto const instances = std::string(primary) + "/compute-instances";
  auto const instance = get(instances).body.at("compute_instances").at(0).at("name").get<std::string>();
  computes->suspend(uid(primary));
  EXPECT_EQ(get(instances).body, Json::object());
  expect_error(get(instance), 404, "NOT_FOUND", "compute instance id not found");
  computes->start(uid(primary));
  EXPECT_EQ(get(instance).body.at("current_state"), "ACTIVE");
}

TEST_F(EndpointsTest, AStartingComputeIsIdleToWhoeverConnects) {
  auto const instances = std::string(primary) + "/compute-instances";
  computes->begin_start(uid(primary));
  EXPECT_EQ(get(primary).body.at("status").at("current_state"), "IDLE");
  auto const instance = get(instances).body.at("compute_instances").at(0);
  EXPECT_EQ(instance.at("current_state"), "INIT");
  EXPECT_EQ(instance.at("pending_state"), "ACTIVE");
  computes->start(uid(primary));
  EXPECT_EQ(get(primary).body.at("status").at("current_state"), "ACTIVE");
}

TEST_F(EndpointsTest, ACallSaysOfTheDataPlaneWhatAnOperationSays) {
  struct Case {
    std::string sqlstate;
    int status;
    std::string code, message;
  };
  for (auto const& [sqlstate, status, code, message] :
       {Case{"", 500, "INTERNAL_ERROR", "no"}, Case{"08006", 500, "INTERNAL_ERROR", "no (SQLSTATE 08006)"},
        Case{"42704", 400, "BAD_REQUEST", "no (SQLSTATE 42704)"}}) {
    computes->fail_at("suspend", "no", sqlstate);
    auto const reply = raw(request("POST", "/emulator/suspend", Json{{"endpoint", primary}}.dump()));
    expect_error({reply.status, json(reply.body)}, status, code, message);
  }
}

}  // namespace
}  // namespace lakebase::emulator::tests
