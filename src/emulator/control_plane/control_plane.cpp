#include "control_plane/control_plane.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "common/all_signals_blocked_posix.hpp"
#include "http/json_reply.hpp"
#include "postgres/data_plane_errors.hpp"

namespace lakebase::emulator {
namespace {

struct Unoffered {
  std::string_view segment, what;
};

// Parts of the service's API that the emulator does not implement.
constexpr std::array<Unoffered, 11> unoffered = {{{"catalogs", "Unity Catalog registration"},
                                                  {"synced_tables", "synced tables"},
                                                  {"tables", "tables of Unity Catalog"},
                                                  {"data-api", "the Data API"},
                                                  {"cdf-configs", "change data feed configurations"},
                                                  {"cdf-statuses", "change data feed configurations"},
                                                  {"snapshots", "snapshots"},
                                                  {"snapshot-schedule", "snapshot schedules"},
                                                  {"forward-etl", "forward ETL"},
                                                  {"replication-groups", "replication groups"},
                                                  {"recovery-branches", "recovery branches"}}};

void refuse_unoffered(std::vector<std::string> const& segments) {
  // Collections are the segments with even indexes; those of previews follow `preview`.
  for (std::size_t i = 0; i < segments.size(); ++i) {
    bool const behind_preview = i > 0 && segments[i - 1] == "preview";
    if (i % 2 != 0 && !behind_preview) continue;
    for (auto const& [segment, what] : unoffered) {
      if (segments[i] == segment) throw not_offered(what);
    }
  }
}

ServiceError no_such_api(HttpRequest const& request) {
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

std::vector<std::string> after(std::vector<std::string> const& segments, std::ptrdiff_t count) {
  return {segments.begin() + count, segments.end()};
}

}  // namespace

ControlPlane::ControlPlane(WorkspaceOptions options, Computes& computes, Clock clock)
    : workspace_(std::move(options), computes, std::move(clock)) {
  resources_.routes(router_);
  credentials_.routes(router_);
}

ControlPlane::~ControlPlane() {
  stop();
}

void ControlPlane::open() {
  workspace_.engine().open();
  AllSignalsBlocked const in_the_threads;
  sweeper_ = std::thread([this] { repeat_until_stopped([this] { sweep_resources(); }); });
  cleaner_ = std::thread([this] { repeat_until_stopped([this] { clean_up(); }); });
}

void ControlPlane::stop() {
  {
    std::lock_guard const lock{sweep_mutex_};
    stopping_ = true;
  }
  stopped_.notify_all();
  if (sweeper_.joinable()) sweeper_.join();
  if (cleaner_.joinable()) cleaner_.join();
  workspace_.engine().stop();
}

HttpReply ControlPlane::handle(HttpRequest const& request) {
  HttpReply const reply = with_request_id(respond(request));
  if (workspace_.options().log_requests) {
    workspace_.log(fmt::format("{} {} -> {}", request.method, request.path, reply.status));
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
  auto const& segments = request.segments;
  if (starts_with(segments, {"emulator"})) {
    return json_reply(controls_.handle(request.method, after(segments, 1), parse_body(request.body)));
  }
  return with_fault(faults_.next(request), [&] {
    HttpReply reply = json_reply(api(request, caller));
    if (segments.back() == "Me") reply.headers.emplace_back("X-Databricks-Org-Id", workspace_id);
    return reply;
  });
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

Json ControlPlane::api(HttpRequest const& request, Identity const& caller) {
  auto const& segments = request.segments;
  auto const is_get = request.method == "GET" || request.method == "HEAD";
  if (starts_with(segments, {"api", "2.0", "postgres"})) return postgres(request, after(segments, 3), caller);
  if (is_get && request.path == "/api/2.0/preview/scim/v2/Me") return identity_provider_.me(caller);
  if (starts_with(segments, {"api", "2.0", "permissions", "database-projects"}) && segments.size() == 5) {
    if (is_get) return resources_.get<Projects>().permissions(segments[4]);
    throw not_offered("changes of permissions");
  }
  if (starts_with(segments, {"api", "2.0", "database"})) throw not_offered("the API of provisioned instances");
  throw no_such_api(request);
}

Json ControlPlane::postgres(HttpRequest const& request, std::vector<std::string> const& segments,
                            Identity const& caller) {
  refuse_unoffered(segments);
  auto const& method = request.method;
  auto const size = segments.size();
  bool const is_get = method == "GET" || method == "HEAD";
  if (size == 0 || segments.back().empty()) throw no_such_api(request);
  if (is_get && size > 2 && segments[size - 2] == "operations") {
    return workspace_.engine().operation(fmt::format("{}", fmt::join(segments, "/")));
  }
  Call const call{caller, segments, Query{request.query}, is_get ? Json::object() : parse_body(request.body)};
  auto found = router_.route(is_get ? "GET" : method, call);
  if (!found) throw no_such_api(request);
  return *std::move(found);
}

// Nothing that fails in the background may end the process, or keep the rest from its turn.
void ControlPlane::attempt(std::function<void()> const& work) {
  try {
    work();
  } catch (std::exception const& error) {
    workspace_.log(fmt::format("What is due failed, and is attempted again: {}", error.what()));
  }
}

void ControlPlane::sweep_resources() {
  attempt([this] { workspace_.engine().save_again(); });
  attempt([this] { resources_.sweep(); });
}

void ControlPlane::clean_up() {
  attempt([this] { workspace_.engine().clean_up_again(); });
}

void ControlPlane::sweep() {
  sweep_resources();
  clean_up();
}

void ControlPlane::repeat_until_stopped(std::function<void()> const& work) {
  std::unique_lock lock{sweep_mutex_};
  while (!stopped_.wait_for(lock, std::chrono::seconds{1}, [&] { return stopping_; })) {
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace lakebase::emulator
