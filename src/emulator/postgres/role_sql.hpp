#pragma once

#include <string>
#include <vector>

#include "postgres/forward_declarations.hpp"
#include "postgres/role.hpp"

namespace lakebase::emulator {

// SQL for roles, statement by statement.

/// Creates the role with its memberships, and lets the owner of the branch administer it.
std::vector<std::string> sql_to_create(RoleRecord const& role);
/// Sets attributes and memberships.
std::vector<std::string> sql_to_alter(RoleRecord const& role);
/// Gives a role the databases that it owns by the state.
std::vector<std::string> sql_to_own(BranchRecord const& branch, RoleRecord const& role);
/// Gives away what a role owns in a database, and takes back what it may do there. PostgreSQL does it for one database
/// at a time only.
std::vector<std::string> sql_to_disown(std::string const& role, std::string const& new_owner);
/// Tells databricks_auth whose role an identity's role is, as databricks_create_role does.
std::string sql_to_label(RoleRecord const& role);
/// Lists the roles of identities that are in PostgreSQL, whoever has made them.
std::string sql_to_list_identities();
/// Reads its rows.
std::vector<RoleRecord> identities_in(std::vector<std::vector<std::string>> const& rows);
/// Finds nothing if there is no such role.
std::string sql_to_find_role(std::string const& postgres_role);

}  // namespace lakebase::emulator
