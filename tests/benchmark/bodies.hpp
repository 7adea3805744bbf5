#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <lakebase/lakebase.hpp>

// The bodies that the benchmarks read: one project as the service sends it, and the full list of 100 (about 242 KB,
// every member of the status set).

namespace lakebase::benchmarks {

using namespace lakebase::postgres;

inline std::string numbered(std::string_view text, int number) {
  return std::string{text} + std::to_string(number);
}

inline ProjectDefaultEndpointSettings endpoint_settings() {
  return {.autoscaling_limit_max_cu = 8.0,
          .autoscaling_limit_min_cu = 0.5,
          .no_suspension = false,
          .pg_settings = {{"effective_io_concurrency", "200"},
                          {"idle_in_transaction_session_timeout", "300000"},
                          {"log_min_duration_statement", "1000"},
                          {"maintenance_work_mem", "262144"},
                          {"max_parallel_workers_per_gather", "4"},
                          {"random_page_cost", "1.1"},
                          {"statement_timeout", "60000"},
                          {"work_mem", "16384"}},
          .suspend_timeout_duration = Duration::of(86'400)};
}

inline std::vector<ProjectCustomTag> custom_tags(int number) {
  return {{.key = "business-unit", .value = "consumer lending and payments"},
          {.key = "cost-center", .value = numbered("cc-", 40'000 + number)},
          {.key = "data-classification", .value = "confidential; personal data (EU)"},
          {.key = "environment", .value = "production"},
          {.key = "owner-team", .value = "Données & Plattform \"Core\""},
          {.key = "recovery-point-objective", .value = "15 minutes"},
          {.key = "recovery-time-objective", .value = "4 hours"},
          {.key = "repository", .value = numbered("https://git.example.com/payments/order-history-", number)},
          {.key = "runbook", .value = "https://wiki.example.com/display/OPS/Order+history#RunbookforLakebase"},
          {.key = "service", .value = numbered("order-history-service-", number)},
          {.key = "support-rotation", .value = "https://pager.example.com/rotations/order-history-primary"},
          {.key = "support-tier", .value = "tier 1: around the clock, 15 minutes to the first answer"},
          {.key = "terraform-module", .value = "registry.example.com/platform/lakebase/databricks ~> 3.1"},
          {.key = "ticket", .value = numbered("https://jira.example.com/browse/DATA-", 10'000 + number)}};
}

inline Project full_project(int number) {
  auto const name = numbered("projects/customer-orders-production-eu-central-", 1000 + number);
  return {.create_time = Timestamp::of(1'780'000'000 + number, 123'456'000),
          .delete_time = Timestamp::of(1'790'000'000 + number, 987'654'321),
          .name = name,
          .project_id = name.substr(9),
          .purge_time = Timestamp::of(1'790'604'800 + number),
          .status = ProjectStatus{.branch_logical_size_limit_bytes = 8'796'093'022'208,
                                  .budget_policy_id = "5d0d4e6a-91c4-4c53-8a0b-6d6c2f3b7e10",
                                  .compute_last_active_time = Timestamp::of(1'785'000'000 + number, 500'000'000),
                                  .compute_provisioner = "serverless-standard",
                                  .custom_tags = custom_tags(number),
                                  .default_branch = name + "/branches/production",
                                  .default_endpoint_settings = endpoint_settings(),
                                  .display_name =
                                      numbered("Customer orders and order history, production, EU central #", number),
                                  .enable_pg_native_login = number % 2 == 0,
                                  .history_retention_duration = Duration::of(604'800),
                                  .owner = numbered("first.last.", number) + "@example.com",
                                  .pg_version = 17,
                                  .project_id = name.substr(9),
                                  .replication_role = ReplicationRolePreview::primary,
                                  .synthetic_storage_size_bytes = 1'234'567'890'123 + number},
          .uid = numbered("6bb1dcd5-3b8b-44a2-a4c3-7c2a1f5d", 1000 + number),
          .update_time = Timestamp::of(1'786'000'000 + number, 1'000)};
}

/// The response to `list_projects`.
inline std::string const& list_body() {
  static std::string const text = [] {
    ListProjectsResponse response;
    for (int i = 0; i < 100; ++i) response.projects.push_back(full_project(i));
    return to_json(response);
  }();
  return text;
}

inline database::DatabaseInstance full_instance(int number) {
  auto const name = numbered("customer-orders-production-eu-central-", 1000 + number);
  std::vector<database::CustomTag> tags;
  for (auto const& tag : custom_tags(number)) tags.push_back({.key = tag.key, .value = tag.value});
  return {.name = name,
          .capacity = "CU_4",
          .child_instance_refs = {{.branch_time = "2026-08-19T10:00:00.123456Z",
                                   .effective_lsn = "0/1A2B3C4D",
                                   .lsn = "0/1A2B3C4D",
                                   .name = name + "-copy",
                                   .uid = numbered("5d0d4e6a-91c4-4c53-8a0b-6d6c2f3b", 1000 + number)}},
          .creation_time = "2026-08-19T10:00:00.123456Z",
          .creator = numbered("first.last.", number) + "@example.com",
          .effective_capacity = "CU_4",
          .effective_custom_tags = tags,
          .effective_enable_pg_native_login = number % 2 == 0,
          .effective_enable_readable_secondaries = true,
          .effective_node_count = 3,
          .effective_retention_window_in_days = 14,
          .effective_stopped = false,
          .effective_usage_policy_id = "5d0d4e6a-91c4-4c53-8a0b-6d6c2f3b7e10",
          .parent_instance_ref = database::DatabaseInstanceRef{.effective_lsn = "0/1A2B3C4D",
                                                               .name = "customer-orders-production-eu-central",
                                                               .uid = "6bb1dcd5-3b8b-44a2-a4c3-7c2a1f5dbb12"},
          .pg_version = "PG_VERSION_16",
          .read_only_dns = "instance-ro-6bb1dcd5-3b8b-44a2-a4c3-7c2a1f5dbb12.database.cloud.example.com",
          .read_write_dns = "instance-6bb1dcd5-3b8b-44a2-a4c3-7c2a1f5dbb12.database.cloud.example.com",
          .state = database::DatabaseInstanceState::available,
          .uid = numbered("6bb1dcd5-3b8b-44a2-a4c3-7c2a1f5d", 1000 + number),
          .usage_policy_id = "5d0d4e6a-91c4-4c53-8a0b-6d6c2f3b7e10"};
}

/// The response to `list_database_instances`: 100 of them, with every member that the service sends.
inline std::string const& instances_body() {
  static std::string const text = [] {
    database::ListDatabaseInstancesResponse response;
    for (int i = 0; i < 100; ++i) response.database_instances.push_back(full_instance(i));
    return to_json(response);
  }();
  return text;
}

/// The response to `get_project`.
inline std::string const project_body = R"({"name":"projects/my-app","uid":"6bb1dcd5-3b8b-44a2-a4c3-7c2a1f5dbb12",
"create_time":"2026-08-19T12:00:00Z","update_time":"2026-08-19T12:00:01Z","project_id":"my-app","status":{
"branch_logical_size_limit_bytes":8796093022208,"default_branch":"projects/my-app/branches/production",
"default_endpoint_settings":{"autoscaling_limit_max_cu":1.0,"autoscaling_limit_min_cu":1.0,
"suspend_timeout_duration":"86400s"},"display_name":"My Application","enable_pg_native_login":false,
"history_retention_duration":"604800s","owner":"ada@example.com","pg_version":17,"project_id":"my-app",
"synthetic_storage_size_bytes":0}})";

}  // namespace lakebase::benchmarks
