#pragma once

#include <optional>
#include <string>

#include <lakebase/operation.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// Desired state of a catalog. Applies at creation only: a catalog cannot be changed.
struct CatalogCatalogSpec {
  /// Required. PostgreSQL name of the database to register. It must exist unless `create_database_if_missing` is set,
  /// and can be in one catalog at a time; a child branch's copy counts as registered with its parent's.
  std::optional<std::string> postgres_database{};
  /// Full name of the branch that holds the database. Required by the service.
  std::optional<std::string> branch{};
  /// Create the database if there is none, and a PostgreSQL role for the caller if there is none. Default false: a
  /// missing database is an error.
  std::optional<bool> create_database_if_missing{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("postgres_database", &CatalogCatalogSpec::postgres_database);
    field("branch", &CatalogCatalogSpec::branch);
    field("create_database_if_missing", &CatalogCatalogSpec::create_database_if_missing);
  }
  friend bool operator==(CatalogCatalogSpec const&, CatalogCatalogSpec const&) = default;
};

/// Observed state of a catalog. Set by the service.
struct CatalogCatalogStatus {
  /// Full name of the branch that holds the database.
  std::optional<std::string> branch{};
  /// PostgreSQL name of the registered database.
  std::optional<std::string> postgres_database{};
  /// Full name of the project of that branch.
  std::optional<std::string> project{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("branch", &CatalogCatalogStatus::branch);
    field("postgres_database", &CatalogCatalogStatus::postgres_database);
    field("project", &CatalogCatalogStatus::project);
  }
  friend bool operator==(CatalogCatalogStatus const&, CatalogCatalogStatus const&) = default;
};

/// A PostgreSQL database registered in Unity Catalog, where it shows as a read-only catalog. Not part of a project: it
/// refers to a branch of one.
struct Catalog {
  /// Last part of the name: the name of the catalog in Unity Catalog. Set by the service.
  std::optional<std::string> catalog_id{};
  /// Set by the service.
  std::optional<Timestamp> create_time{};
  /// `catalogs/{catalog_id}`. Set by the service.
  std::optional<std::string> name{};
  /// Sent in requests; the service responds with `status` instead.
  std::optional<CatalogCatalogSpec> spec{};
  /// Set by the service.
  std::optional<CatalogCatalogStatus> status{};
  /// Unique across all time, a UUID. Set by the service.
  std::optional<std::string> uid{};
  /// Set by the service.
  std::optional<Timestamp> update_time{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("catalog_id", &Catalog::catalog_id);
    field("create_time", &Catalog::create_time);
    field("name", &Catalog::name);
    field("spec", &Catalog::spec);
    field("status", &Catalog::status);
    field("uid", &Catalog::uid);
    field("update_time", &Catalog::update_time);
  }
  friend bool operator==(Catalog const&, Catalog const&) = default;
};

/// Metadata of an operation on a catalog: empty so far.
struct CatalogOperationMetadata {
  template <class Field>
  static constexpr void describe(Field&&) {}
  friend bool operator==(CatalogOperationMetadata const&, CatalogOperationMetadata const&) = default;
};

/// What `create_catalog` returns.
using CreateCatalogOperation = lakebase::Operation<Catalog, CatalogOperationMetadata>;
/// What `delete_catalog` returns.
using DeleteCatalogOperation = lakebase::Operation<void, CatalogOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
