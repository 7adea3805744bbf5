#include "postgres/database.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/random.hpp"
#include "common/sql_quoting.hpp"
#include "engine/paging.hpp"
#include "postgres/cleanup.hpp"
#include "postgres/data_plane_recovery.hpp"
#include "postgres/resource_routes.hpp"
#include "postgres/update.hpp"

namespace lakebase::emulator {
namespace {

MaskRules const& database_mask() {
  static MaskRules const instance{{{"spec.postgres_database"}, {"spec.role"}}, {}};
  return instance;
}

// The role that `spec.role` names; it must be of the same branch.
RoleRecord const& owner_in(BranchRecord const& branch, ResourceName const& parent, std::string const& role) {
  auto const name = parse_name(role);
  if (!name || !name->is(role_kind)) throw role_not_found(role.substr(role.rfind('/') + 1));
  auto const* const found = branch.roles.find(name->id());
  if (name->project() != parent.project() || name->branch() != parent.branch() || found == nullptr) {
    throw role_not_found(name->id());
  }
  return *found;
}

bool is_taken(BranchRecord const& branch, std::string const& postgres_database, std::string const& but_for_id = {}) {
  if (is_of_postgresql(postgres_database)) return true;
  return std::any_of(branch.databases.begin(), branch.databases.end(), [&](DatabaseRecord const& other) {
    return other.postgres_database == postgres_database && other.id != but_for_id;
  });
}

ServiceError taken() {
  return bad_request("database with that name already exists");
}

std::string sql_to_give(std::string const& postgres_database, std::string const& owner) {
  return fmt::format("ALTER DATABASE {} OWNER TO {}", quote_identifier(postgres_database), quote_identifier(owner));
}

std::string sql_to_rename(std::string const& from, std::string const& to) {
  return fmt::format("ALTER DATABASE {} RENAME TO {}", quote_identifier(from), quote_identifier(to));
}

// FORCE ends no session that is reading the changes of a feed.
std::string sql_to_end_feeds(std::string const& postgres_database) {
  return fmt::format(
      "SELECT pg_catalog.pg_terminate_backend(active_pid, 5000) FROM pg_catalog.pg_replication_slots "
      "WHERE active AND database = {}",
      quote_literal(postgres_database));
}

// Its idle sessions would keep the name.
std::string sql_to_end_data_api(std::string const& postgres_database) {
  return fmt::format(
      "SELECT pg_catalog.pg_terminate_backend(pid, 5000) FROM pg_catalog.pg_stat_activity "
      "WHERE usename = 'authenticator' AND datname = {}",
      quote_literal(postgres_database));
}

}  // namespace

ServiceError database_not_found(std::string_view database_id) {
  return not_found(fmt::format("database not found; database_id:\"{}\"", database_id));
}

bool is_of_postgresql(std::string_view postgres_database) {
  return postgres_database == "postgres" || postgres_database == "template0" || postgres_database == "template1";
}

std::string database_name_from_spec(Fields const& spec, std::string const& default_name) {
  return spec.identifier("postgres_database", default_name);
}

std::string sql_to_create(DatabaseRecord const& database, std::string const& owner) {
  return fmt::format("CREATE DATABASE {} OWNER {}", quote_identifier(database.postgres_database),
                     quote_identifier(owner));
}

std::string sql_to_open_to_superusers(DatabaseRecord const& database) {
  return fmt::format("GRANT ALL ON DATABASE {} TO databricks_superuser WITH GRANT OPTION",
                     quote_identifier(database.postgres_database));
}

void require_free(BranchRecord const& branch, DatabaseRecord const& database) {
  if (is_taken(branch, database.postgres_database)) throw taken();
}

void enter_new(State& state, BranchRecord& branch, DatabaseRecord& database, Limits const& limits) {
  require_free(branch, database);
  require_room(limits.databases, branch.databases.size(),
               {.whose = "A branch", .what = "databases", .limit = "databases"});
  database.sequence = next_sequence(state);
  database.creating = true;
  branch.databases.push_back(database);
}

std::string sql_to_find_database(std::string const& postgres_database) {
  return fmt::format("SELECT 1 FROM pg_catalog.pg_database WHERE datname = {}", quote_literal(postgres_database));
}

std::string sql_to_drop_database(std::string const& postgres_database) {
  return fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", quote_identifier(postgres_database));
}

void Databases::routes(Router& router) {
  ResourceRoutes{router, database_kind}
      .list([this](ResourceName const& branch, Call const& call) { return list(branch, call.query); })
      .create([this](ResourceName const& branch, Call const& call) { return create(branch, call); })
      .get([this](ResourceName const& name, Call const&) { return get(name); })
      .update([this](ResourceName const& name, Call const& call) { return update(name, call); })
      .remove([this](ResourceName const& name, Call const&) { return remove(name); });
}

Json Databases::view(ProjectRecord const& project, BranchRecord const& branch, DatabaseRecord const& database) const {
  std::string const parent = branch_name(project.id, branch.id).text();
  Json const settings{{"postgres_database", database.postgres_database},
                      {"role", parent + "/roles/" + database.role_id}};
  Json json{{"name", parent + "/databases/" + database.id},
            {"database_id", database.id},
            {"parent", parent},
            {"create_time", to_text(database.create_time)},
            {"update_time", to_text(database.update_time)}};
  if (workspace_.options().echo_spec) json["spec"] = settings;
  json["status"] = Json{{"database_id", database.id}};
  json["status"].update(settings);
  return json;
}

Json Databases::get(ResourceName const& name) const {
  return show(*workspace_.state(), name);
}

Json Databases::show(State const& state, ResourceName const& name) const {
  return view(live_project(state, name.project()), live_branch(state, name), live_database(state, name));
}

Json Databases::list(ResourceName const& parent, Query const& query) const {
  Page page{query, workspace_.mint(), parent.text() + "/databases"};
  auto const [project, branch] = workspace_.read([&](State const& state) {
    return std::pair{live_project(state, parent.project()), live_branch(state, parent)};
  });
  Json items = Json::array();
  for (auto const& database : page.take(branch.databases)) items.push_back(view(project, branch, database));
  return page.response("databases", std::move(items));
}

Json Databases::create(ResourceName const& branch, Call const& call) {
  auto id = call.query.text("database_id");
  if (id.empty()) id = "db-" + random_hex(8, workspace_.random());
  check_id(database_kind, id);
  auto const name = branch.child(database_kind, id);
  bool const replace = call.query.flag("replace_existing");
  // The service names the parts of the new resource as parts of `database`.
  Json const document{{"database", call.body}};
  auto const spec = Fields{document}.message("database").message("spec");
  return workspace_.accept([&](State& state) {
    bool const exists = live_branch(state, branch).databases.find(name.id()) != nullptr;
    if (exists && !replace) throw taken();
    if (exists) return plan_change(state, name, spec, carried_by(call.fields(), database_mask()));
    return plan_create(state, name, spec);
  });
}

Plan Databases::plan_create(State& state, ResourceName const& name, Fields const& spec) {
  auto& branch = live_branch(state, name);
  auto const owner = owner_in(branch, name, spec.required_text("role"));
  DatabaseRecord database;
  database.id = name.id();
  database.role_id = owner.id;
  database.postgres_database = database_name_from_spec(spec, name.id());
  database.create_time = database.update_time = workspace_.now();
  enter_new(state, branch, database, workspace_.limits());
  auto plan = plan_for(state, name);
  plan.check = [this, uid = branch.uid, name = database.postgres_database] {
    if (workspace_.computes().execute(uid, "postgres", {sql_to_find_database(name)}).empty()) return;
    throw DataPlaneError(fmt::format("database {} already exists", quote_identifier(name)), "42P04");
  };
  plan.run = [this, uid = branch.uid, database, owner] {
    workspace_.computes().execute(uid, "postgres", {sql_to_create(database, owner.postgres_role)});
    open_to_superusers(uid, database);
  };
  plan.is_one_statement = true;
  plan.cleanups = {statements_in_branch(branch.uid, {sql_to_drop_database(database.postgres_database)})};
  plan.commit = [name](State& now) { live_database(now, name).creating = false; };
  plan.rollback = [name](State& now) { live_branch(now, name).databases.erase(name.id()); };
  plan.response = [this, name](State const& now) { return show(now, name); };
  return plan;
}

// The database is there then, and of use without it.
void Databases::open_to_superusers(std::string const& branch_uid, DatabaseRecord const& database) const {
  try {
    workspace_.computes().execute(branch_uid, "postgres", {sql_to_open_to_superusers(database)});
  } catch (DataPlaneError const& error) {
    workspace_.log(fmt::format("branch {}: {}", branch_uid, error.what()));
  }
}

Json Databases::update(ResourceName const& name, Call const& call) {
  return workspace_.accept([&](State& state) {
    live_database(state, name);
    auto const body = call.fields();
    auto const spec = body.message("spec");
    auto const touched = touched_by_update(workspace_, call, database_mask());
    if (touched.contains("spec.role") && !spec.text("role")) throw required_field(spec.path_of("role"));
    return plan_change(state, name, spec, touched);
  });
}

Plan Databases::plan_change(State& state, ResourceName const& name, Fields const& spec, Touched const& touched) {
  auto const& branch = live_branch(state, name);
  DatabaseRecord wanted = live_database(state, name);
  auto const old_name = wanted.postgres_database;
  std::vector<std::string> statements;
  std::vector<std::string> undo;
  // Of a creation that replaces, an empty text is none.
  if (auto const role = spec.text("role"); role && touched.contains("spec.role")) {
    auto const& owner = owner_in(branch, name, *role);
    if (owner.id != wanted.role_id) {
      statements.push_back(sql_to_give(old_name, owner.postgres_role));
      auto const* const before = branch.roles.find(wanted.role_id);
      if (before != nullptr) undo.push_back(sql_to_give(old_name, before->postgres_role));
    }
    wanted.role_id = owner.id;
  }
  if (touched.contains("spec.postgres_database")) {
    wanted.postgres_database = database_name_from_spec(spec, old_name);
    if (is_taken(branch, wanted.postgres_database, wanted.id)) throw taken();
  }
  if (wanted.postgres_database != old_name) {
    if (wanted.data_api) statements.push_back(sql_to_end_data_api(old_name));
    statements.push_back(sql_to_rename(old_name, wanted.postgres_database));
    undo.insert(undo.begin(), sql_to_rename(wanted.postgres_database, old_name));
  }
  auto plan = plan_for(state, name);
  plan.run = [this, uid = branch.uid, statements] {
    if (!statements.empty()) workspace_.computes().execute(uid, "postgres", {as_one(statements)});
  };
  plan.is_one_statement = true;
  if (!undo.empty()) plan.cleanups = {statements_in_branch(branch.uid, undo)};
  plan.commit = [this, name, wanted](State& now) {
    auto& database = live_database(now, name);
    database = wanted;
    database.update_time = workspace_.now();
  };
  plan.response = [this, name](State const& now) { return show(now, name); };
  return plan;
}

void Databases::erase(State& state, ResourceName const& name, Json const&) {
  if (auto* const branch = find_branch(state, name)) branch->databases.erase(name.id());
}

Json Databases::remove(ResourceName const& name) {
  return workspace_.accept([&](State& state) {
    auto const database = live_database(state, name);
    auto plan = plan_for(state, name);
    plan.run = [this, uid = live_branch(state, name).uid, database] {
      workspace_.computes().execute(
          uid, "postgres",
          {sql_to_end_feeds(database.postgres_database), sql_to_drop_database(database.postgres_database)});
    };
    plan.is_one_statement = true;
    plan.removal = removal_seen_by(sql_to_find_database(database.postgres_database));
    plan.commit = [name](State& now) { erase(now, name, {}); };
    return plan;
  });
}

}  // namespace lakebase::emulator
