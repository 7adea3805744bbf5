#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// What `delete_forward_etl_configuration` has deleted.
struct DeleteForwardEtlConfigurationResponse {
  /// Configurations, 0 or 1.
  std::optional<std::int64_t> deleted_configs{};
  /// Table mappings.
  std::optional<std::int64_t> deleted_mappings{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("deleted_configs", &DeleteForwardEtlConfigurationResponse::deleted_configs);
    field("deleted_mappings", &DeleteForwardEtlConfigurationResponse::deleted_mappings);
  }
  friend bool operator==(DeleteForwardEtlConfigurationResponse const&,
                         DeleteForwardEtlConfigurationResponse const&) = default;
};

/// What `disable_forward_etl` has done.
struct DisableForwardEtlResponse {
  /// Whether forward ETL is off now.
  std::optional<bool> disabled{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("disabled", &DisableForwardEtlResponse::disabled);
  }
  friend bool operator==(DisableForwardEtlResponse const&, DisableForwardEtlResponse const&) = default;
};

/// One PostgreSQL schema whose tables are copied to one Unity Catalog schema. Set by the service.
struct ForwardEtlConfig {
  /// When it was made, in milliseconds since 1970.
  std::optional<std::int64_t> create_time_millis{};
  /// Whether its tables are copied.
  std::optional<bool> enabled{};
  /// OID of the PostgreSQL database.
  std::optional<std::int64_t> pg_database_oid{};
  /// OID of the PostgreSQL schema.
  std::optional<std::int64_t> pg_schema_oid{};
  /// Tenant of the branch, a UUID without dashes.
  std::optional<std::string> tenant_id{};
  /// Timeline of the branch, a UUID without dashes.
  std::optional<std::string> timeline_id{};
  /// Id of the Unity Catalog catalog.
  std::optional<std::string> uc_catalog_id{};
  /// Id of the Unity Catalog schema.
  std::optional<std::string> uc_schema_id{};
  /// When it was last changed, in milliseconds since 1970.
  std::optional<std::int64_t> update_time_millis{};
  /// Id of the workspace that it belongs to.
  std::optional<std::int64_t> workspace_id{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("create_time_millis", &ForwardEtlConfig::create_time_millis);
    field("enabled", &ForwardEtlConfig::enabled);
    field("pg_database_oid", &ForwardEtlConfig::pg_database_oid);
    field("pg_schema_oid", &ForwardEtlConfig::pg_schema_oid);
    field("tenant_id", &ForwardEtlConfig::tenant_id);
    field("timeline_id", &ForwardEtlConfig::timeline_id);
    field("uc_catalog_id", &ForwardEtlConfig::uc_catalog_id);
    field("uc_schema_id", &ForwardEtlConfig::uc_schema_id);
    field("update_time_millis", &ForwardEtlConfig::update_time_millis);
    field("workspace_id", &ForwardEtlConfig::workspace_id);
  }
  friend bool operator==(ForwardEtlConfig const&, ForwardEtlConfig const&) = default;
};

/// A PostgreSQL database and its OID.
struct ForwardEtlDatabase {
  /// Name in PostgreSQL.
  std::optional<std::string> name{};
  /// OID in PostgreSQL.
  std::optional<std::int64_t> oid{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &ForwardEtlDatabase::name);
    field("oid", &ForwardEtlDatabase::oid);
  }
  friend bool operator==(ForwardEtlDatabase const&, ForwardEtlDatabase const&) = default;
};

/// A PostgreSQL schema and its OID.
struct ForwardEtlSchema {
  /// Name in PostgreSQL.
  std::optional<std::string> name{};
  /// OID in PostgreSQL.
  std::optional<std::int64_t> oid{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &ForwardEtlSchema::name);
    field("oid", &ForwardEtlSchema::oid);
  }
  friend bool operator==(ForwardEtlSchema const&, ForwardEtlSchema const&) = default;
};

