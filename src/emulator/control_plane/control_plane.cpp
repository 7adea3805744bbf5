#include "control_plane/control_plane.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "control_plane/unoffered.hpp"
#include "http/json_reply.hpp"
#include "postgres/data_plane_errors.hpp"
#include "postgres/resource_routes.hpp"

namespace lakebase::emulator {
namespace {

constexpr int tables_synced_at_once = 4;

ServiceError no_such_api(HttpRequest const& request) {
  if (request.path.starts_with("/emulator/")) {
    return {404, "ENDPOINT_NOT_FOUND",
            fmt::format("The emulator has no control '{} {}'", request.method, request.path)};
  }
  std::string_view path = request.path;
  for (std::string_view const prefix : {"/api/2.0", "/api/2.1"}) {
    if (path.starts_with(prefix)) {
      path.remove_prefix(prefix.size());
      break;
    }
  }
  return {404, "ENDPOINT_NOT_FOUND", fmt::format("No API found for '{} {}'", request.method, path)};
}

template <class Route>
HttpReply caught(Route const& route) {
  try {
    return route();
  } catch (ServiceError const& error) {
    return error_reply(error);
  } catch (DataPlaneError const& error) {
    return error_reply(service_error_of(error));
  } catch (std::exception const& error) {
    return error_reply(ServiceError{500, "INTERNAL_ERROR", error.what()});
  }
}

template <class Route>
HttpReply with_fault(std::optional<Fault> const& fault, Route const& route) {
  if (!fault) return route();
  if (auto instead = fault->instead()) return *instead;
  return fault->damaged(caught(route));
}

bool starts_with(std::vector<std::string> const& segments, std::initializer_list<std::string_view> wanted) {
  return segments.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), segments.begin());
}

// `GET` of an operation, by its name.
Json operation_of(Engine<State>& engine, Call const& call) {
  auto const name = fmt::format("{}", fmt::join(call.path, "/"));
  return engine.operation(name.substr(postgres_api.size()));
}

}  // namespace

ControlPlane::ControlPlane(WorkspaceOptions options, Computes& computes, Timekeeper& time)
    : time_(time), workspace_(std::move(options), computes, time.clock()) {
  resources_.routes(router_);
  credentials_.routes(router_);
  permissions_.routes(router_);
  database_.routes(router_);
  controls_.routes(router_);
  router_.add("GET", "api/2.0/preview/scim/v2/Me", [this](Call const& call) {
    Response response{identity_provider_.me(call.caller)};
    response.headers.emplace_back("X-Databricks-Org-Id", workspace_id);
    return response;
  });
  add_unoffered(router_);
  // Of any resource, also if it is gone.
  router_.add("GET", fmt::format("{}**/operations/*", postgres_api),
              [this](Call const& call) { return operation_of(workspace_.engine(), call); });
}

ControlPlane::~ControlPlane() {
  stop();
}

void ControlPlane::open() {
  workspace_.engine().open();
  data_api_.follow();
  for (auto& due : what_becomes_due()) due_.push_back(time_.add(std::move(due)));
}

void ControlPlane::stop() {
  resources_.get<SyncedTables>().syncs().stop();
  resources_.get<CdfConfigs>().feeds().stop();
  due_.clear();
  workspace_.engine().stop();
}

// Cleanups are apart, because one may wait for a server, and expiry and purging must not. What is attempted until it
// succeeds has been due since ever.
std::vector<Due> ControlPlane::what_becomes_due() {
  auto& engine = workspace_.engine();
  auto const failed = [this](std::exception const& error) { log_failure(error); };
  auto& syncs = resources_.get<SyncedTables>().syncs();
  auto& feeds = resources_.get<CdfConfigs>().feeds();
  std::vector<Due> all{{.next = [&engine] { return engine.is_unsaved() ? std::optional{TimePoint{}} : std::nullopt; },
                        .run = [&engine] { engine.save_again(); },
                        .failed = failed},
                       {.next = [this] { return next_of_resources(); },
                        .run =
                            [this] {
                              resources_.run_due();
                              database_.run_due();
                            },
                        .failed = failed,
                        .busy = [this] { return workspace_.is_at_work(); }},
                       {.next = [&engine] { return engine.next_cleanup() ? std::optional{TimePoint{}} : std::nullopt; },
                        .run = [&engine] { engine.clean_up_again(); },
                        .failed = failed}};
  all.push_back({.next = [this] { return data_api_.is_behind() ? std::optional{TimePoint{}} : std::nullopt; },
                 .run = [this] { data_api_.follow(); },
                 .failed = failed});
  for (int i = 0; i < tables_synced_at_once; ++i) {
    all.push_back({.next = [&syncs] { return syncs.next_due(); },
                   .run = [&syncs] { syncs.run_one(); },
                   .failed = failed,
                   .pause = std::chrono::milliseconds{20},
                   .looks_outside = true});
  }
  all.push_back({.next = [&feeds] { return feeds.next_due(); },
                 .run = [&feeds] { feeds.run_one(); },
                 .failed = failed,
                 .pause = std::chrono::milliseconds{20},
                 .looks_outside = true});
  return all;
}

