#include <lakebase/postgres/ensure.hpp>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <lakebase/error.hpp>
#include <lakebase/postgres/names.hpp>
#include <lakebase/postgres_client.hpp>

#include "call/pace.hpp"
#include "postgres/name_form.hpp"

namespace lakebase {
inline namespace v0 {
namespace postgres {

namespace {

// The differences between the wanted state and the actual one, as far as both are known.
class Differences {
 public:
  // A member that an update can change, by its path in a mask.
  template <class T>
  void compare(std::string_view path, std::optional<T> const& wanted, std::optional<T> const& found) {
    if (wanted && wanted != found) add(path);
  }
  template <class Container>
  void compare_whole(std::string_view path, Container const& wanted, Container const& found) {
    if (!wanted.empty() && wanted != found) add(path);
  }
  // Suspend after some time, or never; status shows "never" by the absence of a time.
  template <class Wanted, class Found>
  void compare_suspension(std::string_view path, Wanted const& wanted, Found const& found) {
    if (wanted.no_suspension && *wanted.no_suspension == found.suspend_timeout_duration.has_value()) add(path);
    compare(path, wanted.suspend_timeout_duration, found.suspend_timeout_duration);
  }
  // A member that is fixed at creation. If the status does not show it, it is taken to be as wanted.
  template <class T, class Same = std::equal_to<>>
  void compare_fixed(std::string_view member, std::optional<T> const& wanted, std::optional<T> const& found,
                     Same same = {}) {
    if (wanted && found && !same(*wanted, *found)) fixed_.emplace_back(member);
  }

  void add(std::string_view path) {
    if (std::find(paths_.begin(), paths_.end(), path) == paths_.end()) paths_.emplace_back(path);
  }

  std::vector<std::string> const& fixed() const { return fixed_; }
  FieldMask mask() const { return FieldMask{paths_}; }

 private:
  std::vector<std::string> paths_;
  std::vector<std::string> fixed_;
};

[[noreturn]] void throw_exists(std::string_view name, std::string message, std::string hint) {
  throw AlreadyExists{{.message = fmt::format("{} {}", name, message), .hint = std::move(hint)}};
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
    result.compare_suspension("spec.default_endpoint_settings.suspension", settings, now);
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
  result.compare_suspension("spec.suspension", wanted, found);
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

// The calls for one kind of resource.
template <class T>
struct Calls {
  std::string name;
  T const& wanted;
  std::function<T(PostgresClient const&)> get;
  std::function<T()> create;
  std::function<T(T const&, FieldMask const&)> update;
};

template <class T>
class Ensurer {
 public:
  Ensurer(PostgresClient const& client, Calls<T> calls, EnsureOptions const& options)
      : client_(client),
        calls_(std::move(calls)),
        options_(options),
        clock_(options.clock ? options.clock : client.clock()) {}

  Ensured<T> run() const {
    if (auto const found = find(client_)) return reconcile(*found);
    try {
      return create();
    } catch (TransportError const& error) {
      if (!error.maybe_sent()) throw;
    }
    // The response was lost: either it exists, or the request never arrived.
    if (auto const found = find_made()) {
      auto result = reconcile(*found);
      if (result.outcome == EnsureOutcome::unchanged) result.outcome = EnsureOutcome::created;
      return result;
    }
    return create();
  }

 private:
  Ensured<T> create() const {
    try {
      return {calls_.create(), EnsureOutcome::created};
    } catch (Error const& error) {
      if (!says_already_exists(error)) throw;
      auto const found = find_made();
      // Something else is in the way, such as another read-write endpoint.
      if (!found) throw;
      return reconcile(*found);
    }
  }

  std::optional<T> find(PostgresClient const& client) const {
    try {
      return calls_.get(client);
    } catch (NotFound const&) {
      return std::nullopt;
    }
  }

  // The steps of the loop that waits until the resource is created by another call, whose operation is not known.
  struct Finding {
    Ensurer const& ensurer;
    WaitOptions const& wait;
    detail::Pace& pace;

    void check() const {
      if (pace.loop().attempts() == 0) return;
      if (pace.loop().is_stopped()) throw_stopped();
      if (pace.is_over()) give_up();
    }
    std::optional<std::optional<T>> attempt() const {
      auto found = poll();
      if (found && is_being_made(*found)) return std::nullopt;
      return std::optional<std::optional<T>>{std::in_place, std::move(found)};
    }
    std::optional<T> poll() const {
      auto const& client = ensurer.client_;
      try {
        return ensurer.find(
            client.with(detail::options_of_poll(client.options(), client.config(), pace.left(), wait.stop)));
      } catch (Cancelled const&) {
        throw_stopped();
      } catch (TransportError const& error) {
        if (error.kind() != TransportError::Kind::timeout || !pace.is_over()) throw;
      }
      return give_up();
    }
    std::optional<std::chrono::nanoseconds> next_pause() const { return pace.next_pause(); }
    [[noreturn]] std::optional<T> give_up() const {
      throw DeadlineExceeded{
          ErrorFacts{.message = fmt::format("{} is still being created", ensurer.calls_.name), .retryable = true}};
    }
    [[noreturn]] void throw_stopped() const {
      throw Cancelled{ErrorFacts{.message = fmt::format("the wait for {} was stopped", ensurer.calls_.name)}};
    }
  };

  std::optional<T> find_made() const {
    auto const wait = detail::merged(options_.wait, client_.config().wait);
    detail::Pace pace{*clock_, wait};
    Finding finding{*this, wait, pace};
    return pace.loop().run(finding);
  }

  Ensured<T> reconcile(T const& found) const {
    if (is_deleted(found)) {
      throw_exists(calls_.name, "is soft-deleted", "Undelete it, or delete it for good with `purge`.");
    }
    if (!calls_.wanted.spec) return {found, EnsureOutcome::unchanged};
    auto const differences = compare(*calls_.wanted.spec, found);
    if (!differences.fixed().empty()) {
      throw_exists(calls_.name,
                   fmt::format("exists with another {} than wanted, which is fixed at creation",
                               fmt::join(differences.fixed(), ", ")),
                   "Choose another id, or delete it first.");
    }
    if (differences.mask().empty()) return {found, EnsureOutcome::unchanged};
    T update;
    update.spec = to_send(*calls_.wanted.spec, found);
    return {calls_.update(update, differences.mask()), EnsureOutcome::updated};
  }

  PostgresClient const& client_;
  Calls<T> calls_;
  EnsureOptions const& options_;
  std::shared_ptr<Clock> clock_;
};

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
  return Ensurer<Project>{
      client,
      {.name = name.to_string(),
       .wanted = project,
       .get = [&](PostgresClient const& by) { return by.get_project(name); },
       .create = [&] { return client.create_project(project, project_id).wait(options.wait); },
       .update = [&](Project const& update,
                     FieldMask const& mask) { return client.update_project(name, update, mask).wait(options.wait); }},
      options}
      .run();
}

Ensured<Branch> ensure_branch(PostgresClient const& client, std::string_view parent, Branch const& branch,
                              std::string_view branch_id, EnsureOptions const& options) {
  auto const name = ProjectName::parse(parent).branch(branch_id);
  return Ensurer<Branch>{
      client,
      {.name = name.to_string(),
       .wanted = branch,
       .get = [&](PostgresClient const& by) { return by.get_branch(name); },
       .create = [&] { return client.create_branch(parent, branch, branch_id).wait(options.wait); },
       .update = [&](Branch const& update,
                     FieldMask const& mask) { return client.update_branch(name, update, mask).wait(options.wait); }},
      options}
      .run();
}

Ensured<Endpoint> ensure_endpoint(PostgresClient const& client, std::string_view parent, Endpoint const& endpoint,
                                  std::string_view endpoint_id, EnsureOptions const& options) {
  auto const name = BranchName::parse(parent).endpoint(endpoint_id);
  return Ensurer<Endpoint>{
      client,
      {.name = name.to_string(),
       .wanted = endpoint,
       .get = [&](PostgresClient const& by) { return by.get_endpoint(name); },
       .create = [&] { return client.create_endpoint(parent, endpoint, endpoint_id).wait(options.wait); },
       .update = [&](Endpoint const& update,
                     FieldMask const& mask) { return client.update_endpoint(name, update, mask).wait(options.wait); }},
      options}
      .run();
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
