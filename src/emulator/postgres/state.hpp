#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/moment.hpp"
#include "engine/operations.hpp"
#include "engine/records.hpp"

namespace lakebase::emulator {

// What the control plane knows. Plain data: the rules are in the rooms of the resources. Each struct lists its members
// for `state.json` in `describe`.

/// The size and the habits of a compute, of an endpoint or of a project's endpoints to come.
struct ComputeSpec {
  double min_cu = 1;
  double max_cu = 1;
  /// None: never suspends.
  std::optional<Duration> suspend_after = std::chrono::hours{24};
  std::map<std::string, std::string> pg_settings;

  template <class Field>
  static void describe(Field&& field) {
    field("min_cu", &ComputeSpec::min_cu);
    field("max_cu", &ComputeSpec::max_cu);
    field("suspend_after", &ComputeSpec::suspend_after);
    field("pg_settings", &ComputeSpec::pg_settings);
  }
};

struct EndpointRecord {
  std::int64_t sequence = 0;
  std::string id;
  std::string uid;
  bool read_only = false;
  ComputeSpec compute;
  bool disabled = false;
  /// Where its front listens; empty before the data plane has opened it.
  std::string address;
  TimePoint create_time;
  TimePoint update_time;
  /// Not finished: state INIT.
  bool creating = false;
  /// Shows a `pending_state`, and cannot be deleted, until then.
  std::optional<TimePoint> reconciling_until;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &EndpointRecord::sequence);
    field("id", &EndpointRecord::id);
    field("uid", &EndpointRecord::uid);
    field("read_only", &EndpointRecord::read_only);
    field("compute", &EndpointRecord::compute);
    field("disabled", &EndpointRecord::disabled);
    field("address", &EndpointRecord::address);
    field("create_time", &EndpointRecord::create_time);
    field("update_time", &EndpointRecord::update_time);
    field("creating", &EndpointRecord::creating);
  }
};

struct RoleRecord {
  std::int64_t sequence = 0;
  std::string id;
  std::string postgres_role;
  /// USER, SERVICE_PRINCIPAL, GROUP, or empty for a role of PostgreSQL alone.
  std::string identity_type;
  std::string auth_method;
  bool createdb = false;
  bool createrole = false;
  bool bypassrls = false;
  bool databricks_superuser = false;
  TimePoint create_time;
  TimePoint update_time;
  bool creating = false;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &RoleRecord::sequence);
    field("id", &RoleRecord::id);
    field("postgres_role", &RoleRecord::postgres_role);
    field("identity_type", &RoleRecord::identity_type);
    field("auth_method", &RoleRecord::auth_method);
    field("createdb", &RoleRecord::createdb);
    field("createrole", &RoleRecord::createrole);
    field("bypassrls", &RoleRecord::bypassrls);
    field("databricks_superuser", &RoleRecord::databricks_superuser);
    field("create_time", &RoleRecord::create_time);
    field("update_time", &RoleRecord::update_time);
    field("creating", &RoleRecord::creating);
  }
};

struct DatabaseRecord {
  std::int64_t sequence = 0;
  std::string id;
  std::string postgres_database;
  /// Id of the owner's role.
  std::string role_id;
  TimePoint create_time;
  TimePoint update_time;
  bool creating = false;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &DatabaseRecord::sequence);
    field("id", &DatabaseRecord::id);
    field("postgres_database", &DatabaseRecord::postgres_database);
    field("role_id", &DatabaseRecord::role_id);
    field("create_time", &DatabaseRecord::create_time);
    field("update_time", &DatabaseRecord::update_time);
    field("creating", &DatabaseRecord::creating);
  }
};

