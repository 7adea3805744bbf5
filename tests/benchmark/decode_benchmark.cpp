// Reading the full answer of 100 projects (about 242 KB, every member of the status set) into models: our from_json
// against nlohmann::json::parse followed by a hand-written walk into the same structs, with the same strictness, in one
// run. The bar of docs/adr/0005-json-decoder.md: ours takes at most a quarter of the time. Both must give equal models.
// The same with 100 instances of w.database.

#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <lakebase/lakebase.hpp>

#include "benchmark/bodies.hpp"
#include "json/path.hpp"

namespace {

using namespace lakebase::postgres;
using lakebase::ParseError;
using lakebase::benchmarks::instances_body;
using lakebase::benchmarks::list_body;
using lakebase::detail::JsonPath;
using nlohmann::json;

// The walk over nlohmann's document, as a hand would write it: absent, null and unknown members are accepted,
// everything else of another type is a ParseError with its path.
namespace walk {

[[noreturn]] void refuse(JsonPath const& path, std::string_view wanted) {
  throw ParseError{path.text(), {.message = std::string{wanted} + " was expected"}};
}

std::string const& text(json const& value, JsonPath const& path, std::string_view wanted = "a string") {
  if (!value.is_string()) refuse(path, wanted);
  return value.get_ref<std::string const&>();
}

void read(json const& value, JsonPath const& path, std::string& out) {
  out = text(value, path);
}

void read(json const& value, JsonPath const& path, bool& out) {
  if (!value.is_boolean()) refuse(path, "a boolean");
  out = value.get<bool>();
}

void read(json const& value, JsonPath const& path, double& out) {
  if (!value.is_number()) refuse(path, "a number");
  out = value.get<double>();
}

void read(json const& value, JsonPath const& path, std::int64_t& out) {
  static constexpr std::string_view wanted = "a 64-bit integer";
  static constexpr double int64_end = 9223372036854775808.0;
  if (value.is_number_unsigned()) {
    if (value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) refuse(path, wanted);
    out = value.get<std::int64_t>();
  } else if (value.is_number_integer()) {
    out = value.get<std::int64_t>();
  } else if (value.is_number_float()) {
    auto const number = value.get<double>();
    if (number != std::trunc(number) || number < -int64_end || number >= int64_end) refuse(path, wanted);
    out = static_cast<std::int64_t>(number);
  } else {
    auto const& digits = text(value, path, wanted);
    auto const* const last = digits.data() + digits.size();
    auto const [end, error] = std::from_chars(digits.data(), last, out);
    if (error != std::errc{} || end != last) refuse(path, wanted);
  }
}

template <class Time>
void read_time(json const& value, JsonPath const& path, Time& out) {
  try {
    out = Time::parse(text(value, path, "a time"));
  } catch (ParseError const&) {
    refuse(path, "a time");
  }
}

void read(json const& value, JsonPath const& path, Timestamp& out) {
  read_time(value, path, out);
}

void read(json const& value, JsonPath const& path, Duration& out) {
  read_time(value, path, out);
}

template <class E>
void read(json const& value, JsonPath const& path, Enum<E>& out) {
  out = Enum<E>::from_wire(text(value, path));
}

void read(json const& value, JsonPath const& path, std::map<std::string, std::string>& out) {
  if (!value.is_object()) refuse(path, "an object");
  for (auto const& [key, item] : value.items()) out[key] = text(item, JsonPath{&path, key});
}

void read(json const& value, JsonPath const& path, lakebase::database::CustomTag& out);
void read(json const& value, JsonPath const& path, lakebase::database::DatabaseInstance& out);
void read(json const& value, JsonPath const& path, lakebase::database::DatabaseInstanceRef& out);
void read(json const& value, JsonPath const& path, Project& out);
void read(json const& value, JsonPath const& path, ProjectCustomTag& out);
void read(json const& value, JsonPath const& path, ProjectDefaultEndpointSettings& out);
void read(json const& value, JsonPath const& path, ProjectStatus& out);

template <class T>
void read(json const& value, JsonPath const& path, std::vector<T>& out) {
  if (!value.is_array()) refuse(path, "a list");
  out.reserve(value.size());
  for (auto const& item : value) {
    JsonPath const here{&path, {}, out.size()};
    read(item, here, out.emplace_back());
  }
}

// What an object's member is read into; nothing where it is absent or null.
class Members {
 public:
  Members(json const& value, JsonPath const& path) : object_(value), path_(path) {
    if (!value.is_object()) refuse(path, "an object");
  }

  template <class T>
  void operator()(std::string_view name, T& out) const {
    auto const found = object_.find(name);
    if (found != object_.end() && !found->is_null()) read(*found, JsonPath{&path_, name}, out);
  }

  template <class T>
  void operator()(std::string_view name, std::optional<T>& out) const {
    auto const found = object_.find(name);
    if (found != object_.end() && !found->is_null()) read(*found, JsonPath{&path_, name}, out.emplace());
  }

