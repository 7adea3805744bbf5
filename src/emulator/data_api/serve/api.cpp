#include "data_api/serve/api.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data_api/grammar/api_error.hpp"
#include "data_api/grammar/parser.hpp"
#include "data_api/serve/chosen_call.hpp"
#include "data_api/serve/errors.hpp"
#include "data_api/serve/served.hpp"

namespace lakebase::emulator::data_api {
namespace {

using namespace std::chrono_literals;

constexpr auto pool_patience = 10s;

}  // namespace

DatabaseApi::DatabaseApi(SessionPool::Open open, std::size_t most_sessions)
    : pool_(std::move(open), most_sessions, pool_patience) {}

void DatabaseApi::reload() {
  std::lock_guard const lock{mutex_};
  catalog_ = nullptr;
}

std::shared_ptr<Catalog const> DatabaseApi::catalog(DatabaseSession& session, std::vector<std::string> const& schemas) {
  {
    std::lock_guard const lock{mutex_};
    if (catalog_ && catalog_->schemas == schemas) return catalog_;
  }
  auto read = std::make_shared<Catalog>(read_catalog(session, schemas));
  std::lock_guard const lock{mutex_};
  read->version = ++catalog_version_;
  return catalog_ = std::move(read);
}

HttpReply DatabaseApi::handle(HttpRequest const& request, std::vector<std::string> const& path,
                              ApiSettings const& settings, std::optional<std::string> const& role) {
  auto const begin = std::chrono::steady_clock::now();
  HttpReply reply;
  try {
    if (is_preflight(request)) {
      reply.content_type.clear();
    } else {
      Served served{request, path, settings, role, parse_preferences(request.header("prefer")), {}, {}, nullptr};
      reply = respond(served);
      served.add_applied(reply);
    }
  } catch (ApiError const& error) {
    reply = api_error_reply(error);
  }
  if (settings.tells_times) {
    std::chrono::duration<double, std::milli> const took = std::chrono::steady_clock::now() - begin;
    reply.headers.emplace_back("Server-Timing", fmt::format("transaction;dur={:.1f}", took.count()));
  }
  add_cors_headers(request, settings, reply);
  return reply;
}

HttpReply DatabaseApi::respond(Served& served) {
  auto const& path = served.path;
  auto const& schemas = served.settings.schemas;
  served.schema = path.empty() || path.front().empty() ? schemas.front() : path.front();
  if (std::find(schemas.begin(), schemas.end(), served.schema) == schemas.end()) {
    throw ApiError{406,
                   "PGRST106",
                   fmt::format("Invalid schema: {}", served.schema),
                   {},
                   fmt::format("Only the following schemas are exposed: {}", fmt::join(schemas, ", "))};
  }
  bool const is_root = path.size() <= 1 || (path.size() == 2 && path[1].empty());
  bool const is_call = path.size() == 3 && path[1] == "rpc";
  if (!is_root && path.size() != 2 && !is_call) {
    throw ApiError{404, "PGRST125", "Invalid path specified in request URL"};
  }
  try {
    auto lease = pool_.lend([this] { reload(); });
    served.lease = &lease;
    try {
      served.catalog = catalog(*lease, schemas);
      served.begin();
      auto reply = reply_to(served, is_root, is_call);
      if (!served.is_committed) served.run_all({{"COMMIT"}});
      return reply;
    } catch (DataPlaneError const& error) {
      has_ended(error) ? lease.spoil() : void(lease->query("ROLLBACK"));
      throw error_of(error, !served.role);
    } catch (...) {
      lease->query("ROLLBACK");
      throw;
    }
  } catch (DataPlaneError const& error) {
    throw error_of(error, !served.role);
  }
}

HttpReply DatabaseApi::reply_to(Served& served, bool is_root, bool is_call) {
  try {
    return served.request.method == "OPTIONS" ? options_request(served, is_root, is_call)
           : is_root                          ? root_request(served)
           : is_call                          ? call_request(served)
                                              : table_request(served);
  } catch (ApiError const&) {
    // Who may not ask is told that, and not what there is.
    served.run_all({});
    throw;
  }
}

HttpReply DatabaseApi::root_request(Served& served) {
  if (!served.is_read())
    throw ApiError{405, "PGRST117", fmt::format("Unsupported HTTP method: {}", served.request.method)};
  if (!served.settings.has_openapi) {
    throw ApiError{404,
                   "PGRST126",
                   "Root endpoint metadata is disabled",
                   {},
                   "Set openapi_mode to OPEN_API_MODE_IGNORE_PRIVILEGES."};
  }
  HttpReply reply;
  reply.content_type = "application/openapi+json; charset=utf-8";
  reply.body = openapi_document(*served.catalog, served.schema, served.request.path).dump();
  return reply;
}

HttpReply DatabaseApi::options_request(Served& served, bool is_root, bool is_call) {
  std::string allowed = "OPTIONS,GET,HEAD";
  if (is_call) {
    auto const tree = parse_query(decoded_pairs(served.request.query_text), true);
    auto const call = chosen_call(*served.catalog, served.schema, served.path[2], served.request, tree);
    allowed = call.function->is_stable ? "OPTIONS,GET,HEAD,POST" : "OPTIONS,POST";
  } else if (!is_root) {
    auto const& table = table_in(*served.catalog, served.schema, served.path[1]);
    if (table.takes_inserts) allowed += ",POST";
    if (table.takes_inserts && table.takes_updates && !table.key.empty()) allowed += ",PUT";
    if (table.takes_updates) allowed += ",PATCH";
    if (table.takes_deletes) allowed += ",DELETE";
  }
  HttpReply reply;
  reply.content_type.clear();
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

HttpReply api_error_reply(ApiError const& error) {
  auto const or_null = [](std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json const body{{"code", error.code()},
                  {"message", error.what()},
                  {"details", error.has_json_details() ? Json::parse(error.details()) : or_null(error.details())},
                  {"hint", or_null(error.hint())}};
  HttpReply reply;
  reply.status = error.status();
  reply.content_type = "application/json; charset=utf-8";
  reply.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  reply.headers = error.headers();
  if (error.status() == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  return reply;
}

}  // namespace lakebase::emulator::data_api
