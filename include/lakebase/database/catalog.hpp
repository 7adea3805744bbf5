#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <lakebase/database/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace database {

/// A database of an instance as a catalog of Unity Catalog.
struct DatabaseCatalog {
  /// Required. Name of the catalog.
  std::optional<std::string> name{};
  /// Required. The instance that holds the database.
  std::optional<std::string> database_instance_name{};
  /// Required. Name of the database in PostgreSQL.
  std::optional<std::string> database_name{};
  /// Create the database if there is none. Default false. Sent only.
  std::optional<bool> create_database_if_not_exists{};
  /// The branch of Autoscaling behind it. Set by the service. Preview: not in a released SDK of Databricks yet.
  std::optional<std::string> database_branch_id{};
  /// The project of Autoscaling behind it. Set by the service. Preview: not in a released SDK of Databricks yet.
  std::optional<std::string> database_project_id{};
  /// Set by the service.
  std::optional<std::string> uid{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &DatabaseCatalog::name);
    field("database_instance_name", &DatabaseCatalog::database_instance_name);
    field("database_name", &DatabaseCatalog::database_name);
    field("create_database_if_not_exists", &DatabaseCatalog::create_database_if_not_exists);
    field("database_branch_id", &DatabaseCatalog::database_branch_id);
    field("database_project_id", &DatabaseCatalog::database_project_id);
    field("uid", &DatabaseCatalog::uid);
  }
  friend bool operator==(DatabaseCatalog const&, DatabaseCatalog const&) = default;
};

/// One page of `list_database_catalogs`, as the API sends it.
struct ListDatabaseCatalogsResponse {
  /// In no documented order.
  std::vector<DatabaseCatalog> database_catalogs{};
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("database_catalogs", &ListDatabaseCatalogsResponse::database_catalogs);
    field("next_page_token", &ListDatabaseCatalogsResponse::next_page_token);
  }
  friend bool operator==(ListDatabaseCatalogsResponse const&, ListDatabaseCatalogsResponse const&) = default;
};

/// Options of `list_database_catalogs`.
struct ListDatabaseCatalogsOptions {
  /// Maximum number of items on one page, at most 100; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

}  // namespace database
}  // namespace v0
}  // namespace lakebase
