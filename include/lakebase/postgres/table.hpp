#pragma once

#include <optional>
#include <string>

#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// A PostgreSQL table registered in Unity Catalog, without a pipeline that fills it.
struct Table {
  /// Required. `catalog.schema.table` in Unity Catalog: the full name by which `get_table` and `delete_table` know it.
  std::optional<std::string> name{};
  /// Required. `projects/{project_id}/branches/{branch_id}/databases/{database_id}`, the last part being the database's
  /// name in PostgreSQL.
  std::optional<std::string> database{};
  /// Full name of the branch that holds it. Set by the service.
  std::optional<std::string> branch{};
  /// Full name of the project that holds it. Set by the service.
  std::optional<std::string> project{};
  /// Where its rows are served over HTTP. Set by the service.
  std::optional<std::string> table_serving_url{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &Table::name);
    field("database", &Table::database);
    field("branch", &Table::branch);
    field("project", &Table::project);
    field("table_serving_url", &Table::table_serving_url);
  }
  friend bool operator==(Table const&, Table const&) = default;
};

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