struct BranchRecord {
  std::int64_t sequence = 0;
  std::string id;
  std::string uid;
  bool is_protected = false;
  std::optional<TimePoint> expire_time;
  /// Id of the branch it was made from; empty for a root branch.
  std::string source_branch_id;
  std::string source_branch_lsn;
  std::optional<TimePoint> source_branch_time;
  TimePoint create_time;
  TimePoint update_time;
  TimePoint state_change_time;
  std::optional<TimePoint> delete_time;
  std::optional<TimePoint> purge_time;
  bool creating = false;
  Records<EndpointRecord> endpoints;
  Records<RoleRecord> roles;
  Records<DatabaseRecord> databases;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &BranchRecord::sequence);
    field("id", &BranchRecord::id);
    field("uid", &BranchRecord::uid);
    field("is_protected", &BranchRecord::is_protected);
    field("expire_time", &BranchRecord::expire_time);
    field("source_branch_id", &BranchRecord::source_branch_id);
    field("source_branch_lsn", &BranchRecord::source_branch_lsn);
    field("source_branch_time", &BranchRecord::source_branch_time);
    field("create_time", &BranchRecord::create_time);
    field("update_time", &BranchRecord::update_time);
    field("state_change_time", &BranchRecord::state_change_time);
    field("delete_time", &BranchRecord::delete_time);
    field("purge_time", &BranchRecord::purge_time);
    field("creating", &BranchRecord::creating);
    field("endpoints", &BranchRecord::endpoints);
    field("roles", &BranchRecord::roles);
    field("databases", &BranchRecord::databases);
  }
};

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
  /// The major version of PostgreSQL that was asked for; the one that runs if none was.
  std::int64_t pg_version = 17;
  /// The one that the data are of; 0: not known yet, as in files of earlier releases.
  std::int64_t running_pg_version = 0;
  Duration history_retention = std::chrono::hours{7 * 24};
  bool enable_pg_native_login = false;
  std::string default_branch_id;
  ComputeSpec defaults;
  std::optional<std::string> budget_policy_id;
  std::vector<TagRecord> custom_tags;
  TimePoint create_time;
  TimePoint update_time;
  std::optional<TimePoint> delete_time;
  std::optional<TimePoint> purge_time;
  bool creating = false;
  Records<BranchRecord> branches;

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
    field("custom_tags", &ProjectRecord::custom_tags);
    field("create_time", &ProjectRecord::create_time);
    field("update_time", &ProjectRecord::update_time);
    field("delete_time", &ProjectRecord::delete_time);
    field("purge_time", &ProjectRecord::purge_time);
    field("creating", &ProjectRecord::creating);
    field("branches", &ProjectRecord::branches);
  }
};

/// Something to be done at the data plane that may be done more than once, and is no matter where it was done before.
struct ChoreRecord {
  std::string branch_uid;
  /// The data of this read-only endpoint is removed.
  std::string endpoint_uid;
  /// Run in the database `postgres`. Where there is neither, the branch's data is removed.
  std::vector<std::string> statements;

  template <class Field>
  static void describe(Field&& field) {
    field("branch_uid", &ChoreRecord::branch_uid);
    field("endpoint_uid", &ChoreRecord::endpoint_uid);
    field("statements", &ChoreRecord::statements);
  }
  friend bool operator==(ChoreRecord const&, ChoreRecord const&) = default;
};

struct State {
  std::int64_t last_sequence = 0;
  Records<ProjectRecord> projects;
  Operations operations;
  /// What could not be done so far: each a `ChoreRecord`.
  std::vector<Json> chores;
  /// Which projects an operation runs on, or on something in them. Not kept.
  Locks locks;

  template <class Field>
  static void describe(Field&& field) {
    field("last_sequence", &State::last_sequence);
    field("projects", &State::projects);
    field("operations", &State::operations);
    field("chores", &State::chores);
  }
};

/// Creation order, which lists follow and page tokens remember.
inline std::int64_t next_sequence(State& state) {
  return ++state.last_sequence;
}

/// The element with this id, or null.
template <class Record>
Record* find_by_id(Records<Record>& records, std::string_view id) {
  return records.find(id);
}
template <class Record>
Record const* find_by_id(Records<Record> const& records, std::string_view id) {
  return records.find(id);
}

template <class Record>
void erase_by_id(Records<Record>& records, std::string_view id) {
  records.erase(id);
}

/// The branches that are not soft-deleted and were made from this one.
bool has_children(ProjectRecord const& project, BranchRecord const& branch);

}  // namespace lakebase::emulator
