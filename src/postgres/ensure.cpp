#include <lakebase/postgres/ensure.hpp>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <lakebase/error.hpp>
#include <lakebase/postgres/names.hpp>
#include <lakebase/postgres_client.hpp>

#include "call/ensurer.hpp"
#include "postgres/name_form.hpp"

namespace lakebase {
inline namespace v0 {
namespace postgres {

namespace {

using detail::Differences;

// Suspend after some time, or never; status shows "never" by the absence of a time.
template <class Wanted, class Found>
void compare_suspension(Differences& result, std::string_view path, Wanted const& wanted, Found const& found) {
  if (wanted.no_suspension && *wanted.no_suspension == found.suspend_timeout_duration.has_value()) result.add(path);
  result.compare(path, wanted.suspend_timeout_duration, found.suspend_timeout_duration);
}

// The service is inconsistent: 409 ALREADY_EXISTS for some resources, 400 BAD_REQUEST with such a text for others.
bool says_already_exists(Error const& error) {
  return error.error_code() == "ALREADY_EXISTS" || error.error_code() == "RESOURCE_ALREADY_EXISTS" ||
         (error.error_code() == "BAD_REQUEST" && error.message().find("already exists") != std::string::npos);
}

// Log positions are written with or without leading zeros: 0/1A2B = 0/001A2B.
bool same_position(std::string_view a, std::string_view b) {
  auto const numbers = [](std::string_view text) {
    char* end = nullptr;
    std::string const copy{text};
    auto const high = std::strtoull(copy.c_str(), &end, 16);
    auto const low = *end == '/' ? std::strtoull(end + 1, nullptr, 16) : 0;
    return std::pair{high, low};
  };
  return numbers(a) == numbers(b);
}

bool within(Timestamp const& a, Timestamp const& b, std::int64_t seconds) {
  return std::abs(a.seconds() - b.seconds()) <= seconds;
}

bool same_second(Timestamp const& a, Timestamp const& b) {
  return within(a, b, 1);
}

Differences compare(ProjectSpec const& wanted, Project const& project) {
  auto const found = project.status.value_or(ProjectStatus{});
  Differences result;
  result.compare_fixed("pg_version", wanted.pg_version, found.pg_version);
  result.compare_fixed("compute_provisioner", wanted.compute_provisioner, found.compute_provisioner);
  result.compare("spec.budget_policy_id", wanted.budget_policy_id, found.budget_policy_id);
  result.compare_whole("spec.custom_tags", wanted.custom_tags, found.custom_tags);
  result.compare("spec.default_branch", wanted.default_branch, found.default_branch);
  result.compare("spec.display_name", wanted.display_name, found.display_name);
  result.compare("spec.enable_pg_native_login", wanted.enable_pg_native_login, found.enable_pg_native_login);
  result.compare("spec.history_retention_duration", wanted.history_retention_duration,
                 found.history_retention_duration);
  if (wanted.default_endpoint_settings) {
    auto const& settings = *wanted.default_endpoint_settings;
    auto const now = found.default_endpoint_settings.value_or(ProjectDefaultEndpointSettings{});
    result.compare("spec.default_endpoint_settings.autoscaling_limit_max_cu", settings.autoscaling_limit_max_cu,
                   now.autoscaling_limit_max_cu);
    result.compare("spec.default_endpoint_settings.autoscaling_limit_min_cu", settings.autoscaling_limit_min_cu,
                   now.autoscaling_limit_min_cu);
    result.compare_whole("spec.default_endpoint_settings.pg_settings", settings.pg_settings, now.pg_settings);
    compare_suspension(result, "spec.default_endpoint_settings.suspension", settings, now);
  }
  return result;
}

bool expires_as_wanted(BranchSpec const& wanted, Branch const& branch, std::optional<Timestamp> const& expires) {
  if (wanted.no_expiry) return *wanted.no_expiry != expires.has_value();
  if (wanted.expire_time) return expires && same_second(*wanted.expire_time, *expires);
  if (!wanted.ttl) return true;
  if (!expires || !branch.create_time) return false;
  return within(Timestamp::of(branch.create_time->seconds() + wanted.ttl->seconds()), *expires, 60);
}

Differences compare(BranchSpec const& wanted, Branch const& branch) {
  auto const found = branch.status.value_or(BranchStatus{});
  Differences result;
  result.compare_fixed("source_branch", wanted.source_branch, found.source_branch);
  result.compare_fixed("source_branch_lsn", wanted.source_branch_lsn, found.source_branch_lsn, same_position);
  result.compare_fixed("source_branch_time", wanted.source_branch_time, found.source_branch_time, same_second);
  result.compare_fixed("source_snapshot", wanted.source_snapshot, found.source_snapshot);
  result.compare("spec.is_protected", wanted.is_protected, found.is_protected);
  if (!expires_as_wanted(wanted, branch, found.expire_time)) result.add("spec.expiration");
  return result;
}

Differences compare(EndpointSpec const& wanted, Endpoint const& endpoint) {
  auto const found = endpoint.status.value_or(EndpointStatus{});
  Differences result;
  result.compare_fixed("endpoint_type", wanted.endpoint_type, found.endpoint_type);
  result.compare("spec.autoscaling_limit_max_cu", wanted.autoscaling_limit_max_cu, found.autoscaling_limit_max_cu);
  result.compare("spec.autoscaling_limit_min_cu", wanted.autoscaling_limit_min_cu, found.autoscaling_limit_min_cu);
  result.compare("spec.disabled", wanted.disabled, found.disabled);
  if (wanted.group) {
    auto const now = found.group.value_or(EndpointGroupStatus{});
    result.compare("spec.group", wanted.group->min, now.min);
    result.compare("spec.group", wanted.group->max, now.max);
    result.compare("spec.group", wanted.group->enable_readable_secondaries, now.enable_readable_secondaries);
  }
  if (wanted.settings) {
    result.compare_whole("spec.settings.pg_settings", wanted.settings->pg_settings,
                         found.settings.value_or(EndpointSettings{}).pg_settings);
  }
  compare_suspension(result, "spec.suspension", wanted, found);
  return result;
}

// What an update sends. A group of computes is replaced as a whole, so what the caller leaves unset is filled in.
ProjectSpec to_send(ProjectSpec const& wanted, Project const&) {
  return wanted;
}
BranchSpec to_send(BranchSpec const& wanted, Branch const&) {
  return wanted;
}
EndpointSpec to_send(EndpointSpec wanted, Endpoint const& endpoint) {
  if (wanted.group && endpoint.status && endpoint.status->group) {
    auto const& now = *endpoint.status->group;
    auto& group = *wanted.group;
    if (!group.min) group.min = now.min;
    if (!group.max) group.max = now.max;
    if (!group.enable_readable_secondaries) group.enable_readable_secondaries = now.enable_readable_secondaries;
  }
  return wanted;
}

bool is_deleted(Project const& project) {
  return project.delete_time.has_value();
}
bool is_deleted(Branch const& branch) {
  return branch.status && (branch.status->delete_time || branch.status->current_state == BranchStatusState::deleted);
}
bool is_deleted(Endpoint const&) {
  return false;
}

// Whether it is still being created, as far as its status shows: a project's shows nothing.
bool is_being_made(Project const&) {
  return false;
}
bool is_being_made(Branch const& branch) {
  return branch.status && (branch.status->current_state == BranchStatusState::init ||
                           branch.status->current_state == BranchStatusState::importing);
}
bool is_being_made(Endpoint const& endpoint) {
  return endpoint.status && endpoint.status->current_state == EndpointStatusState::init;
}

template <class T>
using Update = std::function<T(T const&, FieldMask const&)>;

// Brings what exists to the wanted state.
template <class T>
Ensured<T> reconcile(std::string const& name, T const& wanted, T const& found, Update<T> const& update) {
  if (is_deleted(found)) {
    detail::throw_exists(name, "is soft-deleted", "Undelete it, or delete it for good with `purge`.");
  }
  if (!wanted.spec) return {found, EnsureOutcome::unchanged};
  auto const differences = compare(*wanted.spec, found);
  detail::require_same_fixed(name, differences);
  if (differences.mask().empty()) return {found, EnsureOutcome::unchanged};
  T changed;
  changed.spec = to_send(*wanted.spec, found);
  return {update(changed, differences.mask()), EnsureOutcome::updated};
}

// The calls for one kind of resource.
template <class T>
struct Calls {
  std::string name;
  T const& wanted;
  std::function<T(PostgresClient const&)> get;
  std::function<T()> create;
  Update<T> update;
};

template <class T>
Ensured<T> ensure(PostgresClient const& client, Calls<T> calls, EnsureOptions const& options) {
  return detail::Ensurer<PostgresClient, T>{
      client,
      {.name = calls.name,
       .get = std::move(calls.get),
       .create = std::move(calls.create),
       .reconcile = [&](T const& found) { return reconcile(calls.name, calls.wanted, found, calls.update); },
       .is_being_made = [](T const& found) { return is_being_made(found); },
       .says_exists = says_already_exists},
      options}
      .run();
}

using Wait = std::function<void(WaitOptions const&)>;

template <class SomeOperation>
Wait wait_of(SomeOperation operation) {
  return [operation = std::move(operation)](WaitOptions const& options) { operation.wait(options); };
}

// Starts the deletion of the resource of this name; returns how to wait for it.
Wait start_to_delete(PostgresClient const& client, std::string_view name, std::optional<bool> purge) {
  auto const form = form_of(name);
  if (form == "projects/*") return wait_of(client.delete_project(name, {.purge = purge}));
  if (form == "projects/*/branches/*") {
    return wait_of(client.delete_branch(name, {.allow_missing = std::nullopt, .purge = purge}));
  }
  if (form == "projects/*/branches/*/endpoints/*") return wait_of(client.delete_endpoint(name));
  if (form == "projects/*/branches/*/databases/*") return wait_of(client.delete_database(name));
  if (form == "projects/*/branches/*/databases/*/data-api") return wait_of(client.delete_data_api(name));
  if (form == "projects/*/branches/*/databases/*/cdf-configs/*") return wait_of(client.delete_cdf_config(name));
  if (form == "projects/*/branches/*/roles/*") return wait_of(client.delete_role(name));
  if (form == "projects/*/snapshots/*") return wait_of(client.delete_snapshot(name));
  if (form == "catalogs/*") return wait_of(client.delete_catalog(name));
  if (form == "synced_tables/*") return wait_of(client.delete_synced_table(name));
  throw InvalidArgument{ErrorFacts{.message = "delete_if_exists: not the name of a deletable resource",
                                   .hint = "Pass a full resource name, e.g. projects/my-app/branches/dev."}};
}

}  // namespace

Ensured<Project> ensure_project(PostgresClient const& client, Project const& project, std::string_view project_id,
                                EnsureOptions const& options) {
  ProjectName const name{project_id};
  return ensure<Project>(
      client,
      {.name = name.to_string(),
       .wanted = project,
       .get = [&](PostgresClient const& by) { return by.get_project(name); },
       .create = [&] { return client.create_project(project, project_id).wait(options.wait); },
       .update = [&](Project const& update,
                     FieldMask const& mask) { return client.update_project(name, update, mask).wait(options.wait); }},
      options);
}

Ensured<Branch> ensure_branch(PostgresClient const& client, std::string_view parent, Branch const& branch,
                              std::string_view branch_id, EnsureOptions const& options) {
  auto const name = ProjectName::parse(parent).branch(branch_id);
  return ensure<Branch>(
      client,
      {.name = name.to_string(),
       .wanted = branch,
       .get = [&](PostgresClient const& by) { return by.get_branch(name); },
       .create = [&] { return client.create_branch(parent, branch, branch_id).wait(options.wait); },
       .update = [&](Branch const& update,
                     FieldMask const& mask) { return client.update_branch(name, update, mask).wait(options.wait); }},
      options);
}

Ensured<Endpoint> ensure_endpoint(PostgresClient const& client, std::string_view parent, Endpoint const& endpoint,
                                  std::string_view endpoint_id, EnsureOptions const& options) {
  auto const name = BranchName::parse(parent).endpoint(endpoint_id);
  return ensure<Endpoint>(
      client,
      {.name = name.to_string(),
       .wanted = endpoint,
       .get = [&](PostgresClient const& by) { return by.get_endpoint(name); },
       .create = [&] { return client.create_endpoint(parent, endpoint, endpoint_id).wait(options.wait); },
       .update = [&](Endpoint const& update,
                     FieldMask const& mask) { return client.update_endpoint(name, update, mask).wait(options.wait); }},
      options);
}

bool delete_if_exists(PostgresClient const& client, std::string_view name, DeleteIfExistsOptions const& options) {
  Wait wait;
  for (bool sent_before = false; !wait;) {
    try {
      wait = start_to_delete(client, name, options.purge);
    } catch (NotFound const&) {
      // Gone; if an earlier attempt may have arrived, it was that one.
      return sent_before;
    } catch (TransportError const& error) {
      if (!error.maybe_sent() || sent_before) throw;
      sent_before = true;
    }
  }
  try {
    wait(options.wait);
  } catch (OperationFailed const& error) {
    // Another caller deleted it first.
    if (error.error_code() != "NOT_FOUND") throw;
  }
  return true;
}

std::optional<Endpoint> find_read_write_endpoint(PostgresClient const& client, std::string_view branch) {
  for (auto const& endpoint : client.list_endpoints(branch)) {
    if (endpoint.status && endpoint.status->endpoint_type == EndpointType::read_write) return endpoint;
  }
  return std::nullopt;
}

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
