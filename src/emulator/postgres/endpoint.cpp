#include "postgres/endpoint.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "common/random.hpp"
#include "engine/paging.hpp"
#include "postgres/cleanup.hpp"
#include "postgres/compute_rules.hpp"
#include "postgres/resource_routes.hpp"
#include "postgres/update.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::int64_t most_instances_on_a_page = 1000;
/// The connections of a compute that may grow further than this are those of this many times its smallest size.
constexpr double most_growth = 8;

MaskRules const& endpoint_mask() {
  using enum MaskPath::Kind;
  static MaskRules const instance{{{"spec.endpoint_type", fixed},
                                   {"spec.autoscaling_limit_min_cu"},
                                   {"spec.autoscaling_limit_max_cu"},
                                   {"spec.suspension", oneof, {"suspend_timeout_duration", "no_suspension"}, true},
                                   {"spec.disabled"},
                                   {"spec.settings.pg_settings", list, {}, false},
                                   {"spec.group.min", value, {}, false},
                                   {"spec.group.max", value, {}, false},
                                   {"spec.group.enable_readable_secondaries", value, {}, false}},
                                  {{"spec.settings"}, {"spec.group"}}};
  return instance;
}

ServiceError endpoint_not_found() {
  return not_found("endpoint id not found");
}

template <class AnyState>
auto& live_endpoint(AnyState& state, ResourceName const& name) {
  auto* const endpoint = live_branch(state, name).endpoints.find(name.id_of(endpoint_kind));
  if (endpoint == nullptr) throw endpoint_not_found();
  return *endpoint;
}

// True for READ_ONLY; none if the type is not given.
std::optional<bool> read_type(Fields const& spec) {
  auto const type = spec.text("endpoint_type");
  if (!type) return std::nullopt;
  if (*type == "ENDPOINT_TYPE_READ_ONLY") return true;
  if (*type == "ENDPOINT_TYPE_READ_WRITE") return false;
  throw invalid(fmt::format("Field '{}' must be ENDPOINT_TYPE_READ_WRITE or ENDPOINT_TYPE_READ_ONLY, got '{}'.",
                            spec.path_of("endpoint_type"), *type));
}

void apply(Fields const& spec, Touched const& touched, Limits const& limits, EndpointRecord& endpoint) {
  endpoint.compute = changed_compute(std::move(endpoint.compute), spec, touched, "spec.", limits);
  if (touched.contains("spec.disabled")) endpoint.disabled = spec.flag("disabled").value_or(false);
  if (touched.contains("spec.settings.pg_settings")) {
    endpoint.compute.pg_settings = spec.message("settings").text_map("pg_settings");
  }
  bool const changes_size = touched.contains("spec.group.min") || touched.contains("spec.group.max");
  if (changes_size || touched.contains("spec.group.enable_readable_secondaries")) {
    auto const computes = read_group(spec.message("group"));
    if (changes_size) endpoint.computes = computes;
  }
  if (touched.contains("spec.group.enable_readable_secondaries")) {
    endpoint.readable_secondaries = read_readable_secondaries(spec);
  }
  if (endpoint.computes > 1 && endpoint.read_only) throw not_offered("groups of several read-only computes");
  require_always_on(endpoint.computes, endpoint.compute, spec);
}

void check_room(BranchRecord const& branch, EndpointRecord const& endpoint, Limits const& limits) {
  auto const is_same_type = [&](EndpointRecord const& other) { return other.read_only == endpoint.read_only; };
  auto const count = std::count_if(branch.endpoints.begin(), branch.endpoints.end(), is_same_type);
  if (!endpoint.read_only && count > 0) throw bad_request("read_write endpoint already exists");
  if (branch.endpoints.find(endpoint.id) != nullptr) {
    throw bad_request("endpoint with such id already exists");
  }
  if (!endpoint.read_only) return;
  require_room(limits.read_only_endpoints, static_cast<std::size_t>(count),
               {.whose = "A branch", .what = "read-only endpoints", .limit = "read-only-endpoints"});
}

constexpr QuotaWords active_computes{.whose = "A project",
                                     .what = "active computes",
                                     .limit = "active-computes",
                                     .remedy = "Wait until one is suspended, or disable one"};

bool is_active(Computes const& computes, EndpointRecord const& endpoint) {
  auto const status = status_of(computes, endpoint);
  return endpoint.creating || (status && status->state != ComputeState::idle);
}

