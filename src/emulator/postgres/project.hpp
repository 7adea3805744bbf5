#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/time.hpp"
#include "engine/errors.hpp"
#include "engine/records.hpp"
#include "postgres/branch.hpp"
#include "postgres/compute_rules.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/instance_record.hpp"
#include "postgres/kind.hpp"
#include "postgres/permissions.hpp"
#include "postgres/snapshot.hpp"

namespace lakebase::emulator {

inline constexpr Kind project_kind{"projects/*", "Project", "project"};

struct TagRecord {
  std::string key;
  std::string value;

  template <class Field>
  static void describe(Field&& field) {
    field("key", &TagRecord::key);
    field("value", &TagRecord::value);
  }
};

struct ProjectRecord {
  std::int64_t sequence = 0;
  std::string id;
  std::string uid;
  std::string owner;
  std::string display_name;
  /// The requested major version of PostgreSQL; without a request, the one that runs.
  std::int64_t pg_version = 17;
  /// The version that runs and wrote the data; 0: not known yet, as in files of earlier releases.
  std::int64_t running_pg_version = 0;
  Duration history_retention = std::chrono::hours{7 * 24};
  bool enable_pg_native_login = false;
  std::string default_branch_id;
  ComputeSpec defaults;
  std::optional<std::string> budget_policy_id;
  /// As it was asked for; nothing depends on it.
  std::optional<std::string> compute_provisioner;
  std::vector<TagRecord> custom_tags;
  /// What somebody has given, once that was changed for the first time.
  std::vector<PermissionRecord> permissions;
  bool permissions_changed = false;
  TimePoint create_time;
  TimePoint update_time;
  std::optional<TimePoint> delete_time;
  std::optional<TimePoint> purge_time;
  bool creating = false;
  /// None: it was made as a project.
  std::optional<InstanceRecord> instance;
  Records<BranchRecord> branches;
  Records<SnapshotRecord> snapshots;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &ProjectRecord::sequence);
    field("id", &ProjectRecord::id);
    field("uid", &ProjectRecord::uid);
    field("owner", &ProjectRecord::owner);
    field("display_name", &ProjectRecord::display_name);
    field("pg_version", &ProjectRecord::pg_version);
    field("running_pg_version", &ProjectRecord::running_pg_version);
    field("history_retention", &ProjectRecord::history_retention);
    field("enable_pg_native_login", &ProjectRecord::enable_pg_native_login);
    field("default_branch_id", &ProjectRecord::default_branch_id);
    field("defaults", &ProjectRecord::defaults);
    field("budget_policy_id", &ProjectRecord::budget_policy_id);
    field("compute_provisioner", &ProjectRecord::compute_provisioner);
    field("custom_tags", &ProjectRecord::custom_tags);
    field("permissions", &ProjectRecord::permissions);
    field("permissions_changed", &ProjectRecord::permissions_changed);
    field("create_time", &ProjectRecord::create_time);
    field("update_time", &ProjectRecord::update_time);
    field("delete_time", &ProjectRecord::delete_time);
    field("purge_time", &ProjectRecord::purge_time);
    field("creating", &ProjectRecord::creating);
    field("instance", &ProjectRecord::instance);
    field("branches", &ProjectRecord::branches);
    field("snapshots", &ProjectRecord::snapshots);
  }
};

/// Whether it is one for the API of projects, which does not show database instances.
inline bool is_project(ProjectRecord const& project) {
  return !project.instance || project.instance->is_project;
}

/// Projects, each with its first branch, endpoint, role and database.
class Projects {
 public:
  static constexpr std::array kinds{&project_kind};

  explicit Projects(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  /// Those that the caller may see.
  Json list(Call const& call) const;
  Json create(Call const& call);
  Json update(ResourceName const& name, Call const& call);
  Json remove(ResourceName const& name, Call const& call);
  Json undelete(ResourceName const& name);

  /// Purges the projects that were soft-deleted long enough ago.
  void run_due();
  std::optional<TimePoint> next_due() const;

 private:
  Json purge(ResourceName const& name);
  Json view(ProjectRecord const& project) const;
  std::int64_t history_size(ProjectRecord const& project) const;
  std::optional<TimePoint> last_active(ProjectRecord const& project) const;
  Json show(State const& state, ResourceName const& name) const;
  ProjectRecord new_project(State& state, std::string const& id, Call const& call) const;
  Plan plan_create(State& state, ProjectRecord project);
  Plan plan_soft_delete(State& state, ResourceName const& name);
  void tell_version(ProjectRecord const& project) const;

  Workspace& workspace_;
};

ServiceError project_not_found();

}  // namespace lakebase::emulator
