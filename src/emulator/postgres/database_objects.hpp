#pragma once

#include <string>

#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// What something that is registered in Unity Catalog needs in PostgreSQL.
struct DatabaseObjects {
  ResourceName branch;
  /// Its name in PostgreSQL.
  std::string database;
  /// A schema of the database; empty: none is needed.
  std::string schema{};
};

/// Which of them PostgreSQL does not have.
struct MissingObjects {
  bool database = false;
  bool schema = false;
};

/// The resource of a database, by its name in PostgreSQL; null if there is none.
DatabaseRecord const* database_named(BranchRecord const& branch, std::string_view postgres_database);

/// Finds out what is missing. It may ask PostgreSQL, for which a compute may start, so not while the state is changed.
/// @throws ServiceError if the branch is missing, or an operation runs on its project
MissingObjects find_missing(Workspace& workspace, DatabaseObjects const& objects);

/// Has a plan create what is missing, besides the rest of what it does in the state. A database belongs to the caller,
/// who gets a role if there is none; a schema belongs to the owner of its database.
void plan_missing(Workspace const& workspace, State& state, DatabaseObjects const& objects,
                  MissingObjects const& missing, Identity const& caller, Plan& plan);

}  // namespace lakebase::emulator
