#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// Whether the Data API describes itself as an OpenAPI document.
enum class OpenApiMode {
  disabled,           ///< No document.
  ignore_privileges,  ///< Everything that is exposed, whether or not the caller may use it.
  unrecognized,
};
constexpr std::array<std::string_view, 2> enum_names(OpenApiMode) {
  return {"OPEN_API_MODE_DISABLED", "OPEN_API_MODE_IGNORE_PRIVILEGES"};
}

/// Desired state of the Data API of a database. At creation at least one member must be set.
struct DataApiDataApiSpec {
  /// Allow `count`, `sum` and other aggregates in queries. Default true.
  std::optional<bool> db_aggregates_enabled{};
  /// PostgreSQL role of requests that come without a token. 1 to 63 characters, `[a-zA-Z_][a-zA-Z0-9_$]*`. Default
  /// `anonymous`.
  std::optional<std::string> db_anon_role{};
  /// Schemas added to the search path of each request without being exposed.
  std::vector<std::string> db_extra_search_path{};
  /// Maximum number of rows in one response, above 0. Unset: not limited here.
  std::optional<std::int64_t> db_max_rows{};
  /// Schemas that are exposed, at most 100, each named as a `db_anon_role` is. Default `public` alone.
  std::vector<std::string> db_schemas{};
  /// How long a validated token is cached. Zero: not at all.
  std::optional<Duration> jwt_cache_max_lifetime{};
  /// JSON path of the claim of a token that names its role. Default `.sub`.
  std::optional<std::string> jwt_role_claim_key{};
  /// Whether the API describes itself.
  std::optional<Enum<OpenApiMode>> openapi_mode{};
  /// Origins whose pages may call the API from a browser; `*` for all.
  std::vector<std::string> server_cors_allowed_origins{};
  /// Add a `Server-Timing` header to responses.
  std::optional<bool> server_timing_enabled{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("db_aggregates_enabled", &DataApiDataApiSpec::db_aggregates_enabled);
    field("db_anon_role", &DataApiDataApiSpec::db_anon_role);
    field("db_extra_search_path", &DataApiDataApiSpec::db_extra_search_path);
    field("db_max_rows", &DataApiDataApiSpec::db_max_rows);
    field("db_schemas", &DataApiDataApiSpec::db_schemas);
    field("jwt_cache_max_lifetime", &DataApiDataApiSpec::jwt_cache_max_lifetime);
    field("jwt_role_claim_key", &DataApiDataApiSpec::jwt_role_claim_key);
    field("openapi_mode", &DataApiDataApiSpec::openapi_mode);
    field("server_cors_allowed_origins", &DataApiDataApiSpec::server_cors_allowed_origins);
    field("server_timing_enabled", &DataApiDataApiSpec::server_timing_enabled);
  }
  friend bool operator==(DataApiDataApiSpec const&, DataApiDataApiSpec const&) = default;
};

/// Observed state of the Data API of a database, read from the database. Set by the service.
struct DataApiDataApiStatus {
  /// Schemas of the database that `db_schemas` may name.
  std::vector<std::string> available_schemas{};
  /// Whether aggregates are allowed in queries.
  std::optional<bool> db_aggregates_enabled{};
  /// PostgreSQL role of requests that come without a token.
  std::optional<std::string> db_anon_role{};
  /// Schemas added to the search path of each request.
  std::vector<std::string> db_extra_search_path{};
  /// Maximum number of rows in one response.
  std::optional<std::int64_t> db_max_rows{};
  /// Schemas that are exposed.
  std::vector<std::string> db_schemas{};
  /// How long a validated token is cached.
  std::optional<Duration> jwt_cache_max_lifetime{};
  /// JSON path of the claim of a token that names its role.
  std::optional<std::string> jwt_role_claim_key{};
  /// Whether the API describes itself.
  std::optional<Enum<OpenApiMode>> openapi_mode{};
  /// Origins whose pages may call the API from a browser.
  std::vector<std::string> server_cors_allowed_origins{};
  /// Whether responses have a `Server-Timing` header.
  std::optional<bool> server_timing_enabled{};
  /// Base URL of the API: what all its requests begin with.
  std::optional<std::string> url{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("available_schemas", &DataApiDataApiStatus::available_schemas);
    field("db_aggregates_enabled", &DataApiDataApiStatus::db_aggregates_enabled);
    field("db_anon_role", &DataApiDataApiStatus::db_anon_role);
    field("db_extra_search_path", &DataApiDataApiStatus::db_extra_search_path);
    field("db_max_rows", &DataApiDataApiStatus::db_max_rows);
    field("db_schemas", &DataApiDataApiStatus::db_schemas);
    field("jwt_cache_max_lifetime", &DataApiDataApiStatus::jwt_cache_max_lifetime);
    field("jwt_role_claim_key", &DataApiDataApiStatus::jwt_role_claim_key);
    field("openapi_mode", &DataApiDataApiStatus::openapi_mode);
    field("server_cors_allowed_origins", &DataApiDataApiStatus::server_cors_allowed_origins);
    field("server_timing_enabled", &DataApiDataApiStatus::server_timing_enabled);
    field("url", &DataApiDataApiStatus::url);
  }
  friend bool operator==(DataApiDataApiStatus const&, DataApiDataApiStatus const&) = default;
};

/// The Data API of a database: its tables and functions over HTTP, in the manner of PostgREST. A database has one or
/// none.
struct DataApi {
  /// When it was first enabled. Set by the service.
  std::optional<Timestamp> create_time{};
  /// `projects/{project_id}/branches/{branch_id}/databases/{database_id}/data-api`. Set by the service.
  std::optional<std::string> name{};
  /// Full name of the database. Set by the service.
  std::optional<std::string> parent{};
  /// Sent in requests; the service responds with `status` instead.
  std::optional<DataApiDataApiSpec> spec{};
  /// Set by the service.
  std::optional<DataApiDataApiStatus> status{};
  /// Set by the service.
  std::optional<Timestamp> update_time{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("create_time", &DataApi::create_time);
    field("name", &DataApi::name);
    field("parent", &DataApi::parent);
    field("spec", &DataApi::spec);
    field("status", &DataApi::status);
    field("update_time", &DataApi::update_time);
  }
  friend bool operator==(DataApi const&, DataApi const&) = default;
};

/// Metadata of an operation on a Data API: empty so far.
struct DataApiOperationMetadata {
  template <class Field>
  static constexpr void describe(Field&&) {}
  friend bool operator==(DataApiOperationMetadata const&, DataApiOperationMetadata const&) = default;
};

/// What `create_data_api` returns.
using CreateDataApiOperation = lakebase::Operation<DataApi, DataApiOperationMetadata>;
/// What `update_data_api` returns.
using UpdateDataApiOperation = lakebase::Operation<DataApi, DataApiOperationMetadata>;
/// What `delete_data_api` returns.
using DeleteDataApiOperation = lakebase::Operation<void, DataApiOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