Duration ControlPlane::retention_of(std::string_view branch_uid) const {
  return workspace_.read([&](State const& state) {
    for (auto const& project : state.projects) {
      for (auto const& branch : project.branches) {
        if (branch.uid == branch_uid) return project.history_retention;
      }
    }
    return workspace_.limits().longest_history;
  });
}

std::optional<TimePoint> ControlPlane::next_of_resources() const {
  auto soonest = resources_.next_due();
  take_sooner(soonest, database_.next_due());
  return soonest;
}

void ControlPlane::log_failure(std::exception const& error) const {
  workspace_.log(fmt::format("What is due failed, and is attempted again: {}", error.what()));
}

// Nothing that fails keeps the rest from its turn.
void ControlPlane::sweep() {
  for (auto const& due : what_becomes_due()) {
    try {
      due.run();
    } catch (std::exception const& error) {
      log_failure(error);
    }
  }
}

HttpReply ControlPlane::handle(HttpRequest const& request) {
  HttpReply const reply = with_request_id(respond(request));
  if (workspace_.options().log_requests) {
    workspace_.log(fmt::format("{} {} -> {}", request.method, request.path, reply.status));
  }
  return reply;
}

HttpReply ControlPlane::handle_data_api(std::string const& address, HttpRequest const& request) {
  HttpReply const reply = with_request_id(caught([&] {
    auto const fault = data_api_.knows(request) ? faults_.next(request) : faults_.by_rule(request);
    return with_fault(fault, [&] { return data_api_.handle(address, request); });
  }));
  if (workspace_.options().log_requests) {
    workspace_.log(fmt::format("{} {} at {} -> {}", request.method, request.path, address, reply.status));
  }
  return reply;
}

// The header for faults works for authenticated callers only.
HttpReply ControlPlane::respond(HttpRequest const& request) {
  auto const& segments = request.segments;
  if (starts_with(segments, {"oidc"}) || starts_with(segments, {".well-known"})) {
    return caught([&] { return with_fault(faults_.by_rule(request), [&] { return oidc(request); }); });
  }
  Identity caller;
  try {
    caller = identity_provider_.authenticate(request.authorization);
  } catch (ServiceError const& error) {
    return error_reply(error);
  }
  HttpReply reply = caught([&] { return respond(request, caller); });
  reply.authenticated = true;
  return reply;
}

HttpReply ControlPlane::respond(HttpRequest const& request, Identity const& caller) {
  auto const carry_out = [&] { return call(request, caller); };
  bool const is_control = starts_with(request.segments, {"emulator"});
  return is_control ? carry_out() : with_fault(faults_.next(request), carry_out);
}

HttpReply ControlPlane::call(HttpRequest const& request, Identity const& caller) const {
  auto const* const handler = router_.find(request.method, request.segments);
  if (handler == nullptr) throw no_such_api(request);
  bool const has_body = request.method != "GET" && request.method != "HEAD";
  Call const call{caller, request.segments, Query{request.query}, has_body ? parse_body(request.body) : Json::object()};
  permissions_.require(request.method, call);
  auto const response = (*handler)(call);
  HttpReply reply = json_reply(response.body);
  reply.headers = response.headers;
  return reply;
}

HttpReply ControlPlane::oidc(HttpRequest const& request) {
  auto const call = request.method + " " + request.path;
  if (call == "GET /.well-known/databricks-config") {
    return json_reply(Json{{"oidc_endpoint", base_url_ + "/oidc"}, {"host_type", "workspace"}});
  }
  if (call == "GET /oidc/.well-known/oauth-authorization-server") {
    return json_reply(Json{{"issuer", base_url_ + "/oidc"},
                           {"authorization_endpoint", base_url_ + "/oidc/v1/authorize"},
                           {"token_endpoint", base_url_ + "/oidc/v1/token"},
                           {"grant_types_supported", Json::array({"client_credentials"})}});
  }
  if (call == "POST /oidc/v1/token") {
    int status = 200;
    Json const body = identity_provider_.issue_token(request.authorization, Query{decoded_form(request.body)}, status);
    HttpReply reply = json_reply(body, status);
    reply.authenticated = status == 200;
    return reply;
  }
  throw no_such_api(request);
}

}  // namespace lakebase::emulator