std::size_t count_active(Computes const& computes, ProjectRecord const& project) {
  std::ptrdiff_t count = 0;
  for (auto const& branch : project.branches) {
    if (branch.delete_time) continue;
    count += std::count_if(branch.endpoints.begin(), branch.endpoints.end(),
                           [&](EndpointRecord const& endpoint) { return is_active(computes, endpoint); });
  }
  return static_cast<std::size_t>(count);
}

std::string_view state_text(ComputeState state) {
  switch (state) {
    case ComputeState::init:
      return "INIT";
    case ComputeState::active:
      return "ACTIVE";
    case ComputeState::degraded:
      return "DEGRADED";
    case ComputeState::idle:
      return "IDLE";
  }
  return "INIT";
}

std::string endpoint_type(EndpointRecord const& endpoint) {
  return endpoint.read_only ? "ENDPOINT_TYPE_READ_ONLY" : "ENDPOINT_TYPE_READ_WRITE";
}

// INIT is for one that is being created. A compute that starts later is IDLE until it takes connections, which wait for
// it: clients such as the Databricks CLI do not connect to an endpoint in INIT.
std::string endpoint_state(EndpointRecord const& endpoint, std::optional<ComputeStatus> const& status) {
  if (endpoint.creating) return "INIT";
  bool const takes_connections = status && status->state == ComputeState::active;
  return std::string(state_text(takes_connections ? ComputeState::active : ComputeState::idle));
}

std::string compute_instance_id(EndpointRecord const& endpoint, int number) {
  auto const id = "compute-" + endpoint.uid.substr(endpoint.uid.rfind('-') + 1);
  return number == 0 ? id : fmt::format("{}-{}", id, number);
}

Json settings_json(EndpointRecord const& endpoint) {
  Json json = Json::object();
  if (!endpoint.compute.pg_settings.empty()) json["pg_settings"] = endpoint.compute.pg_settings;
  return json;
}

Json group_json(EndpointRecord const& endpoint) {
  return Json{{"min", endpoint.computes},
              {"max", endpoint.computes},
              {"enable_readable_secondaries", endpoint.readable_secondaries.value_or(endpoint.read_only)}};
}

std::vector<ComputeMember> members_of(Computes const& computes, EndpointRecord const& endpoint) {
  try {
    return computes.members(endpoint.uid);
  } catch (DataPlaneError const&) {
    return {};  // soft-deleted, or deleted since the state was read
  }
}

std::optional<std::string> former_address(std::string const& address) {
  return address.empty() ? std::nullopt : std::optional{address};
}

void open_read_only_front(Computes& computes, EndpointRecord& endpoint) {
  if (!has_readable_standbys(endpoint)) return;
  endpoint.read_only_address = computes.open_read_only_front(endpoint.uid, former_address(endpoint.read_only_address));
}

// Direct connections by the largest size of the compute, as documented; interpolated between the documented sizes.
int max_connections(double cu) {
  struct Step {
    double cu;
    double connections;
  };
  static constexpr std::array<Step, 7> steps = {
      {{0.5, 104}, {1, 209}, {2, 419}, {4, 839}, {8, 1678}, {16, 3357}, {24, 4000}}};
  if (cu >= steps.back().cu) return static_cast<int>(steps.back().connections);
  auto const above = std::find_if(steps.begin() + 1, steps.end(), [&](Step const& step) { return step.cu >= cu; });
  auto const below = above - 1;
  auto const share = std::max(0.0, cu - below->cu) / (above->cu - below->cu);
  return static_cast<int>(below->connections + share * (above->connections - below->connections));
}

}  // namespace

EndpointRecord primary_endpoint(State& state, RandomBytes const& random, ComputeSpec const& compute, TimePoint now) {
  EndpointRecord endpoint;
  endpoint.sequence = next_sequence(state);
  endpoint.id = "primary";
  endpoint.uid = random_words("ep", random);
  endpoint.compute = compute;
  endpoint.create_time = endpoint.update_time = now;
  endpoint.creating = true;
  return endpoint;
}

void require_active_room(Workspace const& workspace, ProjectRecord const& project) {
  auto const quota = workspace.limits().active_computes;
  if (quota) require_room(quota, count_active(workspace.computes(), project), active_computes);
}

std::optional<std::string> reason_to_sleep(Workspace const& workspace, ProjectRecord const& project,
                                           EndpointRecord const& endpoint) {
  auto const quota = workspace.limits().active_computes;
  if (!quota || is_active(workspace.computes(), endpoint)) return std::nullopt;
  if (std::cmp_less(count_active(workspace.computes(), project), *quota)) return std::nullopt;
  return quota_message(*quota, active_computes);
}

