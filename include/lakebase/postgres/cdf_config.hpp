#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <lakebase/operation.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// A change data feed: the tables of one PostgreSQL schema, whose changes are written to Delta tables of one Unity
/// Catalog schema. It cannot be changed, only deleted.
struct CdfConfig {
  /// Required. Unity Catalog catalog to write to.
  std::optional<std::string> catalog{};
  /// Required. Schema of `catalog` to write to.
  std::optional<std::string> schema{};
  /// Required. PostgreSQL schema to read from, which one feed of the database can do.
  std::optional<std::string> postgres_schema{};
  /// Last part of the name. Set by the service.
  std::optional<std::string> cdf_config_id{};
  /// Set by the service.
  std::optional<Timestamp> create_time{};
  /// `projects/{project_id}/branches/{branch_id}/databases/{database_id}/cdf-configs/{cdf_config_id}`. Set by the
  /// service.
  std::optional<std::string> name{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("catalog", &CdfConfig::catalog);
    field("schema", &CdfConfig::schema);
    field("postgres_schema", &CdfConfig::postgres_schema);
    field("cdf_config_id", &CdfConfig::cdf_config_id);
    field("create_time", &CdfConfig::create_time);
    field("name", &CdfConfig::name);
  }
  friend bool operator==(CdfConfig const&, CdfConfig const&) = default;
};

/// Metadata of an operation on a change data feed: empty so far.
struct CdfConfigOperationMetadata {
  template <class Field>
  static constexpr void describe(Field&&) {}
  friend bool operator==(CdfConfigOperationMetadata const&, CdfConfigOperationMetadata const&) = default;
};

/// One page of `list_cdf_configs`, as the API sends it.
struct ListCdfConfigsResponse {
  /// In no documented order.
  std::vector<CdfConfig> cdf_configs{};
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("cdf_configs", &ListCdfConfigsResponse::cdf_configs);
    field("next_page_token", &ListCdfConfigsResponse::next_page_token);
  }
  friend bool operator==(ListCdfConfigsResponse const&, ListCdfConfigsResponse const&) = default;
};

/// Options of `create_cdf_config`.
struct CreateCdfConfigOptions {
  /// Last part of the name to be: `[a-z][a-z0-9_]{0,62}`. Default: the name of the PostgreSQL schema.
  std::optional<std::string> cdf_config_id{};
};

/// Options of `delete_cdf_config`.
struct DeleteCdfConfigOptions {
  /// Drop the Delta tables too. Default false: they stay as they are.
  std::optional<bool> force{};
};

/// Options of `list_cdf_configs`.
struct ListCdfConfigsOptions {
  /// Maximum number of items on one page; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

/// What `create_cdf_config` returns.
using CreateCdfConfigOperation = lakebase::Operation<CdfConfig, CdfConfigOperationMetadata>;
/// What `delete_cdf_config` returns.
using DeleteCdfConfigOperation = lakebase::Operation<void, CdfConfigOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
