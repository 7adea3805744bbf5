#include "data_plane/server/standard_roles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "data_plane/server/server_config.hpp"

namespace lakebase::emulator {
namespace {

struct PredefinedRole {
  std::string_view name;
  PredefinedRoleUse use;
};

using enum PredefinedRoleUse;

// The service grants databricks_superuser three of them. Clients must not have what the others give: programs and files
// of the host, other users' sessions, the emulator's connections, replication.
constexpr std::array<PredefinedRole, 16> predefined_roles = {{
    {"pg_checkpoint", refused},
    {"pg_create_subscription", refused},
    {"pg_database_owner", implicit},
    {"pg_execute_server_program", refused},
    {"pg_maintain", refused},
    {"pg_monitor", service},
    {"pg_read_all_data", service},
    {"pg_read_all_settings", included},
    {"pg_read_all_stats", included},
    {"pg_read_server_files", refused},
    {"pg_signal_autovacuum_worker", refused},
    {"pg_signal_backend", refused},
    {"pg_stat_scan_tables", included},
    {"pg_use_reserved_connections", refused},
    {"pg_write_all_data", service},
    {"pg_write_server_files", refused},
}};

std::string names_of(PredefinedRoleUse use, std::string_view quote) {
  std::string names;
  for (PredefinedRole const& role : predefined_roles) {
    if (role.use != use) continue;
    names += fmt::format("{}{}{}{}", names.empty() ? "" : ", ", quote, role.name, quote);
  }
  return names;
}

/// Before PostgreSQL 16, a role with CREATEROLE may grant every role but superusers: so the refused roles are marked as
/// superusers. They cannot log in and have no members, so that the mark gives nobody anything. By UPDATE, because ALTER
/// ROLE refuses predefined roles.
std::string mark_sql(int version) {
  if (version >= 16) return {};
  return fmt::format("  UPDATE pg_authid SET rolsuper = true WHERE rolname IN ({});\n", names_of(refused, "'"));
}

}  // namespace

std::optional<PredefinedRoleUse> predefined_role_use(std::string_view name) {
  auto const found = std::find_if(predefined_roles.begin(), predefined_roles.end(),
                                  [&](PredefinedRole const& role) { return role.name == name; });
  if (found == predefined_roles.end()) return std::nullopt;
  return found->use;
}

std::string standard_roles_sql(int version) {
  return fmt::format(
      R"(DO $roles$
DECLARE
  wrong record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'databricks_superuser') THEN
    CREATE ROLE databricks_superuser;
  END IF;
  ALTER ROLE databricks_superuser NOSUPERUSER NOLOGIN NOCREATEDB NOCREATEROLE NOBYPASSRLS INHERIT PASSWORD NULL;
  GRANT {service} TO databricks_superuser;
  FOR wrong IN SELECT granted.rolname AS role, member.rolname AS member, grantor.rolname AS grantor
               FROM pg_auth_members JOIN pg_roles granted ON granted.oid = roleid
               JOIN pg_roles member ON member.oid = pg_auth_members.member
               LEFT JOIN pg_roles grantor ON grantor.oid = pg_auth_members.grantor
               WHERE granted.rolname IN ({refused}, '{superuser}') LOOP
    EXECUTE format('REVOKE %I FROM %I', wrong.role, wrong.member)
            || CASE WHEN {version} >= 16 THEN format(' GRANTED BY %I CASCADE', wrong.grantor) ELSE '' END;
  END LOOP;
  FOR wrong IN SELECT rolname FROM pg_roles WHERE (rolsuper OR rolreplication)
               AND rolname <> '{superuser}' AND rolname NOT IN ({refused}) LOOP
    EXECUTE format('ALTER ROLE %I NOSUPERUSER NOREPLICATION', wrong.rolname);
  END LOOP;
{mark}END
$roles$)",
      fmt::arg("service", names_of(service, "")), fmt::arg("refused", names_of(refused, "'")),
      fmt::arg("superuser", bootstrap_superuser), fmt::arg("version", version), fmt::arg("mark", mark_sql(version)));
}

// As members of the extension that every database has, they are in no dump.
std::string standard_schema_sql() {
  return R"(GRANT ALL ON SCHEMA public TO databricks_superuser WITH GRANT OPTION;
CREATE FUNCTION pg_catalog.lakebase_refuse_replication() RETURNS event_trigger LANGUAGE plpgsql AS $body$BEGIN
  RAISE feature_not_supported USING
    MESSAGE = pg_catalog.format('%s is not available: logical replication is disabled in Lakebase', TG_TAG),
    HINT = 'A change data feed configuration of the database takes changes to Unity Catalog.';
END$body$;
CREATE EVENT TRIGGER lakebase_refuse_replication ON ddl_command_start
  WHEN TAG IN ('CREATE PUBLICATION', 'CREATE SUBSCRIPTION')
  EXECUTE FUNCTION pg_catalog.lakebase_refuse_replication();
ALTER EXTENSION plpgsql ADD FUNCTION pg_catalog.lakebase_refuse_replication();
ALTER EXTENSION plpgsql ADD EVENT TRIGGER lakebase_refuse_replication)";
}

}  // namespace lakebase::emulator
