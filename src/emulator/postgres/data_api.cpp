#include "postgres/data_api.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "engine/errors.hpp"
#include "engine/update_mask.hpp"
#include "http/http_message.hpp"
#include "identity/identity_provider.hpp"
#include "postgres/resource_routes.hpp"
#include "postgres/update.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t most_schemas = 100;
constexpr std::size_t longest_identifier = 63;

MaskRules const& data_api_mask() {
  using enum MaskPath::Kind;
  static MaskRules const instance{{{"spec.db_schemas", list},
                                   {"spec.db_extra_search_path", list},
                                   {"spec.db_max_rows"},
                                   {"spec.db_anon_role"},
                                   {"spec.db_aggregates_enabled"},
                                   {"spec.jwt_role_claim_key"},
                                   {"spec.jwt_cache_max_lifetime"},
                                   {"spec.openapi_mode"},
                                   {"spec.server_cors_allowed_origins", list},
                                   {"spec.server_timing_enabled"}},
                                  {}};
  return instance;
}

bool is_schema_name(std::string_view name) {
  auto const is_letter = [](char c) { return is_lower(to_lower(std::string(1, c)).front()) || c == '_'; };
  if (name.empty() || name.size() > longest_identifier || !is_letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || is_digit(c) || c == '$'; });
}

// Catalogs are PostgreSQL's own, and nobody's rows.
bool is_of_the_system(std::string_view schema) {
  return schema.starts_with("pg_") || schema == "information_schema";
}

std::vector<std::string> read_schemas(Fields const& spec, std::string_view field) {
  auto const schemas = spec.text_list(field);
  if (schemas.size() > most_schemas) {
    throw invalid(fmt::format("Field '{}' must have at most {} elements, got {}.", spec.path_of(field), most_schemas,
                              schemas.size()));
  }
  for (auto const& schema : schemas) {
    if (!is_schema_name(schema)) {
      throw invalid(
          fmt::format("Field '{}' must hold names of 1 to 63 characters that match "
                      "[a-zA-Z_][a-zA-Z0-9_$]*, got '{}'.",
                      spec.path_of(field), schema));
    }
    if (is_of_the_system(schema)) {
      throw invalid(
          fmt::format("Field '{}' must not hold a schema of the system, got '{}'.", spec.path_of(field), schema));
    }
  }
  return schemas;
}

std::int64_t read_max_rows(Fields const& spec) {
  auto const rows = spec.integer("db_max_rows");
  if (rows && *rows <= 0) {
    throw invalid(fmt::format("Field '{}' must be greater than 0, got {}.", spec.path_of("db_max_rows"), *rows));
  }
  return rows.value_or(0);
}

Duration read_cache_life(Fields const& spec) {
  auto const life = spec.duration("jwt_cache_max_lifetime").value_or(Duration{});
  if (life < Duration::zero()) {
    throw invalid(fmt::format("Field '{}' must not be negative.", spec.path_of("jwt_cache_max_lifetime")));
  }
  return life;
}

std::string read_claim_key(Fields const& spec, std::string const& usual) {
  auto const key = spec.text("jwt_role_claim_key").value_or(usual);
  if (key.starts_with('.') && key.size() > 1) return key;
  throw invalid(
      fmt::format("Field '{}' must be a JSON path such as '.sub', got '{}'.", spec.path_of("jwt_role_claim_key"), key));
}

// What the body tells of the paths; what it leaves out takes its default.
void read_spec(Fields const& spec, Touched const& touched, DataApiRecord& to) {
  DataApiRecord const usual;
  auto const is_set = [&](std::string_view field) { return touched.contains(spec.path_of(field)); };
  if (is_set("db_schemas")) {
    to.db_schemas = read_schemas(spec, "db_schemas");
    if (to.db_schemas.empty()) to.db_schemas = usual.db_schemas;
  }
  if (is_set("db_extra_search_path")) to.db_extra_search_path = read_schemas(spec, "db_extra_search_path");
  if (is_set("db_max_rows")) to.db_max_rows = read_max_rows(spec);
  if (is_set("db_anon_role")) to.db_anon_role = spec.identifier("db_anon_role", usual.db_anon_role);
  if (is_set("db_aggregates_enabled")) {
    to.db_aggregates_enabled = spec.flag("db_aggregates_enabled").value_or(usual.db_aggregates_enabled);
  }
  if (is_set("jwt_role_claim_key")) to.jwt_role_claim_key = read_claim_key(spec, usual.jwt_role_claim_key);
  if (is_set("jwt_cache_max_lifetime")) to.jwt_cache_max_lifetime = read_cache_life(spec);
  if (is_set("openapi_mode")) {
    auto const mode = spec.choice("openapi_mode", {"OPEN_API_MODE_DISABLED", "OPEN_API_MODE_IGNORE_PRIVILEGES"});
    to.openapi_mode = mode.empty() ? usual.openapi_mode : mode;
  }
  if (is_set("server_cors_allowed_origins")) {
    to.server_cors_allowed_origins = spec.text_list("server_cors_allowed_origins");
  }
  if (is_set("server_timing_enabled")) to.server_timing_enabled = spec.flag("server_timing_enabled").value_or(false);
}

ServiceError data_api_not_found() {
  return not_found("data api not found");
}

DataApiRecord const& live_data_api(State const& state, ResourceName const& name) {
  auto const& found = live_database(state, name).data_api;
  if (!found) throw data_api_not_found();
  return *found;
}

