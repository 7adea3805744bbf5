#include "postgres/cdf_config.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "engine/paging.hpp"
#include "postgres/registered.hpp"
#include "postgres/resource_routes.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t longest_cdf_config_id = 63;

CdfConfigRecord read_cdf_config(Call const& call) {
  Json const document{{"cdf_config", call.body}};
  auto const fields = Fields{document}.message("cdf_config");
  CdfConfigRecord config;
  config.catalog = fields.required_text("catalog");
  config.schema = fields.required_text("schema");
  config.postgres_schema = fields.identifier("postgres_schema", fields.required_text("postgres_schema"));
  config.id = call.query.text("cdf_config_id");
  if (config.id.empty()) config.id = config.postgres_schema;
  if (!is_cdf_config_id(config.id)) {
    throw invalid(fmt::format("Invalid cdf_config_id '{}'. Must match {}", config.id, cdf_config_kind.ids.pattern));
  }
  return config;
}

void require_new(State const& state, ResourceName const& database, CdfConfigRecord const& config) {
  auto const& configs = live_database(state, database).cdf_configs;
  if (configs.find(config.id) != nullptr) throw already_exists("cdf config with such id already exists");
  auto const same = std::find_if(configs.begin(), configs.end(), [&](CdfConfigRecord const& other) {
    return other.postgres_schema == config.postgres_schema;
  });
  if (same != configs.end()) {
    throw already_exists(
        fmt::format("cdf config '{}' for postgres schema '{}' already exists", same->id, config.postgres_schema));
  }
  if (find_held(state, &BranchRecord::catalogs, config.catalog).record != nullptr) {
    throw invalid(
        fmt::format("Field 'cdf_config.catalog' must name a standard catalog; '{}' is that of a Lakebase "
                    "database, which is read-only.",
                    config.catalog));
  }
}

}  // namespace

bool is_cdf_config_id(std::string_view id) {
  if (id.empty() || id.size() > longest_cdf_config_id || !is_lower(id.front())) return false;
  return std::all_of(id.begin(), id.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

CdfConfigRecord const& live_cdf_config(State const& state, ResourceName const& name) {
  auto const* const found = live_database(state, name).cdf_configs.find(name.id_of(cdf_config_kind));
  if (found == nullptr) throw not_found("cdf config id not found");
  return *found;
}

void CdfConfigs::routes(Router& router) {
  ResourceRoutes{router, cdf_config_kind}
      .list([this](ResourceName const& database, Call const& call) { return list(database, call.query); })
      .create([this](ResourceName const& database, Call const& call) { return create(database, call); })
      .get([this](ResourceName const& name, Call const&) { return get(name); })
      .remove([this](ResourceName const& name, Call const& call) { return remove(name, call.query.flag("force")); });
}

Json CdfConfigs::view(ResourceName const& database, CdfConfigRecord const& config) const {
  return Json{{"name", database.child(cdf_config_kind, config.id).text()},
              {"cdf_config_id", config.id},
              {"catalog", config.catalog},
              {"schema", config.schema},
              {"postgres_schema", config.postgres_schema},
              {"create_time", to_text(config.create_time)}};
}

Json CdfConfigs::get(ResourceName const& name) const {
  return view(name.parent(), live_cdf_config(*workspace_.state(), name));
}

Json CdfConfigs::list(ResourceName const& database, Query const& query) const {
  Page page{query, workspace_.mint(), database.text() + "/cdf-configs"};
  auto const state = workspace_.state();
  Json items = Json::array();
  for (auto const& config : page.take(live_database(*state, database).cdf_configs)) {
    items.push_back(view(database, config));
  }
  return page.response("cdf_configs", std::move(items));
}

Json CdfConfigs::create(ResourceName const& database, Call const& call) {
  return workspace_.accept([&](State& state) {
    live_database(state, database);
    auto config = read_cdf_config(call);
    require_new(state, database, config);
    auto const name = database.child(cdf_config_kind, config.id);
    return plan_create(state, name, std::move(config));
  });
}

Plan CdfConfigs::plan_create(State& state, ResourceName const& name, CdfConfigRecord config) {
  auto const database = name.parent();
  config.sequence = next_sequence(state);
  config.create_time = workspace_.now();
  config.creating = true;
  auto const start = std::make_shared<std::string>();
  auto plan = plan_for(state, name);
  plan.run = [this, uid = live_branch(state, name).uid, start] {
    auto const rows = workspace_.computes().execute(uid, "postgres", {"SELECT pg_catalog.pg_current_wal_lsn()"});
    if (!rows.empty()) *start = rows.front().front();
  };
  plan.commit = [database, id = config.id, start](State& now) {
    auto& created = *live_database(now, database).cdf_configs.find(id);
    created.start_lsn = *start;
    created.creating = false;
  };
  plan.rollback = [database, id = config.id](State& now) { live_database(now, database).cdf_configs.erase(id); };
  plan.response = [this, name](State const& now) { return view(name.parent(), live_cdf_config(now, name)); };
  live_database(state, database).cdf_configs.push_back(std::move(config));
  return plan;
}

// With `force` what the feed has written goes, too.
Json CdfConfigs::remove(ResourceName const& name, bool and_files) {
  return workspace_.accept([&](State& state) {
    live_cdf_config(state, name);
    auto plan = plan_for(state, name);
    plan.run = [this, name, and_files] { feeds_.end(name, and_files); };
    plan.commit = [name](State& now) { live_database(now, name).cdf_configs.erase(name.id()); };
    return plan;
  });
}

}  // namespace lakebase::emulator
