#include "database/catalog.hpp"

#include <fmt/format.h>

#include "database/paths.hpp"
#include "database/registered.hpp"
#include "database/request_types.hpp"
#include "postgres/database_objects.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::string_view database_catalog = "database catalog";

std::string catalog_name_in(Fields const& body) {
  auto name = body.required_text("name");
  if (catalog_kind.ids.fits(name)) return name;
  throw invalid(fmt::format("Field 'name' must match pattern {}, got '{}'.", catalog_kind.ids.pattern, name));
}

}  // namespace

void DatabaseCatalogs::routes(Router& router) {
  auto const path = fmt::format("{}catalogs", database_api);
  router.add("POST", path, [this](Call const& call) { return create(call); });
  router.add("GET", path + "/*", [this](Call const& call) { return get(named_in(call)); });
  router.add("DELETE", path + "/*", [this](Call const& call) { return remove(named_in(call)); });
  // As by the service, whose documentation of the list says so, too.
  router.add("PATCH", path + "/*", [](Call const&) -> Response {
    throw ServiceError{501, "NOT_IMPLEMENTED", "Update Database Catalog is not yet implemented"};
  });
  router.add("GET", fmt::format("{}instances/*/catalogs", database_api), [](Call const&) -> Response {
    throw ServiceError{501, "NOT_IMPLEMENTED", "List Database Catalogs is not yet implemented"};
  });
}

Json DatabaseCatalogs::get(std::string const& name) const {
  auto const state = workspace_.state();
  auto const [branch, catalog] = held_by_instance(*state, &BranchRecord::catalogs, database_catalog, name);
  return Json{{"name", catalog->id},
              {"uid", catalog->uid},
              {"database_instance_name", instance_of(*state, branch)},
              {"database_name", catalog->postgres_database}};
}

Json DatabaseCatalogs::create(Call const& call) {
  auto const body = call.fields();
  check_types(body, database_request_types().at("DatabaseCatalog"), database_request_types());
  auto const name = catalog_name_in(body);
  auto const state = workspace_.state();
  auto const branch = instance_branch_in(*state, body);
  if (!branch) throw required_field("database_instance_name");
  auto const database = body.identifier("database_name", "");
  if (database.empty()) throw required_field("database_name");
  workspace_.finish(catalogs_.register_database(
      name, {*branch, database}, body.flag("create_database_if_not_exists").value_or(false), call.caller));
  return get(name);
}

Json DatabaseCatalogs::remove(std::string const& name) {
  workspace_.read(
      [&](State const& state) { held_by_instance(state, &BranchRecord::catalogs, database_catalog, name); });
  workspace_.finish(catalogs_.remove({{{&catalog_kind, name}}}));
  return Json::object();
}

}  // namespace lakebase::emulator
