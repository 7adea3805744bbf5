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

/// Desired state of a database.
struct DatabaseDatabaseSpec {
  /// Full name of the role that owns it (`projects/…/branches/…/roles/…`). Required at creation.
  std::optional<std::string> role{};
  /// Its name in PostgreSQL, which need not be `database_id`. Give it at creation; an update renames the database.
  std::optional<std::string> postgres_database{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("role", &DatabaseDatabaseSpec::role);
    field("postgres_database", &DatabaseDatabaseSpec::postgres_database);
  }
  friend bool operator==(DatabaseDatabaseSpec const&, DatabaseDatabaseSpec const&) = default;
};

/// Observed state of a database. Set by the service.
struct DatabaseDatabaseStatus {
  /// Last part of the name.
  std::optional<std::string> database_id{};
  /// Its name in PostgreSQL, which is the one to connect with.
  std::optional<std::string> postgres_database{};
  /// Full name of the role that owns it.
  std::optional<std::string> role{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("database_id", &DatabaseDatabaseStatus::database_id);
    field("postgres_database", &DatabaseDatabaseStatus::postgres_database);
    field("role", &DatabaseDatabaseStatus::role);
  }
  friend bool operator==(DatabaseDatabaseStatus const&, DatabaseDatabaseStatus const&) = default;
};

/// A database of a branch. A branch has at most 500; the first is `databricks-postgres`, which PostgreSQL knows as
/// `databricks_postgres`.
struct Database {
  /// Set by the service.
  std::optional<Timestamp> create_time{};
  /// Last part of the name. Not the database's name in PostgreSQL. Set by the service.
  std::optional<std::string> database_id{};
  /// `projects/{project_id}/branches/{branch_id}/databases/{database_id}`. Set by the service.
  std::optional<std::string> name{};
  /// `projects/{project_id}/branches/{branch_id}`. Set by the service.
  std::optional<std::string> parent{};
  /// Sent in requests; the service responds with `status` instead.
  std::optional<DatabaseDatabaseSpec> spec{};
  /// Set by the service.
  std::optional<DatabaseDatabaseStatus> status{};
  /// Set by the service.
  std::optional<Timestamp> update_time{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("create_time", &Database::create_time);
    field("database_id", &Database::database_id);
    field("name", &Database::name);
    field("parent", &Database::parent);
    field("spec", &Database::spec);
    field("status", &Database::status);
    field("update_time", &Database::update_time);
  }
  friend bool operator==(Database const&, Database const&) = default;
};

/// Metadata of an operation on a database: empty so far.
struct DatabaseOperationMetadata {
  template <class Field>
  static constexpr void describe(Field&&) {}
  friend bool operator==(DatabaseOperationMetadata const&, DatabaseOperationMetadata const&) = default;
};

/// One page of `list_databases`, as the API sends it.
struct ListDatabasesResponse {
  /// In no documented order.
  std::vector<Database> databases{};
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("databases", &ListDatabasesResponse::databases);
    field("next_page_token", &ListDatabasesResponse::next_page_token);
  }
  friend bool operator==(ListDatabasesResponse const&, ListDatabasesResponse const&) = default;
};

/// Options of `create_database`.
struct CreateDatabaseOptions {
  /// Last part of the name: a lower-case letter, then lower-case letters, digits and hyphens, 63 in all. The service
  /// generates one if this is unset.
  std::optional<std::string> database_id{};
  /// Update the database in place if it exists, instead of failing. Meant for databases that the branch inherited.
  std::optional<bool> replace_existing{};
};

/// Options of `list_databases`.
struct ListDatabasesOptions {
  /// Maximum number of items on one page; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

/// Its result is the new database.
using CreateDatabaseOperation = lakebase::Operation<Database, DatabaseOperationMetadata>;
/// Its result is the changed database.
using UpdateDatabaseOperation = lakebase::Operation<Database, DatabaseOperationMetadata>;
/// It has no result.
using DeleteDatabaseOperation = lakebase::Operation<void, DatabaseOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
