#include "postgres/catalog.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "common/random.hpp"
#include "postgres/database_objects.hpp"
#include "postgres/registered.hpp"
#include "postgres/resource_routes.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t longest_catalog_id = 255;

Held<CatalogRecord> live_catalog(State const& state, ResourceName const& name) {
  auto const held = find_held(state, &BranchRecord::catalogs, name.id());
  if (held.record == nullptr) throw not_found("catalog id not found");
  return held;
}

// Whether a database of a child branch is the one that the child got from its parent, not one that was created there
// since. What has no resource is taken for it.
bool is_inherited(DatabaseRecord const* own, DatabaseRecord const* of_parent) {
  if (own == nullptr || of_parent == nullptr) return own == of_parent;
  return own->sequence == of_parent->sequence;
}

// The catalog of a database, or the one of the parent's database from before the branch was made: a child inherits the
// fact of the registration.
CatalogRecord const* catalog_of(State const& state, DatabaseObjects const& objects) {
  auto const& project = live_project(state, objects.branch.project());
  auto const* branch = &live_branch(state, objects.branch);
  auto const* const database = database_named(*branch, objects.database);
  auto before = std::numeric_limits<std::int64_t>::max();
  while (branch != nullptr && is_inherited(database, database_named(*branch, objects.database))) {
    for (auto const& catalog : branch->catalogs) {
      if (catalog.postgres_database == objects.database && catalog.sequence < before) return &catalog;
    }
    before = branch->sequence;
    branch = project.branches.find(branch->source_branch_id);
  }
  return nullptr;
}

void require_registrable(State const& state, std::string const& id, DatabaseObjects const& objects) {
  if (find_held(state, &BranchRecord::catalogs, id).record != nullptr) {
    throw already_exists("catalog with such id already exists");
  }
  if (auto const* const other = catalog_of(state, objects)) {
    bool const is_of_project = is_project(live_project(state, objects.branch.project()));
    throw bad_request(fmt::format("database '{}' of {} '{}' is already registered in catalog '{}'", objects.database,
                                  is_of_project ? "branch" : "database instance", holder_name(state, objects.branch),
                                  other->id));
  }
}

DatabaseObjects read_database(Fields const& spec) {
  auto database = spec.identifier("postgres_database", "");
  if (database.empty()) throw required_field(spec.path_of("postgres_database"));
  auto branch = branch_in(spec);
  if (!branch) throw required_field(spec.path_of("branch"));
  return {*branch, database};
}

}  // namespace

bool is_catalog_id(std::string_view id) {
  if (id.empty() || id.size() > longest_catalog_id) return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    auto const byte = static_cast<unsigned char>(c);
    return byte > ' ' && byte != 0x7f && c != '.' && c != '/';
  });
}

void Catalogs::routes(Router& router) {
  ResourceRoutes{router, catalog_kind}
      .create([this](ResourceName const&, Call const& call) { return create(call); })
      .get([this](ResourceName const& name, Call const&) { return get(name); })
      .remove([this](ResourceName const& name, Call const&) { return remove(name); });
}

Json Catalogs::get(ResourceName const& name) const {
  return show(*workspace_.state(), name);
}

Json Catalogs::show(State const& state, ResourceName const& name) const {
  auto const [branch, catalog] = live_catalog(state, name);
  Json const settings{{"branch", branch.text()}, {"postgres_database", catalog->postgres_database}};
  Json json{{"name", name.text()},
            {"catalog_id", catalog->id},
            {"uid", catalog->uid},
            {"create_time", to_text(catalog->create_time)},
            {"update_time", to_text(catalog->create_time)}};
  if (workspace_.options().echo_spec) json["spec"] = settings;
  json["status"] = settings;
  json["status"]["project"] = project_name(branch.project()).text();
  return json;
}

Json Catalogs::create(Call const& call) {
  auto const id = call.query.text("catalog_id");
  check_id(catalog_kind, id);
  // The service names the parts of the new resource as parts of `catalog`.
  Json const document{{"catalog", call.body}};
  auto const spec = Fields{document}.message("catalog").message("spec");
  auto const objects = read_database(spec);
  return register_database(id, objects, spec.flag("create_database_if_missing").value_or(false), call.caller);
}

Json Catalogs::register_database(std::string const& id, DatabaseObjects const& objects, bool creates_database,
                                 Identity const& caller) {
  require_registrable(*workspace_.state(), id, objects);
  auto const missing = find_missing(workspace_, objects);
  if (missing.database && !creates_database) throw not_found("database not found");
  ResourceName const name{{{&catalog_kind, id}}};
  return workspace_.accept([&](State& state) {
    require_registrable(state, id, objects);
    CatalogRecord catalog;
    catalog.id = id;
    catalog.uid = random_uuid(workspace_.random());
    catalog.postgres_database = objects.database;
    catalog.create_time = workspace_.now();
    catalog.creating = true;
    auto plan = plan_create_held(state, name, objects.branch, &BranchRecord::catalogs);
    plan.response = [this, name](State const& now) { return show(now, name); };
    plan_missing(workspace_, state, objects, missing, caller, plan);
    catalog.sequence = next_sequence(state);
    live_branch(state, objects.branch).catalogs.push_back(std::move(catalog));
    return plan;
  });
}

Json Catalogs::remove(ResourceName const& name) {
  return workspace_.accept([&](State& state) {
    return plan_remove_held(state, name, live_catalog(state, name).branch, &BranchRecord::catalogs);
  });
}

}  // namespace lakebase::emulator
