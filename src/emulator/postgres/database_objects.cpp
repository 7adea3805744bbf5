#include "postgres/database_objects.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "common/random.hpp"
#include "common/sql_quoting.hpp"
#include "postgres/cleanup.hpp"
#include "postgres/role_sql.hpp"

namespace lakebase::emulator {
namespace {

/// What an operation creates.
struct CreatedObjects {
  ResourceName branch;
  std::string branch_uid;
  /// The name of the database in which the schema is.
  std::string database_name;
  std::optional<DatabaseRecord> database;
  /// Of the new database.
  std::string owner;
  /// The owner's, if he has none yet.
  std::optional<RoleRecord> role;
  std::string schema;
};

std::string sql_to_find_schema(std::string const& schema) {
  return fmt::format("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {}", quote_literal(schema));
}

template <class List>
std::string free_id(List const& records, std::string id, RandomBytes const& random) {
  constexpr std::size_t longest = 54;
  if (records.find(id) == nullptr) return id;
  id.resize(std::min(id.size(), longest));
  return fmt::format("{}-{}", id, random_hex(8, random));
}

// The role of the caller, for objects only: he gets no further rights by it.
RoleRecord plain_role_of(Identity const& caller) {
  auto role = role_of_caller(caller);
  role.createdb = role.createrole = role.bypassrls = role.databricks_superuser = false;
  return role;
}

// Enters the new database, and the role of its owner if that is new, into the state.
void enter_database(Workspace const& workspace, State& state, Identity const& caller, CreatedObjects& created) {
  auto& branch = live_branch(state, created.branch);
  auto const of_caller = std::find_if(branch.roles.begin(), branch.roles.end(),
                                      [&](RoleRecord const& role) { return role.postgres_role == caller.name; });
  auto const& random = workspace.random();
  DatabaseRecord database;
  if (of_caller == branch.roles.end()) {
    auto role = plain_role_of(caller);
    role.id = free_id(branch.roles, id_for_role(role, random), random);
    role.create_time = role.update_time = workspace.now();
    enter_new(state, branch, role, workspace.limits());
    database.role_id = role.id;
    created.role = role;
  } else {
    database.role_id = of_caller->id;
  }
  database.postgres_database = created.database_name;
  database.id = free_id(branch.databases, make_id(created.database_name, "db", random), random);
  database.create_time = database.update_time = workspace.now();
  enter_new(state, branch, database, workspace.limits());
  created.owner = caller.name;
  created.database = database;
}

// Else the cleanups could drop what somebody else has made.
void require_missing(Computes& computes, CreatedObjects const& created) {
  auto const require = [&](std::string const& database, std::string const& sql, std::string const& what,
                           std::string const& sqlstate) {
    if (computes.execute(created.branch_uid, database, {sql}).empty()) return;
    throw DataPlaneError(fmt::format("{} already exists", what), sqlstate);
  };
  if (created.role) {
    auto const& role = created.role->postgres_role;
    require("postgres", sql_to_find_role(role), "role " + quote_identifier(role), "42710");
  }
  if (created.database) {
    require("postgres", sql_to_find_database(created.database_name),
            "database " + quote_identifier(created.database_name), "42P04");
  } else {
    require(created.database_name, sql_to_find_schema(created.schema), "schema " + quote_identifier(created.schema),
            "42P06");
  }
}

void create(Computes& computes, CreatedObjects const& created) {
  if (created.role) computes.execute(created.branch_uid, "postgres", {as_one(sql_to_create(*created.role))});
  if (created.database) {
    computes.execute(created.branch_uid, "postgres", {sql_to_create(*created.database, created.owner)});
    computes.execute(created.branch_uid, "postgres", {sql_to_open_to_superusers(*created.database)});
  }
  if (created.schema.empty()) return;
  computes.execute(created.branch_uid, created.database_name,
                   {fmt::format("CREATE SCHEMA {} AUTHORIZATION pg_database_owner", quote_identifier(created.schema))});
}

Json removal_of(CreatedObjects const& created) {
  if (!created.database) {
    return statements_in_branch(created.branch_uid,
                                {fmt::format("DROP SCHEMA IF EXISTS {}", quote_identifier(created.schema))},
                                created.database_name);
  }
  std::vector<std::string> statements{sql_to_drop_database(created.database_name)};
  if (created.role) {
    statements.push_back(fmt::format("DROP ROLE IF EXISTS {}", quote_identifier(created.role->postgres_role)));
  }
  return statements_in_branch(created.branch_uid, statements);
}

void keep(State& state, CreatedObjects const& created) {
  auto& branch = live_branch(state, created.branch);
  if (created.role) branch.roles.find(created.role->id)->creating = false;
  if (created.database) branch.databases.find(created.database->id)->creating = false;
}

void forget(State& state, CreatedObjects const& created) {
  auto& branch = live_branch(state, created.branch);
  if (created.role) branch.roles.erase(created.role->id);
  if (created.database) branch.databases.erase(created.database->id);
}

}  // namespace

DatabaseRecord const* database_named(BranchRecord const& branch, std::string_view postgres_database) {
  auto const found =
      std::find_if(branch.databases.begin(), branch.databases.end(),
                   [&](DatabaseRecord const& database) { return database.postgres_database == postgres_database; });
  return found == branch.databases.end() ? nullptr : &*found;
}

MissingObjects find_missing(Workspace& workspace, DatabaseObjects const& objects) {
  workspace.settle(objects.branch.project());
  auto const state = workspace.state();
  auto const& branch = live_branch(*state, objects.branch);
  auto& computes = workspace.computes();
  bool const has_database =
      !is_of_postgresql(objects.database) &&
      (database_named(branch, objects.database) != nullptr ||
       !computes.execute(branch.uid, "postgres", {sql_to_find_database(objects.database)}).empty());
  // A new database has `public`.
  if (!has_database) return {true, !objects.schema.empty() && objects.schema != "public"};
  if (objects.schema.empty()) return {};
  return {false, computes.execute(branch.uid, objects.database, {sql_to_find_schema(objects.schema)}).empty()};
}

void plan_missing(Workspace const& workspace, State& state, DatabaseObjects const& objects,
                  MissingObjects const& missing, Identity const& caller, Plan& plan) {
  if (!missing.database && !missing.schema) return;
  CreatedObjects created;
  created.branch = objects.branch;
  created.branch_uid = live_branch(state, objects.branch).uid;
  created.database_name = objects.database;
  if (missing.database) enter_database(workspace, state, caller, created);
  if (missing.schema) created.schema = objects.schema;
  auto& computes = workspace.computes();
  plan.check = [&computes, created] { require_missing(computes, created); };
  plan.run = [&computes, created] { create(computes, created); };
  plan.is_one_statement = !missing.database;
  plan.cleanups = {removal_of(created)};
  plan.commit = [created, rest = std::move(plan.commit)](State& now) {
    keep(now, created);
    if (rest) rest(now);
  };
  plan.rollback = [created, rest = std::move(plan.rollback)](State& now) {
    forget(now, created);
    if (rest) rest(now);
  };
}

}  // namespace lakebase::emulator
