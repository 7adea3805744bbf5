#include "postgres/table.hpp"

#include <utility>

#include <fmt/format.h>

#include "common/sql_quoting.hpp"
#include "identity/identity_provider.hpp"
#include "postgres/database_objects.hpp"
#include "postgres/registered.hpp"
#include "postgres/resource_routes.hpp"

namespace lakebase::emulator {
namespace {

Held<TableRecord> live_table(State const& state, ResourceName const& name) {
  auto const held = find_held(state, &BranchRecord::tables, name.id());
  if (held.record == nullptr) throw not_found("table not found");
  return held;
}

// The database that the field names. Its last part is the name in PostgreSQL; an id is taken, too.
DatabaseObjects read_database(State const& state, Fields const& table) {
  auto const text = table.required_text("database");
  auto const name = parse_name(text);
  if (!name || !name->is(database_kind)) {
    throw invalid(fmt::format(
        "Field '{}' expects 'projects/{{project_id}}/branches/{{branch_id}}/databases/{{postgres_database}}' format, "
        "got '{}'.",
        table.path_of("database"), text));
  }
  auto const& branch = live_branch(state, *name);
  auto const* const by_id = branch.databases.find(name->id());
  bool const is_id = by_id != nullptr && database_named(branch, name->id()) == nullptr;
  return {name->parent(), is_id ? by_id->postgres_database : name->id()};
}

void require_registrable_table(State const& state, std::string const& id, std::string const& name_field) {
  require_free_table_name(state, id);
  auto const catalog = parse_table_name(id).value().catalog;
  if (find_held(state, &BranchRecord::catalogs, catalog).record == nullptr) return;
  throw invalid(fmt::format("Field '{}' must be in a standard catalog; '{}' is that of a Lakebase database.",
                            name_field, catalog));
}

std::string sql_to_find_table(UnityTableName const& name) {
  return fmt::format(
      "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = {} AND c.relname = {} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
      quote_literal(name.schema), quote_literal(name.table));
}

void require_table(Workspace& workspace, DatabaseObjects const& objects, UnityTableName const& name) {
  if (find_missing(workspace, objects).database) throw not_found("database not found");
  auto const uid = workspace.read([&](State const& state) { return live_branch(state, objects.branch).uid; });
  if (!workspace.computes().execute(uid, objects.database, {sql_to_find_table(name)}).empty()) return;
  throw not_found(fmt::format("table not found; table_name:\"{}.{}\"", name.schema, name.table));
}

}  // namespace

// As the Data API's, below the host of the branch's read-write endpoint.
std::string serving_url(BranchRecord const& branch, std::string const& id, std::string const& postgres_database) {
  auto const name = parse_table_name(id).value_or(UnityTableName{});
  for (auto const& endpoint : branch.endpoints) {
    if (endpoint.read_only) continue;
    return fmt::format("https://{}/api/2.0/workspace/{}/rest/{}/{}/{}", endpoint.address, workspace_id,
                       postgres_database, name.schema, name.table);
  }
  return {};
}

void Tables::routes(Router& router) {
  ResourceRoutes{router, table_kind}
      .create([this](ResourceName const&, Call const& call) { return create(call); })
      .get([this](ResourceName const& name, Call const&) { return get(name); })
      .remove([this](ResourceName const& name, Call const&) { return remove(name); });
}

Json Tables::get(ResourceName const& name) const {
  return show(*workspace_.state(), name);
}

Json Tables::show(State const& state, ResourceName const& name) const {
  auto const [branch, table] = live_table(state, name);
  return Json{{"name", table->id},
              {"project", project_name(branch.project()).text()},
              {"branch", branch.text()},
              {"database", branch.child(database_kind, table->postgres_database).text()},
              {"table_serving_url", serving_url(live_branch(state, branch), table->id, table->postgres_database)}};
}

Json Tables::create(Call const& call) {
  Json const document{{"table", call.body}};
  auto const fields = Fields{document}.message("table");
  auto const id = fields.required_text("name");
  if (!is_unity_table_id(id)) {
    throw invalid(
        fmt::format("Field {} must match pattern {}, got '{}'.", fields.path_of("name"), unity_table_ids.pattern, id));
  }
  register_table(id, fields.path_of("name"), [&](State const& state) { return read_database(state, fields); });
  return show(*workspace_.state(), {{{&table_kind, id}}});
}

void Tables::register_table(std::string const& id, std::string const& name_field,
                            std::function<DatabaseObjects(State const&)> const& find_database) {
  auto const state_before = workspace_.state();
  require_registrable_table(*state_before, id, name_field);
  auto const objects = find_database(*state_before);
  require_table(workspace_, objects, parse_table_name(id).value());
  workspace_.change([&](State& state) {
    require_registrable_table(state, id, name_field);
    find_database(state);
    state.locks.require_free({lock_of(live_project(state, objects.branch.project()))});
    TableRecord table;
    table.sequence = next_sequence(state);
    table.id = id;
    table.postgres_database = objects.database;
    table.create_time = workspace_.now();
    live_branch(state, objects.branch).tables.push_back(std::move(table));
  });
}

// The table in PostgreSQL stays.
Json Tables::remove(ResourceName const& name) {
  workspace_.change([&](State& state) {
    auto const branch = live_table(state, name).branch;
    state.locks.require_free({lock_of(live_project(state, branch.project()))});
    live_branch(state, branch).tables.erase(name.id());
  });
  return Json::object();
}

}  // namespace lakebase::emulator