 private:
  json const& object_;
  JsonPath const& path_;
};

void read(json const& value, JsonPath const& path, ProjectCustomTag& out) {
  Members const member{value, path};
  member("key", out.key);
  member("value", out.value);
}

void read(json const& value, JsonPath const& path, ProjectDefaultEndpointSettings& out) {
  Members const member{value, path};
  member("autoscaling_limit_max_cu", out.autoscaling_limit_max_cu);
  member("autoscaling_limit_min_cu", out.autoscaling_limit_min_cu);
  member("no_suspension", out.no_suspension);
  member("pg_settings", out.pg_settings);
  member("suspend_timeout_duration", out.suspend_timeout_duration);
}

void read(json const& value, JsonPath const& path, ProjectStatus& out) {
  Members const member{value, path};
  member("branch_logical_size_limit_bytes", out.branch_logical_size_limit_bytes);
  member("budget_policy_id", out.budget_policy_id);
  member("compute_last_active_time", out.compute_last_active_time);
  member("compute_provisioner", out.compute_provisioner);
  member("custom_tags", out.custom_tags);
  member("default_branch", out.default_branch);
  member("default_endpoint_settings", out.default_endpoint_settings);
  member("display_name", out.display_name);
  member("enable_pg_native_login", out.enable_pg_native_login);
  member("history_retention_duration", out.history_retention_duration);
  member("owner", out.owner);
  member("pg_version", out.pg_version);
  member("project_id", out.project_id);
  member("replication_role", out.replication_role);
  member("synthetic_storage_size_bytes", out.synthetic_storage_size_bytes);
}

// Without `spec` and `initial_*`, which the service does not answer with: looking for them would only cost the walk.
void read(json const& value, JsonPath const& path, Project& out) {
  Members const member{value, path};
  member("create_time", out.create_time);
  member("delete_time", out.delete_time);
  member("name", out.name);
  member("project_id", out.project_id);
  member("purge_time", out.purge_time);
  member("status", out.status);
  member("uid", out.uid);
  member("update_time", out.update_time);
}

ListProjectsResponse list_projects_response(std::string_view text) {
  ListProjectsResponse out;
  auto const document = json::parse(text);
  JsonPath const root{};
  Members const member{document, root};
  member("next_page_token", out.next_page_token);
  member("projects", out.projects);
  return out;
}

void read(json const& value, JsonPath const& path, lakebase::database::CustomTag& out) {
  Members const member{value, path};
  member("key", out.key);
  member("value", out.value);
}

void read(json const& value, JsonPath const& path, lakebase::database::DatabaseInstanceRef& out) {
  Members const member{value, path};
  member("branch_time", out.branch_time);
  member("effective_lsn", out.effective_lsn);
  member("lsn", out.lsn);
  member("name", out.name);
  member("uid", out.uid);
}

// Without what is only ever sent.
void read(json const& value, JsonPath const& path, lakebase::database::DatabaseInstance& out) {
  Members const member{value, path};
  member("name", out.name);
  member("capacity", out.capacity);
  member("child_instance_refs", out.child_instance_refs);
  member("creation_time", out.creation_time);
  member("creator", out.creator);
  member("effective_capacity", out.effective_capacity);
  member("effective_custom_tags", out.effective_custom_tags);
  member("effective_enable_pg_native_login", out.effective_enable_pg_native_login);
  member("effective_enable_readable_secondaries", out.effective_enable_readable_secondaries);
  member("effective_node_count", out.effective_node_count);
  member("effective_retention_window_in_days", out.effective_retention_window_in_days);
  member("effective_stopped", out.effective_stopped);
  member("effective_usage_policy_id", out.effective_usage_policy_id);
  member("parent_instance_ref", out.parent_instance_ref);
  member("pg_version", out.pg_version);
  member("read_only_dns", out.read_only_dns);
  member("read_write_dns", out.read_write_dns);
  member("state", out.state);
  member("uid", out.uid);
  member("usage_policy_id", out.usage_policy_id);
}

lakebase::database::ListDatabaseInstancesResponse list_instances_response(std::string_view text) {
  lakebase::database::ListDatabaseInstancesResponse out;
  auto const document = json::parse(text);
  JsonPath const root{};
  Members const member{document, root};
  member("database_instances", out.database_instances);
  member("next_page_token", out.next_page_token);
  return out;
}

}  // namespace walk

void NlohmannParseAlone(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(json::parse(list_body()));
}

void NlohmannParseAndWalk(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(walk::list_projects_response(list_body()));
}

void FromJson(benchmark::State& state) {
  if (lakebase::from_json<ListProjectsResponse>(list_body()) != walk::list_projects_response(list_body())) {
    throw std::runtime_error("the two readers differ");
  }
  state.counters["bytes"] = static_cast<double>(list_body().size());
  for (auto _ : state) benchmark::DoNotOptimize(lakebase::from_json<ListProjectsResponse>(list_body()));
}

void ToJson(benchmark::State& state) {
  auto const response = lakebase::from_json<ListProjectsResponse>(list_body());
  for (auto _ : state) benchmark::DoNotOptimize(lakebase::to_json(response));
}

void InstancesNlohmannParseAndWalk(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(walk::list_instances_response(instances_body()));
}

void InstancesFromJson(benchmark::State& state) {
  using lakebase::database::ListDatabaseInstancesResponse;
  if (lakebase::from_json<ListDatabaseInstancesResponse>(instances_body()) !=
      walk::list_instances_response(instances_body())) {
    throw std::runtime_error("the two readers differ");
  }
  state.counters["bytes"] = static_cast<double>(instances_body().size());
  for (auto _ : state) {
    benchmark::DoNotOptimize(lakebase::from_json<ListDatabaseInstancesResponse>(instances_body()));
  }
}

BENCHMARK(NlohmannParseAlone)->Repetitions(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(NlohmannParseAndWalk)->Repetitions(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(FromJson)->Repetitions(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(ToJson)->Repetitions(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(InstancesNlohmannParseAndWalk)->Repetitions(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(InstancesFromJson)->Repetitions(5)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
