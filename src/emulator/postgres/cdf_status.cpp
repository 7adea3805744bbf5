#include "postgres/cdf_status.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "engine/paging.hpp"
#include "postgres/resource_routes.hpp"
#include "postgres/workspace.hpp"
#include "sync/change_feed.hpp"

namespace lakebase::emulator {

/// A table of the schema, as PostgreSQL has it.
struct CdfStatuses::FeedTable {
  /// Its OID, which grows with each table that is created.
  std::int64_t sequence = 0;
  std::string name;
  /// Why it is left out; empty: it is not.
  std::string skipped;
};

void require_wakeable(Computes const& computes, BranchRecord const& branch, std::string_view what) {
  for (auto const& endpoint : branch.endpoints) {
    if (endpoint.read_only || !endpoint.disabled) continue;
    auto const status = status_of(computes, endpoint);
    if (status && status->state == ComputeState::active) continue;
    throw bad_request(fmt::format("{}: endpoint '{}' is disabled.", what, endpoint.id));
  }
}

void CdfStatuses::routes(Router& router) {
  ResourceRoutes{router, cdf_status_kind}
      .list([this](ResourceName const& config, Call const& call) { return list(config, call.query); })
      .get([this](ResourceName const& name, Call const&) { return get(name); });
}

std::vector<CdfStatuses::FeedTable> CdfStatuses::tables_of(ResourceName const& name) const {
  auto const state = workspace_.state();
  auto const& branch = live_branch(*state, name);
  auto const& schema = live_cdf_config(*state, name).postgres_schema;
  auto& computes = workspace_.computes();
  require_wakeable(computes, branch, "The tables cannot be read");
  auto const rows =
      computes.execute(branch.uid, live_database(*state, name).postgres_database, {sql_to_list_fed_tables(schema)});
  std::vector<FeedTable> tables;
  for (auto const& row : rows) tables.push_back({std::stoll(row.at(0)), row.at(1), why_not_fed(schema, row)});
  return tables;
}

Json CdfStatuses::view(ResourceName const& config_name, FeedTable const& table) const {
  auto const state = workspace_.state();
  auto const& config = live_cdf_config(*state, config_name);
  Json json{{"name", config_name.child(cdf_status_kind, table.name).text()},
            {"postgres_table", fmt::format("{}.{}", config.postgres_schema, table.name)},
            {"state", "CDF_STATE_SNAPSHOTTING"}};
  if (!table.skipped.empty()) {
    json["state"] = "CDF_STATE_SKIPPED";
    json["status_detail"] = table.skipped;
    return json;
  }
  json["uc_table"] = fmt::format("{}.{}.{}", config.catalog, config.schema, table.name);
  json["committed_lsn"] = config.start_lsn;
  auto const fed = std::find_if(config.tables.begin(), config.tables.end(), [&](FedTableRecord const& one) {
    return one.relation == std::to_string(table.sequence) && one.name == table.name;
  });
  if (fed == config.tables.end()) return json;
  json["state"] = "CDF_STATE_STREAMING";
  // The first copy may be younger than what was written of the log.
  json["committed_lsn"] = lsn_text(std::max(parse_lsn(fed->lsn), parse_lsn(config.fed_lsn)).value_or(0));
  json["last_sync_time"] = to_text(config.last_sync_time);
  return json;
}

Json CdfStatuses::get(ResourceName const& name) const {
  auto const tables = tables_of(name);
  auto const found =
      std::find_if(tables.begin(), tables.end(), [&](FeedTable const& table) { return table.name == name.id(); });
  if (found == tables.end()) throw not_found("cdf status not found");
  return view(name.parent(), *found);
}

Json CdfStatuses::list(ResourceName const& config, Query const& query) const {
  Page page{query, workspace_.mint(), config.text() + "/cdf-statuses"};
  Json items = Json::array();
  for (auto const& table : page.take(tables_of(config))) items.push_back(view(config, table));
  return page.response("cdf_statuses", std::move(items));
}

}  // namespace lakebase::emulator