bool has_readable_standbys(EndpointRecord const& endpoint) {
  return endpoint.computes > 1 && endpoint.readable_secondaries.value_or(false);
}

void open_fronts(Computes& computes, std::string const& branch_uid, EndpointRecord& endpoint) {
  endpoint.address =
      computes.add_endpoint(endpoint.uid, branch_uid, settings_of(endpoint), former_address(endpoint.address));
  open_read_only_front(computes, endpoint);
}

void update_computes(Computes& computes, EndpointRecord& endpoint) {
  computes.update_endpoint(endpoint.uid, settings_of(endpoint));
  open_read_only_front(computes, endpoint);
}

std::string read_only_host_of(EndpointRecord const& endpoint) {
  if (endpoint.read_only) return endpoint.address;
  return has_readable_standbys(endpoint) ? endpoint.read_only_address : std::string{};
}

void bring_up(Computes& computes, std::string const& branch_uid, EndpointRecord& endpoint) {
  open_fronts(computes, branch_uid, endpoint);
  if (!endpoint.disabled) computes.start(endpoint.uid);
}

void open_new(Workspace& workspace, std::string const& branch_uid, EndpointRecord& endpoint) {
  auto& computes = workspace.computes();
  // Only the first connection waits for the server to start, not the operation, nor the next branch; unless active
  // computes are counted.
  if (workspace.limits().active_computes) return bring_up(computes, branch_uid, endpoint);
  open_fronts(computes, branch_uid, endpoint);
  computes.start_soon(endpoint.uid);
}

void Endpoints::routes(Router& router) {
  ResourceRoutes{router, endpoint_kind}
      .list([this](ResourceName const& branch, Call const& call) { return list(branch, call.query); })
      .create([this](ResourceName const& branch, Call const& call) { return create(branch, call); })
      .get([this](ResourceName const& name, Call const&) { return get(name); })
      .update([this](ResourceName const& name, Call const& call) { return update(name, call); })
      .remove([this](ResourceName const& name, Call const&) { return remove(name); });
  ResourceRoutes{router, compute_instance_kind}
      .list([this](ResourceName const& endpoint, Call const& call) {
        return list_compute_instances(endpoint, call.query);
      })
      .get([this](ResourceName const& name, Call const&) { return get_compute_instance(name); });
}

std::optional<ComputeStatus> status_of(Computes const& computes, EndpointRecord const& endpoint) {
  if (endpoint.creating) return std::nullopt;
  try {
    return computes.status(endpoint.uid);
  } catch (DataPlaneError const&) {
    return std::nullopt;  // soft-deleted, or deleted since the state was read
  }
}

ComputeSettings settings_of(EndpointRecord const& endpoint) {
  ComputeSettings settings;
  settings.read_only = endpoint.read_only;
  settings.suspend_after = endpoint.compute.suspend_after;
  settings.disabled = endpoint.disabled;
  settings.max_connections =
      endpoint.max_connections > 0
          ? static_cast<int>(endpoint.max_connections)
          : max_connections(std::min(endpoint.compute.max_cu, most_growth * endpoint.compute.min_cu));
  settings.pg_settings = endpoint.compute.pg_settings;
  settings.standbys = static_cast<int>(endpoint.computes - 1);
  settings.readable_standbys = has_readable_standbys(endpoint);
  return settings;
}

Json Endpoints::view(ProjectRecord const& project, BranchRecord const& branch, EndpointRecord const& endpoint) const {
  auto const compute = status_of(workspace_.computes(), endpoint);
  Json json{{"name", endpoint_name(project.id, branch.id, endpoint.id).text()},
            {"endpoint_id", endpoint.id},
            {"parent", branch_name(project.id, branch.id).text()},
            {"uid", endpoint.uid},
            {"create_time", to_text(endpoint.create_time)},
            {"update_time", to_text(endpoint.update_time)}};
  if (workspace_.options().echo_spec) {
    Json& spec = json["spec"];
    spec["endpoint_type"] = endpoint_type(endpoint);
    put_compute(spec, endpoint.compute, true);
    spec["disabled"] = endpoint.disabled;
    spec["settings"] = settings_json(endpoint);
    spec["group"] = group_json(endpoint);
  }
  Json& shown = json["status"];
  shown["endpoint_id"] = endpoint.id;
  shown["endpoint_type"] = endpoint_type(endpoint);
  shown["current_state"] = endpoint_state(endpoint, compute);
  bool const reconciling = endpoint.reconciling_until && *endpoint.reconciling_until > workspace_.now();
  if (endpoint.creating || reconciling) shown["pending_state"] = endpoint.disabled ? "IDLE" : "ACTIVE";
  shown["disabled"] = endpoint.disabled;
  put_compute(shown, endpoint.compute, false);
  shown["settings"] = settings_json(endpoint);
  shown["group"] = group_json(endpoint);
  if (!endpoint.address.empty()) {
    shown["hosts"] = Json{{"host", endpoint.address}};
    auto const read_only = read_only_host_of(endpoint);
    if (!read_only.empty()) shown["hosts"]["read_only_host"] = read_only;
  }
  if (compute && compute->last_active.time_since_epoch().count() != 0) {
    shown["last_active_time"] = to_text(rounded(compute->last_active));
  }
  return json;
}

