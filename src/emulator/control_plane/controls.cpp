#include "control_plane/controls.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace lakebase::emulator {
namespace {

constexpr std::string_view not_in_that_state = "55000";

FaultRule rule_from(Fields const& body) {
  FaultRule rule;
  auto const text = body.text("fault");
  if (!text) throw required_field("fault");
  rule.fault = Fault::parse(*text);
  rule.method = body.text("method").value_or("");
  rule.path = body.text("path").value_or("");
  rule.times = body.integer("times").value_or(0);
  rule.every = body.integer("every").value_or(1);
  if (rule.times < 0 || rule.every < 1) throw invalid("'times' must not be negative, and 'every' must be positive.");
  return rule;
}

LoginRefusal refusal_from(Fields const& body) {
  LoginRefusal refusal;
  refusal.sqlstate = body.text("sqlstate").value_or(refusal.sqlstate);
  refusal.message = body.text("message").value_or(refusal.message);
  refusal.times = body.integer("times").value_or(0);
  if (refusal.sqlstate.size() != 5) throw invalid("'sqlstate' must have five characters.");
  if (refusal.times < 0) throw invalid("'times' must not be negative.");
  return refusal;
}

std::string endpoint_of(Fields const& body) {
  auto const endpoint = body.text("endpoint");
  auto const instance = body.text("instance");
  if (endpoint && instance) throw invalid("Only one of 'endpoint' and 'instance' can be set.");
  if (!endpoint && !instance) throw required_field("endpoint");
  return endpoint ? *endpoint : *instance;
}

}  // namespace

// The name of an endpoint has slashes, and that of an instance has none.
std::string Controls::uid_of(std::string const& name) const {
  bool const is_endpoint = name.find('/') != std::string::npos;
  return is_endpoint ? endpoints_.uid_of(name) : instances_.endpoint_uid(name);
}

void Controls::suspend(std::string const& endpoint_name) {
  workspace_.computes().suspend(uid_of(endpoint_name));
}

void Controls::crash(std::string const& endpoint_name) {
  workspace_.computes().crash(uid_of(endpoint_name));
}

void Controls::fail_over(std::string const& endpoint_name) try {
  workspace_.computes().fail_over(uid_of(endpoint_name));
} catch (DataPlaneError const& error) {
  // Its words are the data plane's own, not PostgreSQL's.
  if (error.sqlstate() == not_in_that_state) throw bad_request(error.what());
  throw;
}

void Controls::reset_branch(std::string const& branch_name) {
  auto const name = parse_name(branch_name);
  if (!name || !name->is(branch_kind)) throw invalid(fmt::format("'{}' is not the name of a branch.", branch_name));
  workspace_.finish(branches_.reset(*name));
}

void Controls::refuse_logins(std::string const& endpoint_name, LoginRefusal refusal) {
  credentials_.refuse_logins(uid_of(endpoint_name), std::move(refusal));
}

void Controls::accept_logins(std::string const& endpoint_name) {
  credentials_.accept_logins(uid_of(endpoint_name));
}

std::vector<std::string> Controls::running_operations() const {
  return workspace_.read([](State const& state) { return running(state.operations); });
}

std::vector<std::string> Controls::advance(Duration duration) {
  if (duration <= Duration::zero()) throw invalid("The time goes ahead only: 'advance' must be more than nothing.");
  try {
    return time_.advance(duration) ? std::vector<std::string>{} : running_operations();
  } catch (std::invalid_argument const& error) {
    throw invalid(fmt::format("'advance' is too much: {}, and now it is {}.", error.what(), to_text(now())));
  }
}

Json Controls::advance(Fields const& body) {
  auto const text = body.text("advance");
  if (!text) throw required_field("advance");
  auto const duration = parse_span(*text);
  if (!duration) {
    throw invalid(fmt::format(
        "'advance' must tell how far the time is to go ahead, in weeks, days, hours, minutes and "
        "seconds, as \"2w\", \"3d\", \"36h\", \"15m\", \"90s\" or \"1d12h\", and not beyond the year 2100; got '{}'.",
        *text));
  }
  auto const left = advance(*duration);
  Json response = clock();
  if (!left.empty()) response["still_running"] = left;
  return response;
}

Json Controls::clock() const {
  return Json{{"now", to_text(now())}, {"ahead", to_text(time_.ahead())}};
}

Json Controls::standbys_of(EndpointRecord const& endpoint) const {
  Json standbys = Json::array();
  for (auto const& member : workspace_.computes().members(endpoint.uid)) {
    if (!member.is_standby) continue;
    Json standby{{"number", member.number}, {"open_sessions", member.status.open_sessions}};
    if (member.lag) standby["lag_bytes"] = *member.lag;
    standbys.push_back(std::move(standby));
  }
  return standbys;
}

Json Controls::state() const {
  auto const state = workspace_.read([](State const& current) { return current; });
  Json endpoints = Json::array();
  auto const projects = std::count_if(state.projects.begin(), state.projects.end(), is_project);
  for (auto const& project : state.projects) {
    for (auto const& branch : project.branches) {
      for (auto const& endpoint : branch.endpoints) {
        auto const compute = status_of(workspace_.computes(), endpoint);
        auto const name =
            is_project(project) ? endpoint_name(project.id, branch.id, endpoint.id).text() : project.instance->name;
        endpoints.push_back(Json{{"name", name},
                                 {"uid", endpoint.uid},
                                 {"host", endpoint.address},
                                 {"open_sessions", compute ? compute->open_sessions : 0}});
        if (compute && endpoint.computes > 1) endpoints.back()["standbys"] = standbys_of(endpoint);
      }
    }
  }
  auto const versions = workspace_.computes().server_versions();
  return Json{{"postgres_version", choose_version(versions, std::nullopt)},
              {"postgres_versions", versions},
              {"projects", projects},
              {"database_instances",
               std::count_if(state.projects.begin(), state.projects.end(),
                             [](ProjectRecord const& project) { return project.instance && !project.delete_time; })},
              {"running_operations", running_operations()},
              {"endpoints", endpoints},
              {"faults", faults_.list()}};
}

void Controls::routes(Router& router) {
  router.add("GET", "emulator/state", [this](Call const&) { return state(); });
  router.add("GET", "emulator/clock", [this](Call const&) { return clock(); });
  router.add("POST", "emulator/clock", [this](Call const& call) { return advance(call.fields()); });
  auto const add = [&](std::string_view method, std::string_view path, std::function<void(Fields const&)> control) {
    router.add(method, path, [control = std::move(control)](Call const& call) {
      control(call.fields());
      return Json::object();
    });
  };
  add("POST", "emulator/suspend", [this](Fields const& body) { suspend(endpoint_of(body)); });
  add("POST", "emulator/crash", [this](Fields const& body) { crash(endpoint_of(body)); });
  add("POST", "emulator/failover", [this](Fields const& body) { fail_over(endpoint_of(body)); });
  add("POST", "emulator/refuse-logins",
      [this](Fields const& body) { refuse_logins(endpoint_of(body), refusal_from(body)); });
  add("POST", "emulator/accept-logins", [this](Fields const& body) { accept_logins(endpoint_of(body)); });
  add("POST", "emulator/token-life", [this](Fields const& body) { set_token_life(body.duration("life")); });
  add("POST", "emulator/faults", [this](Fields const& body) { inject(rule_from(body)); });
  add("DELETE", "emulator/faults", [this](Fields const&) { clear_faults(); });
}

}  // namespace lakebase::emulator
