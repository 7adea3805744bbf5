#include "postgres/synced_table.hpp"

#include <utility>

#include <fmt/format.h>

#include "common/random.hpp"
#include "common/sql_quoting.hpp"
#include "postgres/database_objects.hpp"
#include "postgres/registered.hpp"
#include "postgres/resource_routes.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t most_tables_of_a_source = 20;

Held<SyncedTableRecord> live_synced_table(State const& state, ResourceName const& name) {
  auto const held = find_held(state, &BranchRecord::synced_tables, name.id());
  if (held.record == nullptr) throw not_found("synced table id not found");
  return held;
}

void require_same(std::string const& field, std::string const& given, std::string const& of_catalog,
                  std::string const& catalog) {
  if (given == of_catalog) return;
  throw invalid(
      fmt::format("Field '{}' must be '{}', as of the catalog '{}', got '{}'.", field, of_catalog, catalog, given));
}

// In a Lakebase catalog, which is that of a database, branch and database follow from it.
DatabaseObjects find_place(State const& state, AskedPlace const& asked, UnityTableName const& name) {
  auto const catalog = find_held(state, &BranchRecord::catalogs, name.catalog);
  if (catalog.record != nullptr) {
    auto const& of_catalog = catalog.record->postgres_database;
    if (asked.branch) {
      require_same(asked.branch_field, holder_name(state, *asked.branch), holder_name(state, catalog.branch),
                   name.catalog);
    }
    if (!asked.database.empty()) require_same(asked.database_field, asked.database, of_catalog, name.catalog);
    return {catalog.branch, of_catalog, name.schema};
  }
  if (!asked.branch) throw required_field(asked.branch_field);
  if (asked.database.empty()) throw required_field(asked.database_field);
  return {*asked.branch, asked.database, name.schema};
}

void require_standard_storage(State const& state, std::string const& catalog, AskedPlace const& asked) {
  if (catalog.empty() || find_held(state, &BranchRecord::catalogs, catalog).record == nullptr) return;
  throw invalid(fmt::format("Field '{}' must name a standard catalog; '{}' is that of a Lakebase database.",
                            asked.storage_field, catalog));
}

// Two sources must not be copied into one table of PostgreSQL.
void require_free_target(DatabaseObjects const& place, UnityTableName const& name, BranchRecord const& branch) {
  for (auto const& other : branch.synced_tables) {
    auto const there = parse_table_name(other.id).value_or(UnityTableName{});
    if (other.postgres_database != place.database || there.schema != name.schema || there.table != name.table) continue;
    throw bad_request(fmt::format("table '{}.{}' of database '{}' already belongs to the synced table '{}'",
                                  name.schema, name.table, place.database, other.id));
  }
}

void require_room_at(State const& state, std::string const& source) {
  std::size_t count = 0;
  for (auto const& project : state.projects) {
    for (auto const& branch : project.branches) {
      for (auto const& table : branch.synced_tables) count += table.spec.source_table == source ? 1 : 0;
    }
  }
  if (count < most_tables_of_a_source) return;
  throw bad_request(
      fmt::format("Cannot create more than {} synced database table(s) per source table.", most_tables_of_a_source));
}

// All that a request can be refused for without asking PostgreSQL.
DatabaseObjects checked_place(State const& state, std::string const& id, SyncedTableSpecRecord const& wanted,
                              std::function<AskedPlace(State const&)> const& find_asked) {
  require_free_table_name(state, id);
  auto const name = parse_table_name(id).value();
  auto const asked = find_asked(state);
  auto const place = find_place(state, asked, name);
  auto const& branch = live_branch(state, place.branch);
  require_standard_storage(state, wanted.new_pipeline.storage_catalog, asked);
  require_free_target(place, name, branch);
  require_room_at(state, wanted.source_table);
  return place;
}

void require_present(DatabaseObjects const& place, MissingObjects const& missing) {
  if (missing.database) throw not_found("database not found");
  if (missing.schema) throw not_found(fmt::format("schema not found; schema_name:\"{}\"", place.schema));
}

}  // namespace