std::vector<Json> Endpoints::instance_views(ResourceName const& name) const {
  auto const endpoint = workspace_.read([&](State const& state) { return live_endpoint(state, name); });
  std::vector<Json> views;
  if (endpoint.creating) return views;
  for (auto const& member : members_of(workspace_.computes(), endpoint)) {
    auto const state = member.status.state;
    if (state == ComputeState::idle) continue;
    auto const id = compute_instance_id(endpoint, member.number);
    auto const of_primary = endpoint.read_only ? "READ_ONLY" : "READ_WRITE";
    Json json{{"name", name.child(compute_instance_kind, id).text()},
              {"compute_instance_id", id},
              {"role", member.is_standby ? "HOT_STANDBY" : of_primary},
              {"current_state", state_text(state)}};
    auto const address = member.is_standby ? read_only_host_of(endpoint) : endpoint.address;
    if (!address.empty()) json["compute_host"] = address;
    if (state == ComputeState::init) json["pending_state"] = state_text(ComputeState::active);
    if (member.status.started) json["start_time"] = to_text(rounded(*member.status.started));
    views.push_back(std::move(json));
  }
  return views;
}

Json Endpoints::get(ResourceName const& name) const {
  return show(*workspace_.state(), name);
}

Json Endpoints::show(State const& state, ResourceName const& name) const {
  return view(live_project(state, name.project()), live_branch(state, name), live_endpoint(state, name));
}

Json Endpoints::list(ResourceName const& parent, Query const& query) const {
  Page page{query, workspace_.mint(), parent.text() + "/endpoints"};
  auto const [project, branch] = workspace_.read([&](State const& state) {
    return std::pair{live_project(state, parent.project()), live_branch(state, parent)};
  });
  Json items = Json::array();
  for (auto const& endpoint : page.take(branch.endpoints)) items.push_back(view(project, branch, endpoint));
  return page.response("endpoints", std::move(items));
}

Json Endpoints::create(ResourceName const& branch, Call const& call) {
  auto const name = branch.child(endpoint_kind, call.query.text("endpoint_id"));
  check_id(endpoint_kind, name.id());
  if (workspace_.options().long_endpoint_ids && name.id().size() < 3) {
    throw invalid("Field endpoint_id must be at least 3 characters");
  }
  bool const replace = call.query.flag("replace_existing");
  auto const touched = carried_by(call.fields(), endpoint_mask());
  // The service names the parts of the new resource as parts of `endpoint`.
  Json const document{{"endpoint", call.body}};
  auto const spec = Fields{document}.message("endpoint").message("spec");
  return workspace_.accept([&](State& state) {
    bool const exists = live_branch(state, branch).endpoints.find(name.id()) != nullptr;
    return exists && replace ? plan_change(state, name, spec, touched) : plan_create(state, name, spec, touched);
  });
}