/// The OIDs that the calls of forward ETL take. Set by the service.
struct ForwardEtlMetadata {
  /// Databases of the branch.
  std::vector<ForwardEtlDatabase> databases{};
  /// Schemas of the branch.
  std::vector<ForwardEtlSchema> schemas{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("databases", &ForwardEtlMetadata::databases);
    field("schemas", &ForwardEtlMetadata::schemas);
  }
  friend bool operator==(ForwardEtlMetadata const&, ForwardEtlMetadata const&) = default;
};

/// One PostgreSQL table and the Unity Catalog table that it is copied to. Set by the service.
struct ForwardEtlTableMapping {
  /// Whether the table is copied.
  std::optional<bool> enabled{};
  /// Log position up to which it is copied.
  std::optional<std::string> last_synced_lsn{};
  /// Name of the PostgreSQL table.
  std::optional<std::string> pg_table_name{};
  /// OID of the PostgreSQL table.
  std::optional<std::int64_t> pg_table_oid{};
  /// Id of the Unity Catalog table.
  std::optional<std::string> uc_table_id{};
  /// Name of the Unity Catalog table.
  std::optional<std::string> uc_table_name{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("enabled", &ForwardEtlTableMapping::enabled);
    field("last_synced_lsn", &ForwardEtlTableMapping::last_synced_lsn);
    field("pg_table_name", &ForwardEtlTableMapping::pg_table_name);
    field("pg_table_oid", &ForwardEtlTableMapping::pg_table_oid);
    field("uc_table_id", &ForwardEtlTableMapping::uc_table_id);
    field("uc_table_name", &ForwardEtlTableMapping::uc_table_name);
  }
  friend bool operator==(ForwardEtlTableMapping const&, ForwardEtlTableMapping const&) = default;
};

/// Forward ETL of a branch: the older form of the change data feed (see CdfConfig). Set by the service.
struct ForwardEtlStatus {
  /// Which schemas are copied where.
  std::vector<ForwardEtlConfig> configurations{};
  /// Which tables are copied where, and how far.
  std::vector<ForwardEtlTableMapping> table_mappings{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("configurations", &ForwardEtlStatus::configurations);
    field("table_mappings", &ForwardEtlStatus::table_mappings);
  }
  friend bool operator==(ForwardEtlStatus const&, ForwardEtlStatus const&) = default;
};

/// Options of `delete_forward_etl_configuration`.
struct DeleteForwardEtlConfigurationOptions {
  /// OID of the database that the configuration is for.
  std::optional<std::int64_t> pg_database_oid{};
  /// OID of the schema that the configuration is for.
  std::optional<std::int64_t> pg_schema_oid{};
  /// Tenant of the branch, a UUID without dashes.
  std::optional<std::string> tenant_id{};
  /// Timeline of the branch, a UUID without dashes.
  std::optional<std::string> timeline_id{};
};

/// Options of `disable_forward_etl`.
struct DisableForwardEtlOptions {
  /// OID of the database.
  std::optional<std::int64_t> pg_database_oid{};
  /// OID of the schema.
  std::optional<std::int64_t> pg_schema_oid{};
  /// Tenant of the branch, a UUID without dashes.
  std::optional<std::string> tenant_id{};
  /// Timeline of the branch, a UUID without dashes.
  std::optional<std::string> timeline_id{};
};

/// Options of `get_forward_etl_metadata`.
struct GetForwardEtlMetadataOptions {
  /// Tenant of the branch, a UUID without dashes.
  std::optional<std::string> tenant_id{};
  /// Timeline of the branch, a UUID without dashes.
  std::optional<std::string> timeline_id{};
};

/// Options of `get_forward_etl_status`.
struct GetForwardEtlStatusOptions {
  /// Tenant of the branch, a UUID without dashes.
  std::optional<std::string> tenant_id{};
  /// Timeline of the branch, a UUID without dashes.
  std::optional<std::string> timeline_id{};
};

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
