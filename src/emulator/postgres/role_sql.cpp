#include "postgres/role_sql.hpp"

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "common/sql_quoting.hpp"
#include "identity/identity_provider.hpp"
#include "postgres/branch.hpp"

namespace lakebase::emulator {
namespace {

std::string attribute_clause(RoleRecord const& role) {
  return fmt::format("{} {} {} {}", role.auth_method == "NO_LOGIN" ? "NOLOGIN" : "LOGIN",
                     role.createdb ? "CREATEDB" : "NOCREATEDB", role.createrole ? "CREATEROLE" : "NOCREATEROLE",
                     role.bypassrls ? "BYPASSRLS" : "NOBYPASSRLS");
}

std::string password_clause(RoleRecord const& role) {
  return role.password.empty() ? "" : " PASSWORD " + quote_literal(role.password);
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

// From PostgreSQL 16 on, CREATEROLE reaches only roles over which one has the ADMIN option, which the emulator, as it
// makes a role, would keep to itself. It goes to the oldest role that may create roles, which is the owner's as a rule.
// Not to databricks_superuser, of which the new role can be a member.
std::string sql_to_let_owner_administer(std::string const& role) {
  auto const body = fmt::format(
      R"(DECLARE
  owner name;
BEGIN
  IF current_setting('server_version_num')::int < 160000 THEN RETURN; END IF;
  SELECT rolname INTO owner FROM pg_catalog.pg_roles WHERE rolcreaterole AND NOT rolsuper AND rolname <> {0}
    AND pg_catalog.pg_has_role(oid, 'databricks_superuser', 'MEMBER') ORDER BY oid LIMIT 1;
  IF FOUND THEN
    EXECUTE pg_catalog.format('GRANT %I TO %I WITH ADMIN TRUE, INHERIT FALSE, SET FALSE', {0}, owner);
  END IF;
END)",
      quote_literal(role));
  return fmt::format("DO {}", quote_literal(body));
}

// DROP OWNED takes back only what the owner of an object has granted. On schemas and databases of which it has the
// right to grant, a member of databricks_superuser grants as that.
std::string sql_to_revoke_grants_of_others(std::string const& role) {
  auto const body = fmt::format(
      R"(DECLARE
  given record;
  role_oid oid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = {0});
BEGIN
  FOR given IN
    SELECT 'SCHEMA' AS kind, nspname AS name, acl.grantor FROM pg_catalog.pg_namespace,
      pg_catalog.aclexplode(nspacl) acl WHERE acl.grantor <> nspowner AND acl.grantee = role_oid
    UNION SELECT 'DATABASE', datname, acl.grantor FROM pg_catalog.pg_database,
      pg_catalog.aclexplode(datacl) acl WHERE acl.grantor <> datdba AND acl.grantee = role_oid
  LOOP
    EXECUTE pg_catalog.format('SET LOCAL ROLE %s', given.grantor::pg_catalog.regrole);
    EXECUTE pg_catalog.format('REVOKE ALL ON %s %I FROM %I CASCADE', given.kind, given.name, {0});
    RESET ROLE;
  END LOOP;
END)",
      quote_literal(role));
  return fmt::format("DO {}", quote_literal(body));
}

}  // namespace

std::string sql_to_label(RoleRecord const& role) {
  return fmt::format(
      "INSERT INTO pg_catalog.pg_shseclabel (objoid, classoid, provider, label) "
      "SELECT oid, 'pg_catalog.pg_authid'::pg_catalog.regclass, 'databricks_auth', 'id={},type={}' "
      "FROM pg_catalog.pg_roles r WHERE rolname = {} AND NOT EXISTS (SELECT FROM pg_catalog.pg_shseclabel WHERE objoid "
      "= "
      "r.oid AND provider = 'databricks_auth')",
      scim_id(role.postgres_role), to_lower(role.identity_type), quote_literal(role.postgres_role));
}

std::vector<std::string> sql_to_create(RoleRecord const& role) {
  auto const name = quote_identifier(role.postgres_role);
  auto statements = sql_to_guard(role);
  statements.push_back(fmt::format("CREATE ROLE {} {}{}", name, attribute_clause(role), password_clause(role)));
  if (role.databricks_superuser) statements.push_back(fmt::format("GRANT databricks_superuser TO {}", name));
  if (!role.identity_type.empty()) statements.push_back(sql_to_label(role));
  statements.push_back(sql_to_let_owner_administer(role.postgres_role));
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
          fmt::format("DROP OWNED BY {}", quoted), sql_to_revoke_grants_of_others(role)};
}

std::string sql_to_list_identities() {
  return "SELECT rolname, upper(substring(label, 'type=([a-z_A-Z]*)')), rolcanlogin, rolcreatedb, rolcreaterole, "
         "rolbypassrls, EXISTS (SELECT FROM pg_catalog.pg_auth_members WHERE member = r.oid AND roleid = "
         "'databricks_superuser'::pg_catalog.regrole) FROM pg_catalog.pg_roles r JOIN pg_catalog.pg_shseclabel ON "
         "objoid = r.oid AND classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass WHERE provider = "
         "'databricks_auth' ORDER BY r.oid";
}

std::vector<RoleRecord> identities_in(std::vector<std::vector<std::string>> const& rows) {
  std::vector<RoleRecord> roles;
  for (auto const& row : rows) {
    if (row.size() < 7) continue;
    RoleRecord role;
    role.postgres_role = row[0];
    role.identity_type = row[1];
    role.auth_method = row[2] == "t" ? "LAKEBASE_OAUTH_V1" : "NO_LOGIN";
    role.createdb = row[3] == "t";
    role.createrole = row[4] == "t";
    role.bypassrls = row[5] == "t";
    role.databricks_superuser = row[6] == "t";
    roles.push_back(std::move(role));
  }
  return roles;
}

std::string sql_to_find_role(std::string const& postgres_role) {
  return fmt::format("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = {}", quote_literal(postgres_role));
}

}  // namespace lakebase::emulator