Plan Endpoints::plan_create(State& state, ResourceName const& name, Fields const& spec, Touched const& touched) {
  auto& project = live_project(state, name.project());
  auto& branch = live_branch(state, name);
  auto const read_only = read_type(spec);
  if (!read_only) throw required_field(spec.path_of("endpoint_type"));
  EndpointRecord endpoint = primary_endpoint(state, workspace_.random(), project.defaults, workspace_.now());
  endpoint.id = name.id();
  endpoint.read_only = *read_only;
  apply(spec, touched, workspace_.limits(), endpoint);
  check_room(branch, endpoint, workspace_.limits());
  if (!endpoint.disabled) require_active_room(workspace_, project);
  branch.endpoints.push_back(endpoint);
  auto plan = plan_for(state, name);
  auto const made = std::make_shared<EndpointRecord>(endpoint);
  plan.run = [this, uid = branch.uid, made] { bring_up(workspace_.computes(), uid, *made); };
  plan.commit = [name, made](State& now) {
    made->creating = false;
    live_endpoint(now, name) = *made;
  };
  // It is read-only, for a branch has its read-write endpoint from the beginning, and only one.
  plan.cleanups = {removal_of_endpoint(branch.uid, endpoint.uid)};
  plan.rollback = [name](State& now) { live_branch(now, name).endpoints.erase(name.id()); };
  plan.response = [this, name](State const& now) { return show(now, name); };
  return plan;
}

Json Endpoints::update(ResourceName const& name, Call const& call) {
  return workspace_.accept([&](State& state) {
    live_endpoint(state, name);
    return plan_change(state, name, call.fields().message("spec"),
                       touched_by_update(workspace_, call, endpoint_mask()));
  });
}

Plan Endpoints::plan_change(State& state, ResourceName const& name, Fields const& spec, Touched const& touched) {
  EndpointRecord wanted = live_endpoint(state, name);
  if (touched.contains("spec.endpoint_type") && read_type(spec).value_or(wanted.read_only) != wanted.read_only) {
    throw invalid(fmt::format("Field '{}' cannot be changed.", spec.path_of("endpoint_type")));
  }
  apply(spec, touched, workspace_.limits(), wanted);
  auto plan = plan_for(state, name);
  auto const made = std::make_shared<EndpointRecord>(wanted);
  plan.run = [this, made] { update_computes(workspace_.computes(), *made); };
  plan.commit = [this, name, made](State& now) {
    auto& endpoint = live_endpoint(now, name);
    endpoint = *made;
    endpoint.update_time = workspace_.now();
    if (workspace_.options().reconciliation_delay > Duration::zero()) {
      endpoint.reconciling_until = workspace_.now() + workspace_.options().reconciliation_delay;
    }
  };
  plan.undo = [this, before = live_endpoint(state, name)] {
    auto again = before;
    update_computes(workspace_.computes(), again);
  };
  plan.response = [this, name](State const& now) { return show(now, name); };
  return plan;
}

Json Endpoints::remove(ResourceName const& name) {
  return workspace_.accept([&](State& state) {
    auto const endpoint = live_endpoint(state, name);
    if (live_branch(state, name).is_protected) {
      throw bad_request("endpoint cannot be deleted for a protected branch");
    }
    if (!endpoint.read_only) {
      throw bad_request(
          fmt::format("Cannot delete read-write endpoint '{}'. Read-write endpoints cannot be deleted.", name.text()),
          managed_by_parent());
    }
    if (endpoint.reconciling_until && *endpoint.reconciling_until > workspace_.now()) {
      throw aborted("Endpoint reconciliation still in progress");
    }
    auto plan = plan_for(state, name);
    plan.commits_first = true;
    plan.cleanups = {removal_of_endpoint(live_branch(state, name).uid, endpoint.uid)};
    plan.commit = [name](State& now) { live_branch(now, name).endpoints.erase(name.id()); };
    return plan;
  });
}

Json Endpoints::get_compute_instance(ResourceName const& name) const {
  for (auto& instance : instance_views(name.parent())) {
    if (instance.at("compute_instance_id") == name.id()) return std::move(instance);
  }
  throw not_found("compute instance id not found");
}

Json Endpoints::list_compute_instances(ResourceName const& name, Query const& query) const {
  Page page{query, workspace_.mint(), name.text() + "/compute-instances", most_instances_on_a_page};
  struct Item {
    std::int64_t sequence;
    Json view;
  };
  std::vector<Item> all;
  for (auto& view : instance_views(name)) all.push_back({std::ssize(all) + 1, std::move(view)});
  Json items = Json::array();
  for (auto& item : page.take(all)) items.push_back(std::move(item.view));
  return page.response("compute_instances", std::move(items));
}

std::string Endpoints::uid_of(std::string const& name) const {
  auto const parsed = parse_name(name);
  if (!parsed || !parsed->is(endpoint_kind)) {
    throw invalid("Endpoint name expects 'projects/{project_id}/branches/{branch_id}/endpoints/{endpoint_id}' format");
  }
  return workspace_.read([&](State const& state) { return live_endpoint(state, *parsed).uid; });
}

}  // namespace lakebase::emulator