// A role of the user's own of that name is made fit, and keeps what it was granted.
std::vector<std::string> sql_to_enable() {
  return {
      "DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'authenticator') THEN "
      "CREATE ROLE authenticator; END IF; END$$",
      "ALTER ROLE authenticator LOGIN NOINHERIT",
      "CREATE SCHEMA IF NOT EXISTS pgrst AUTHORIZATION authenticator",
  };
}

constexpr char const* sql_to_list_schemas =
    "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname NOT LIKE 'pg\\_%' "
    "AND nspname NOT IN ('information_schema', 'pgrst') ORDER BY 1";

Json settings_view(DataApiRecord const& api) {
  Json view{{"db_schemas", api.db_schemas},
            {"db_anon_role", api.db_anon_role},
            {"db_aggregates_enabled", api.db_aggregates_enabled},
            {"jwt_role_claim_key", api.jwt_role_claim_key},
            {"jwt_cache_max_lifetime", to_text(api.jwt_cache_max_lifetime)},
            {"openapi_mode", api.openapi_mode},
            {"server_timing_enabled", api.server_timing_enabled}};
  if (!api.db_extra_search_path.empty()) view["db_extra_search_path"] = api.db_extra_search_path;
  if (api.db_max_rows > 0) view["db_max_rows"] = api.db_max_rows;
  if (!api.server_cors_allowed_origins.empty()) view["server_cors_allowed_origins"] = api.server_cors_allowed_origins;
  return view;
}

// That of the endpoint that writes; empty if there is none.
std::string address_to_write(BranchRecord const& branch) {
  auto const found = std::find_if(branch.endpoints.begin(), branch.endpoints.end(),
                                  [](EndpointRecord const& endpoint) { return !endpoint.read_only; });
  return found == branch.endpoints.end() ? std::string{} : found->address;
}

}  // namespace

void DataApis::routes(Router& router) {
  ResourceRoutes{router, data_api_kind}
      .create([this](ResourceName const& database, Call const& call) { return create(database, call); })
      .get([this](ResourceName const& name, Call const&) { return get(name); })
      .update([this](ResourceName const& name, Call const& call) { return update(name, call); })
      .remove([this](ResourceName const& name, Call const&) { return remove(name); });
}

Json DataApis::show(State const& state, ResourceName const& name) const {
  auto const& api = live_data_api(state, name);
  auto const settings = settings_view(api);
  Json json{{"name", name.text()},
            {"parent", name.parent().text()},
            {"create_time", to_text(api.create_time)},
            {"update_time", to_text(api.update_time)}};
  if (workspace_.options().echo_spec) json["spec"] = settings;
  json["status"] = settings;
  json["status"]["available_schemas"] = api.available_schemas;
  auto const address = address_to_write(live_branch(state, name));
  auto const base = address.empty() ? std::string{} : workspace_.options().serve_at(address);
  if (!base.empty()) {
    json["status"]["url"] = fmt::format("{}/api/2.0/workspace/{}/rest/{}", base, workspace_id,
                                        percent_encoded(live_database(state, name).postgres_database));
  }
  return json;
}

Json DataApis::get(ResourceName const& name) const {
  return show(*workspace_.state(), name);
}

Json DataApis::create(ResourceName const& database, Call const& call) {
  auto const name = database.child(data_api_kind);
  return workspace_.accept([&](State& state) {
    if (live_database(state, database).data_api) throw already_exists("data api of this database already exists");
    DataApiRecord api;
    auto const body = call.fields();
    read_spec(body.message("spec"), carried_by(body, data_api_mask()), api);
    api.create_time = workspace_.now();
    return plan_put(state, name, std::move(api));
  });
}

Json DataApis::update(ResourceName const& name, Call const& call) {
  return workspace_.accept([&](State& state) {
    auto api = live_data_api(state, name);
    read_spec(call.fields().message("spec"), touched_by_update(workspace_, call, data_api_mask()), api);
    return plan_put(state, name, std::move(api));
  });
}

Plan DataApis::plan_put(State& state, ResourceName const& name, DataApiRecord wanted) {
  auto const schemas = std::make_shared<std::vector<std::string>>();
  auto plan = plan_for(state, name);
  plan.run = [this, uid = live_branch(state, name).uid, database = live_database(state, name).postgres_database,
              schemas] {
    auto statements = sql_to_enable();
    statements.emplace_back(sql_to_list_schemas);
    for (auto const& row : workspace_.computes().execute(uid, database, statements)) schemas->push_back(row.at(0));
  };
  plan.commit = [this, name, wanted, schemas](State& now) {
    auto& api = live_database(now, name).data_api;
    api = wanted;
    api->available_schemas = *schemas;
    api->update_time = workspace_.now();
  };
  plan.response = [this, name](State const& now) { return show(now, name); };
  return plan;
}

// The role and the schema stay, with what was granted to them.
Json DataApis::remove(ResourceName const& name) {
  return workspace_.accept([&](State& state) {
    live_data_api(state, name);
    auto plan = plan_for(state, name);
    plan.commit = [name](State& now) { live_database(now, name).data_api.reset(); };
    return plan;
  });
}

std::string data_api_address(BranchRecord const& branch) {
  auto const has_one = [](DatabaseRecord const& database) { return database.data_api.has_value(); };
  return std::any_of(branch.databases.begin(), branch.databases.end(), has_one) ? address_to_write(branch) : "";
}

}  // namespace lakebase::emulator
