#include "database/table.hpp"

#include <fmt/format.h>

#include "database/paths.hpp"
#include "database/registered.hpp"
#include "database/request_types.hpp"
#include "postgres/database_objects.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::string_view database_table = "database table";

}  // namespace

void DatabaseTables::routes(Router& router) {
  auto const path = fmt::format("{}tables", database_api);
  router.add("POST", path, [this](Call const& call) { return create(call); });
  router.add("GET", path + "/*", [this](Call const& call) { return get(named_in(call)); });
  router.add("DELETE", path + "/*", [this](Call const& call) { return remove(named_in(call)); });
}

Json DatabaseTables::get(std::string const& name) const {
  auto const state = workspace_.state();
  auto const [branch, table] = held_by_instance(*state, &BranchRecord::tables, database_table, name);
  return Json{{"name", table->id},
              {"database_instance_name", instance_of(*state, branch)},
              {"logical_database_name", table->postgres_database},
              {"table_serving_url", serving_url(live_branch(*state, branch), table->id, table->postgres_database)}};
}

Json DatabaseTables::create(Call const& call) {
  auto const body = call.fields();
  check_types(body, database_request_types().at("DatabaseTable"), database_request_types());
  auto const name = table_name_in(body);
  tables_.register_table(name, "name", [&](State const& state) {
    auto const branch = instance_branch_in(state, body);
    if (!branch) throw required_field("database_instance_name");
    auto const database = body.identifier("logical_database_name", "");
    if (database.empty()) throw required_field("logical_database_name");
    return DatabaseObjects{*branch, database};
  });
  return get(name);
}

Json DatabaseTables::remove(std::string const& name) {
  workspace_.read([&](State const& state) { held_by_instance(state, &BranchRecord::tables, database_table, name); });
  return tables_.remove({{{&table_kind, name}}});
}

}  // namespace lakebase::emulator
