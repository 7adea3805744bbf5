#include "postgres/role_sql.hpp"

#include <fmt/format.h>

#include "common/sql_quoting.hpp"
#include "postgres/branch.hpp"

namespace lakebase::emulator {
namespace {

std::string attribute_clause(RoleRecord const& role) {
  return fmt::format("{} {} {} {}", role.auth_method == "NO_LOGIN" ? "NOLOGIN" : "LOGIN",
                     role.createdb ? "CREATEDB" : "NOCREATEDB", role.createrole ? "CREATEROLE" : "NOCREATEROLE",
                     role.bypassrls ? "BYPASSRLS" : "NOBYPASSRLS");
}

// Before PostgreSQL 16, CREATEROLE reaches every role of the branch, and so databricks_superuser: only a role that has
// the latter may have the former.
std::vector<std::string> sql_to_guard(RoleRecord const& role) {
  if (!role.createrole || role.databricks_superuser) return {};
  return {
      "DO $$BEGIN IF current_setting('server_version_num')::int < 160000 THEN RAISE insufficient_privilege USING "
      "MESSAGE "
      "= 'createrole without DATABRICKS_SUPERUSER needs PostgreSQL 16 or newer: before, it reaches every role'; END "
      "IF; "
      "END$$"};
}

}  // namespace

std::vector<std::string> sql_to_create(RoleRecord const& role) {
  auto const name = quote_identifier(role.postgres_role);
  auto statements = sql_to_guard(role);
  statements.push_back(fmt::format("CREATE ROLE {} {}", name, attribute_clause(role)));
  if (role.databricks_superuser) statements.push_back(fmt::format("GRANT databricks_superuser TO {}", name));
  return statements;
}

std::vector<std::string> sql_to_alter(RoleRecord const& role) {
  auto const name = quote_identifier(role.postgres_role);
  auto statements = sql_to_guard(role);
  statements.push_back(fmt::format("ALTER ROLE {} {}", name, attribute_clause(role)));
  statements.push_back(role.databricks_superuser ? fmt::format("GRANT databricks_superuser TO {}", name)
                                                 : fmt::format("REVOKE databricks_superuser FROM {}", name));
  return statements;
}

std::vector<std::string> sql_to_own(BranchRecord const& branch, RoleRecord const& role) {
  std::vector<std::string> statements;
  for (auto const& database : branch.databases) {
    if (database.role_id != role.id) continue;
    statements.push_back(fmt::format("ALTER DATABASE {} OWNER TO {}", quote_identifier(database.postgres_database),
                                     quote_identifier(role.postgres_role)));
  }
  return statements;
}

std::vector<std::string> sql_to_disown(std::string const& role, std::string const& new_owner) {
  auto const quoted = quote_identifier(role);
  return {fmt::format("REASSIGN OWNED BY {} TO {}", quoted, quote_identifier(new_owner)),
          fmt::format("DROP OWNED BY {}", quoted)};
}

std::string sql_to_find_role(std::string const& postgres_role) {
  return fmt::format("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = {}", quote_literal(postgres_role));
}

}  // namespace lakebase::emulator