void SyncedTables::routes(Router& router) {
  ResourceRoutes{router, synced_table_kind}
      .create([this](ResourceName const&, Call const& call) { return create(call); })
      .get([this](ResourceName const& name, Call const&) { return get(name); })
      .remove([this](ResourceName const& name, Call const&) { return remove(name); });
  syncs_.routes(router);
}

Json SyncedTables::get(ResourceName const& name) const {
  return show(*workspace_.state(), name);
}

Json SyncedTables::show(State const& state, ResourceName const& name) const {
  auto const [branch, table] = live_synced_table(state, name);
  Json json{{"name", name.text()},
            {"synced_table_id", table->id},
            {"uid", table->uid},
            {"create_time", to_text(table->create_time)}};
  if (workspace_.options().echo_spec) {
    json["spec"] = synced_table_spec_json(table->spec);
    json["spec"]["branch"] = branch.text();
    json["spec"]["postgres_database"] = table->postgres_database;
  }
  json["status"] = syncs_.status(*table);
  json["status"].update(Json{{"pipeline_id", table->pipeline_id},
                             {"project", project_name(branch.project()).text()},
                             {"unity_catalog_provisioning_state", table->creating ? "PROVISIONING" : "ACTIVE"}});
  return json;
}

Json SyncedTables::create(Call const& call) {
  auto const id = call.query.text("synced_table_id");
  check_id(synced_table_kind, id);
  Json const document{{"synced_table", call.body}};
  auto const spec = Fields{document}.message("synced_table").message("spec");
  auto const wanted = read_synced_table(spec);
  auto const asked = [&](State const&) {
    return AskedPlace{.branch = branch_in(spec),
                      .database = spec.identifier("postgres_database", ""),
                      .branch_field = spec.path_of("branch"),
                      .database_field = spec.path_of("postgres_database"),
                      .storage_field = spec.message("new_pipeline_spec").path_of("storage_catalog")};
  };
  return start(id, wanted, asked, call.caller);
}

Json SyncedTables::start(std::string const& id, SyncedTableSpecRecord const& wanted,
                         std::function<AskedPlace(State const&)> const& find_asked, Identity const& caller) {
  auto const place = checked_place(*workspace_.state(), id, wanted, find_asked);
  auto const missing = find_missing(workspace_, place);
  if (!wanted.create_database_objects_if_missing) require_present(place, missing);
  ResourceName const name{{{&synced_table_kind, id}}};
  return workspace_.accept([&](State& state) {
    checked_place(state, id, wanted, find_asked);
    SyncedTableRecord table;
    table.id = id;
    table.uid = random_uuid(workspace_.random());
    table.postgres_database = place.database;
    table.pipeline_id =
        wanted.existing_pipeline_id.empty() ? random_uuid(workspace_.random()) : wanted.existing_pipeline_id;
    table.spec = wanted;
    table.create_time = workspace_.now();
    table.creating = true;
    table.sync.requested = true;
    table.sync.update_id = random_uuid(workspace_.random());
    table.sync.update_state = "QUEUED";
    table.sync.update_time = table.create_time;
    auto plan = plan_create_held(state, name, place.branch, &BranchRecord::synced_tables);
    plan.response = [this, name](State const& now) { return show(now, name); };
    plan_missing(workspace_, state, place, missing, caller, plan);
    table.sequence = next_sequence(state);
    live_branch(state, place.branch).synced_tables.push_back(std::move(table));
    return plan;
  });
}

// Its table in PostgreSQL stays.
Json SyncedTables::remove(ResourceName const& name) {
  return workspace_.accept([&](State& state) { return plan_remove(state, name, false); });
}

Plan SyncedTables::plan_remove(State const& state, ResourceName const& name, bool drops) const {
  auto const [branch, table] = live_synced_table(state, name);
  auto plan = plan_remove_held(state, name, branch, &BranchRecord::synced_tables);
  if (!drops) return plan;
  auto const unity = parse_table_name(name.id()).value();
  plan.run = [this, uid = live_branch(state, branch).uid, database = table->postgres_database,
              drop = fmt::format("DROP TABLE IF EXISTS {}.{}", quote_identifier(unity.schema),
                                 quote_identifier(unity.table))] {
    workspace_.computes().execute(uid, database, {drop});
  };
  plan.is_one_statement = true;
  return plan;
}

}  // namespace lakebase::emulator
