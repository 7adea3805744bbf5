#include "control_plane/data_api_gate.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "common/tokens.hpp"
#include "data_api/grammar/api_error.hpp"
#include "http/json_reply.hpp"
#include "postgres/data_api.hpp"
#include "postgres/endpoint.hpp"

namespace lakebase::emulator {
namespace {

using data_api::ApiError;

// `api/2.0/workspace/<id>/rest/<database>`
constexpr std::size_t data_api_prefix = 6;

bool is_data_api_path(std::vector<std::string> const& path) {
  return path.size() >= data_api_prefix && path[0] == "api" && path[1] == "2.0" && path[2] == "workspace" &&
         path[3] == workspace_id && path[4] == "rest";
}

data_api::ApiSettings settings_of(DataApiRecord const& record) {
  return {record.db_schemas,
          record.db_extra_search_path,
          record.db_max_rows,
          record.db_anon_role,
          record.db_aggregates_enabled,
          record.openapi_mode == "OPEN_API_MODE_IGNORE_PRIVILEGES",
          record.server_cors_allowed_origins,
          record.server_timing_enabled};
}

ApiError invalid_token(std::string const& message, std::string const& hint) {
  return {401, "PGRST301", message, {}, hint};
}

}  // namespace

struct DataApiGate::Place {
  Key key;
  data_api::ApiSettings settings;
};

DataApiGate::Place DataApiGate::place_of(std::string const& address, HttpRequest const& request) const {
  if (!is_data_api_path(request.segments)) {
    throw ServiceError{404, "ENDPOINT_NOT_FOUND",
                       fmt::format("No API found for '{} {}'", request.method, request.path)};
  }
  auto const state = workspace_.state();
  for (auto const& project : state->projects) {
    for (auto const& branch : project.branches) {
      if (project.delete_time || branch.delete_time) continue;
      for (auto const& endpoint : branch.endpoints) {
        if (endpoint.read_only || endpoint.address != address) continue;
        for (auto const& database : branch.databases) {
          if (!database.data_api || database.postgres_database != request.segments[5]) continue;
          if (endpoint.disabled) throw ApiError{503, "PGRST000", "The endpoint is disabled."};
          if (auto const why = reason_to_sleep(workspace_, project, endpoint)) throw ApiError{503, "PGRST000", *why};
          return {{branch.uid, database.postgres_database}, settings_of(*database.data_api)};
        }
      }
    }
  }
  throw not_found(fmt::format("the database '{}' has no Data API here", request.segments[5]));
}

// None: nobody has said who they are.
std::optional<std::string> DataApiGate::role_of(std::string_view authorization) const {
  if (authorization.empty()) return std::nullopt;
  constexpr std::string_view scheme = "bearer ";
  if (to_lower(authorization.substr(0, scheme.size())) != scheme) {
    throw invalid_token("not a bearer token", "Send 'Authorization: Bearer' and a token.");
  }
  auto const token = trimmed(authorization.substr(scheme.size()));
  if (!looks_like_jwt(token)) {
    throw invalid_token("not a valid JWT encoding",
                        "Send an OAuth token or a database credential; a personal access token is none.");
  }
  auto const claims = workspace_.mint().read(token);
  if (claims && claims->value("aud", "") == "lakebase") {
    auto const now = static_cast<double>(workspace_.now().time_since_epoch() / std::chrono::microseconds{1}) / 1e6;
    if (claims->value("exp", 0.0) <= now) throw invalid_token("JWT expired", "Mint a new database credential.");
    // Also of a credential for a group: who asks is the one that it was minted for.
    return claims->value("sub", "");
  }
  try {
    return identity_provider_.authenticate(authorization).name;
  } catch (ServiceError const& error) {
    throw invalid_token(error.what(), "Send an OAuth token of this workspace, or a database credential.");
  }
}

std::shared_ptr<data_api::DatabaseApi> DataApiGate::api_of(Key const& key) {
  std::lock_guard const lock{mutex_};
  auto& api = apis_[key];
  if (!api) {
    api = std::make_shared<data_api::DatabaseApi>(
        [this, key] { return workspace_.computes().open_session(key.first, key.second, SessionOf::authenticator); },
        workspace_.options().data_api_sessions);
  }
  return api;
}

bool DataApiGate::is_behind() const {
  std::lock_guard const lock{mutex_};
  return seen_ != workspace_.state();
}

void DataApiGate::follow() {
  std::lock_guard const one_at_a_time{following_};
  auto const state = workspace_.state();
  std::set<std::string> addresses;
  std::set<Key> keys;
  for (auto const& project : state->projects) {
    for (auto const& branch : project.branches) {
      if (auto const address = data_api_address(branch); !address.empty()) addresses.insert(address);
      for (auto const& database : branch.databases) {
        if (database.data_api) keys.emplace(branch.uid, database.postgres_database);
      }
    }
  }
  // What is not known to have been there may just be coming.
  std::set<std::string> gone;
  std::vector<std::shared_ptr<data_api::DatabaseApi>> ended;
  {
    std::lock_guard const lock{mutex_};
    std::set_difference(addresses_.begin(), addresses_.end(), addresses.begin(), addresses.end(),
                        std::inserter(gone, gone.end()));
    for (auto api = apis_.begin(); api != apis_.end();) {
      if (keys.contains(api->first)) {
        ++api;
        continue;
      }
      ended.push_back(std::move(api->second));
      api = apis_.erase(api);
    }
    addresses_ = addresses;
    seen_ = state;
  }
  for (auto const& address : gone) workspace_.options().stop_serving_at(address);
  for (auto const& address : addresses) static_cast<void>(workspace_.options().serve_at(address));
}

bool DataApiGate::knows(HttpRequest const& request) const {
  try {
    return role_of(request.authorization).has_value();
  } catch (ApiError const&) {
    return false;
  }
}

HttpReply DataApiGate::handle(std::string const& address, HttpRequest const& request) {
  std::optional<Place> place;
  try {
    place = place_of(address, request);
    auto const role = data_api::is_preflight(request) ? std::nullopt : role_of(request.authorization);
    std::vector<std::string> const path{request.segments.begin() + data_api_prefix, request.segments.end()};
    auto reply = api_of(place->key)->handle(request, path, place->settings, role);
    reply.authenticated = role.has_value();
    return reply;
  } catch (ApiError const& error) {
    auto reply = data_api::api_error_reply(error);
    if (place) data_api::add_cors_headers(request, place->settings, reply);
    return reply;
  } catch (ServiceError const& error) {
    return error_reply(error);
  } catch (std::exception const& error) {
    return data_api::api_error_reply(ApiError{500, "PGRSTX00", error.what()});
  }
}

}  // namespace lakebase::emulator
