#pragma once

#include <optional>
#include <string>

#include <lakebase/database/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace database {

/// A PostgreSQL table registered in Unity Catalog, without a pipeline that fills it.
struct DatabaseTable {
  /// Required. `catalog.schema.table` in Unity Catalog.
  std::optional<std::string> name{};
  /// The instance that holds it. Required in a standard catalog; in a registered one inferred, and must match if set.
  std::optional<std::string> database_instance_name{};
  /// Its database in PostgreSQL. Required in a standard catalog; in a registered one inferred, and must match if set.
  std::optional<std::string> logical_database_name{};
  /// Where its rows are served over HTTP. Set by the service. Preview: not in a released SDK of Databricks yet.
  std::optional<std::string> table_serving_url{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &DatabaseTable::name);
    field("database_instance_name", &DatabaseTable::database_instance_name);
    field("logical_database_name", &DatabaseTable::logical_database_name);
    field("table_serving_url", &DatabaseTable::table_serving_url);
  }
  friend bool operator==(DatabaseTable const&, DatabaseTable const&) = default;
};

}  // namespace database
}  // namespace v0
}  // namespace lakebase
