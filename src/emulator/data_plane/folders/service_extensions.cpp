#include "data_plane/folders/service_extensions.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string_view>

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

/// Those of the service's list that bring types, functions, operators, index methods or views only. What reaches other
/// servers, files or programs (dblink, file_fdw, postgres_fdw) is a superuser's here: on this machine, another server
/// is the emulator's own.
constexpr std::array<std::string_view, 31> trusted_extensions = {
    "autoinc",    "bloom",         "btree_gin",     "btree_gist", "citext",      "cube",
    "dict_int",   "earthdistance", "fuzzystrmatch", "hll",        "hstore",      "insert_username",
    "intagg",     "intarray",      "isn",           "lo",         "ltree",       "moddatetime",
    "pg_prewarm", "pg_trgm",       "pgcrypto",      "pgrowlocks", "pgstattuple", "pg_stat_statements",
    "refint",     "seg",           "tablefunc",     "tcn",        "unaccent",    "uuid-ossp",
    "vector"};

constexpr std::string_view databricks_auth_control = R"(comment = 'Roles for identities of the workspace'
default_version = '1.0'
schema = public
relocatable = false
trusted = true
)";

// Who calls cannot be asked within a SECURITY DEFINER function but by what SET ROLE has set. The label is that of the
// service; only a superuser can write it here, because PostgreSQL knows no provider of that name.
constexpr std::string_view databricks_auth_sql =
    R"sql(\echo Use "CREATE EXTENSION databricks_auth" to load this file. \quit

CREATE FUNCTION databricks_create_role(identity_name text, identity_type text) RETURNS text
LANGUAGE plpgsql STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
  type text := pg_catalog.upper(identity_type);
  caller name := CASE pg_catalog.current_setting('role') WHEN 'none' THEN session_user
                 ELSE pg_catalog.current_setting('role')::name END;
  scim_id bigint := 1000000000000000 + ('x0000' || pg_catalog.encode(pg_catalog.substr(pg_catalog.sha256(
                    pg_catalog.convert_to(identity_name, 'UTF8')), 1, 6), 'hex'))::bit(64)::bigint;
BEGIN
  IF type NOT IN ('USER', 'SERVICE_PRINCIPAL', 'GROUP') THEN
    RAISE invalid_parameter_value USING
      MESSAGE = pg_catalog.format('invalid identity type "%s"', identity_type),
      HINT = 'Use USER, SERVICE_PRINCIPAL or GROUP.';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = caller AND (rolcreaterole OR rolsuper)) THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied to create role',
      DETAIL = 'Only roles with the CREATEROLE attribute may create roles.';
  END IF;
  IF pg_catalog.octet_length(identity_name) > 63
     OR (type = 'USER' AND pg_catalog.strpos(identity_name, '@') = 0)
     OR (type = 'SERVICE_PRINCIPAL' AND identity_name !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$') THEN
    RAISE undefined_object USING MESSAGE = pg_catalog.format('Identity ''%s'' not found', identity_name);
  END IF;
  EXECUTE pg_catalog.format('CREATE ROLE %I LOGIN', identity_name);
  IF pg_catalog.current_setting('server_version_num')::int >= 160000 THEN
    EXECUTE pg_catalog.format('GRANT %I TO %I WITH ADMIN TRUE, INHERIT FALSE, SET FALSE', identity_name, caller);
  END IF;
  INSERT INTO pg_catalog.pg_shseclabel (objoid, classoid, provider, label)
    SELECT oid, 'pg_catalog.pg_authid'::pg_catalog.regclass, 'databricks_auth',
           pg_catalog.format('id=%s,type=%s', scim_id, pg_catalog.lower(type))
    FROM pg_catalog.pg_roles WHERE rolname = identity_name;
  RETURN identity_name;
END
$body$;

CREATE FUNCTION databricks_list_roles_impl(OUT role_name text, OUT identity_type text) RETURNS SETOF record
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $body$
  SELECT rolname::text, pg_catalog.substring(label, 'type=(.*)')
  FROM pg_catalog.pg_shseclabel JOIN pg_catalog.pg_roles ON pg_roles.oid = objoid
  WHERE provider = 'databricks_auth' AND classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
  ORDER BY 1
$body$;

CREATE VIEW databricks_list_roles AS SELECT role_name, identity_type FROM @extschema@.databricks_list_roles_impl();
GRANT SELECT ON databricks_list_roles TO PUBLIC;
)sql";

std::string search_control(std::string_view kind) {
  return fmt::format(R"(comment = 'Lakebase Search for {}: not available in the emulator'
default_version = '1.0'
trusted = true
)",
                     kind);
}

/// @param instead what stands nearest
std::string search_sql(std::string_view name, std::string_view instead) {
  return fmt::format(R"sql(DO $$BEGIN
  RAISE feature_not_supported USING MESSAGE = 'extension "{0}" is not available in the Lakebase emulator',
    DETAIL = '{0} is part of Lakebase Search (Beta), which is switched on for a project of the service in its UI.',
    HINT = '{1}';
END$$;
)sql",
                     name, instead);
}

constexpr std::string_view nearest_to_vector =
    "pgvector stands nearest, with the same types: CREATE EXTENSION vector, and an index USING hnsw instead of "
    "lakebase_ann.";
constexpr std::string_view nearest_to_text =
    "What stands nearest is the full-text search of PostgreSQL, with an index USING gin instead of lakebase_bm25; and "
    "pgvector (CREATE EXTENSION vector) for the vectors of a hybrid search.";

std::string contents(fs::path const& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

std::vector<ExtensionFile> service_extensions(fs::path const& extensions) {
  std::vector<ExtensionFile> files{
      {"databricks_auth.control", std::string{databricks_auth_control}},
      {"databricks_auth--1.0.sql", std::string{databricks_auth_sql}},
      {"lakebase_vector.control", search_control("vectors")},
      {"lakebase_vector--1.0.sql", search_sql("lakebase_vector", nearest_to_vector)},
      {"lakebase_text.control", search_control("text")},
      {"lakebase_text--1.0.sql", search_sql("lakebase_text", nearest_to_text)},
  };
  for (std::string_view const name : trusted_extensions) {
    std::string const control = fmt::format("{}.control", name);
    std::string const text = contents(extensions / control);
    if (!text.empty()) files.push_back({control, text + "\ntrusted = true\n"});
  }
  return files;
}

}  // namespace lakebase::emulator
