#include "cli/api/examples.hpp"

#include <string_view>

#include "cli/base/words.hpp"

namespace lakebase::cli {
namespace {

struct Sample {
  std::string_view key;
  std::string_view text;
};

// What a method is about, by the end of its name, and a name of that.
constexpr Sample sample_names[] = {
    {"database_instance_role", "alice@example.com"},
    {"database_instance_roles", "alice@example.com"},
    {"database_instance", "my-instance"},
    {"instance_to_autoscaling", "my-instance"},
    {"database_catalog", "my_catalog"},
    {"synced_database_table", "main.gold.customers"},
    {"database_table", "main.public.orders"},
    {"snapshot_schedule", "projects/my-app/branches/dev/snapshot-schedule"},
    {"snapshot", "projects/my-app/snapshots/nightly"},
    {"snapshots", "projects/my-app/snapshots/nightly"},
    {"recovery_branch_preview", "projects/my-app/recovery-branches/lost"},
    {"recovery_branch_previews", "projects/my-app/recovery-branches/lost"},
    {"replication_group_preview", "projects/my-app/replication-groups/west"},
    {"replication_group_previews", "projects/my-app/replication-groups/west"},
    {"branch", "projects/my-app/branches/dev"},
    {"branches", "projects/my-app/branches/dev"},
    {"compute_instance", "projects/my-app/branches/dev/endpoints/primary/compute-instances/c1"},
    {"compute_instances", "projects/my-app/branches/dev/endpoints/primary/compute-instances/c1"},
    {"endpoint", "projects/my-app/branches/dev/endpoints/primary"},
    {"endpoints", "projects/my-app/branches/dev/endpoints/primary"},
    {"cdf_config", "projects/my-app/branches/dev/databases/orders/cdf-configs/public"},
    {"cdf_configs", "projects/my-app/branches/dev/databases/orders/cdf-configs/public"},
    {"cdf_status", "projects/my-app/branches/dev/databases/orders/cdf-configs/public/cdf-statuses/items"},
    {"cdf_statuses", "projects/my-app/branches/dev/databases/orders/cdf-configs/public/cdf-statuses/items"},
    {"data_api", "projects/my-app/branches/dev/databases/orders/data-api"},
    {"database", "projects/my-app/branches/dev/databases/orders"},
    {"databases", "projects/my-app/branches/dev/databases/orders"},
    {"role_password", "projects/my-app/branches/dev/roles/reporter"},
    {"role", "projects/my-app/branches/dev/roles/reporter"},
    {"roles", "projects/my-app/branches/dev/roles/reporter"},
    {"operation", "projects/my-app/operations/1a2b3c"},
    {"synced_table", "synced_tables/main.gold.customers"},
    {"table", "main.public.orders"},
    {"catalog", "catalogs/my_catalog"},
    {"project", "projects/my-app"},
};

// Of other positionals.
constexpr Sample values[] = {
    {"instance_name", "my-instance"},
    {"endpoint", "projects/my-app/branches/dev/endpoints/primary"},
    {"project_id", "my-app"},
    {"branch_id", "dev"},
    {"endpoint_id", "reader"},
    {"snapshot_id", "nightly"},
    {"catalog_id", "my_catalog"},
    {"synced_table_id", "main.gold.customers"},
    {"replication_group_preview_id", "west"},
    {"target_workspace", "1234567890123456"},
    {"catalog", "main"},
    {"schema", "feeds"},
    {"postgres_schema", "public"},
    {"database_instance_name", "my-instance"},
    {"database_name", "databricks_postgres"},
};

// What follows the positionals, where the command needs it.
constexpr Sample rest[] = {
    {"create_project", R"(--json '{"spec": {"display_name": "My app", "pg_version": 17}}')"},
    {"create_branch",
     R"(--json '{"spec": {"source_branch": "projects/my-app/branches/production", "ttl": "604800s"}}')"},
    {"create_endpoint", R"(--json '{"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY"}}')"},
    {"create_role", R"(--role-id reporter --json '{"spec": {"postgres_role": "reporter"}}')"},
    {"create_database", R"(--database-id orders --json '{"spec": {"postgres_database": "orders"}}')"},
    {"create_catalog",
     R"(--json '{"spec": {"branch": "projects/my-app/branches/dev", "postgres_database": "orders"}}')"},
    {"create_data_api", R"(--json '{"spec": {"db_max_rows": 1000}}')"},
    {"create_synced_table", "--json @synced-table.json"},
    {"create_snapshot", R"(--json '{"spec": {"source_branch": "projects/my-app/branches/dev"}}')"},
    {"create_database_instance", "--capacity CU_1"},
    {"create_synced_database_table", "--json @synced-table.json"},
    {"update_project", R"(spec.display_name --json '{"spec": {"display_name": "Shop"}}')"},
    {"update_branch", R"(spec.is_protected --json '{"spec": {"is_protected": true}}')"},
    {"update_endpoint", R"(spec.autoscaling_limit_max_cu --json '{"spec": {"autoscaling_limit_max_cu": 4}}')"},
    {"update_role", R"(spec.attributes.createdb --json '{"spec": {"attributes": {"createdb": true}}}')"},
    {"update_database", R"(spec.postgres_database --json '{"spec": {"postgres_database": "sales"}}')"},
    {"update_data_api", R"(spec.db_max_rows --json '{"spec": {"db_max_rows": 1000}}')"},
    {"update_snapshot_schedule", "schedule --json @schedule.json"},
    {"update_replication_group_preview", "spec --json @group.json"},
    {"update_database_instance", "stopped --stopped"},
    {"update_synced_database_table", "spec --json @synced-table.json"},
    {"find_database_instance_by_uid", "--uid 0a1b2c3d"},
    {"generate_database_credential", R"(--json '{"instance_names": ["my-instance"]}')"},  // of instances
};

constexpr Sample flag_helps[] = {
    {"replace_existing", "change the resource if it exists, instead of failing"},
    {"allow_missing", "succeed if there is no such resource"},
    {"purge", "delete it for good, instead of softly"},
    {"force", "delete what belongs to it as well"},
    {"purge_data", "drop the table in PostgreSQL as well"},
    {"reassign_owned_to", "the role that owns what this one owns"},
    {"show_deleted", "soft-deleted ones too"},
    {"page_size", "so many in each request; the service may send fewer"},
    {"page_token", "start at the page of this token"},
    {"ttl", "how long it lives: 900s, 12h, 7d"},
    {"expire_time", "when it ends: 2026-01-31T12:00:00Z"},
    {"no_expiry", "it does not expire"},
    {"role_id", "last part of the name; the service makes one if there is none"},
    {"database_id", "last part of the name; the service makes one if there is none"},
    {"cdf_config_id", "last part of the name; the service makes one if there is none"},
    {"group_name", "group of the workspace to log in as"},
    {"request_id", "an id of your own, so that the request can be repeated"},
    {"etag", "refuse if it has changed since it was read"},
    {"instance_names", "names, separated by commas"},
    {"capacity", "CU_1, CU_2, CU_4 or CU_8"},
    {"stopped", "whether it is stopped"},
    {"node_count", "one primary and the secondaries"},
    {"retention_window_in_days", "how far back it can be restored"},
    {"uid", "the uid to look for"},
};

std::string_view sample(std::span<Sample const> samples, std::string_view key) {
  for (auto const& each : samples) {
    if (each.key == key) return each.text;
  }
  return {};
}

std::string_view name_of_what(std::string_view method) {
  auto const verb = method.find('_');
  auto const what = method.substr(verb == std::string_view::npos ? 0 : verb + 1);
  auto const name = sample(sample_names, what);
  return name.empty() ? "projects/my-app/branches/dev" : name;
}

/// The name without its last two parts, or the last one if that stands for a collection of one.
std::string_view parent_of(std::string_view name) {
  bool const is_single = name.ends_with("/data-api") || name.ends_with("/snapshot-schedule");
  auto parent = name.substr(0, name.rfind('/'));
  if (!is_single && parent.find('/') != std::string_view::npos) parent = parent.substr(0, parent.rfind('/'));
  return parent;
}

}  // namespace

std::string_view flag_help(std::string_view member) {
  return sample(flag_helps, member);
}

std::string example_of(Command const& command) {
  std::string text;
  auto const tail = sample(rest, command.method);
  for (auto const& positional : split(command.positionals, ' ')) {
    if (positional == "|" || (positional == "update_mask" && !tail.empty())) continue;
    auto const name = name_of_what(command.method);
    auto value = std::string{sample(values, positional)};
    if (positional == "name") value = name;
    if (positional == "update_mask") value = "'*'";
    if (positional == "parent") {
      bool const is_of_branch = command.method.find("forward_etl") != std::string_view::npos;
      value = is_of_branch ? name : parent_of(name);
    }
    text += ' ' + value;
  }
  bool const of_endpoint = command.service == "postgres" && command.method == "generate_database_credential";
  if (!tail.empty() && !of_endpoint) text += ' ' + std::string{tail};
  return text;
}

}  // namespace lakebase::cli
