#pragma once

#include <compare>
#include <string>
#include <vector>

#include <lakebase/pq/connection.hpp>
#include <lakebase/pq/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// One object of a schema, as text that two databases can be compared by.
struct SchemaObject {
  /// `schema`, `extension`, `type`, `table`, `column`, `constraint`, `index`, `sequence`, `view`, `function`,
  /// `trigger`, `policy`.
  std::string kind{};
  /// Qualified, e.g. `public.orders.id`.
  std::string name{};
  /// What PostgreSQL makes of it, e.g. `integer NOT NULL DEFAULT 0`.
  std::string definition{};

  friend auto operator<=>(SchemaObject const&, SchemaObject const&) = default;
};

/// An object that both schemas have, with different definitions.
struct SchemaChange {
  /// As it is in the first schema.
  SchemaObject before{};
  /// As it is in the second schema.
  SchemaObject after{};
};

/// The difference between two schemas.
///
/// Thread safety: a value: distinct objects are independent.
/// Exceptions: none but std::bad_alloc.
/// Lifetime: owns its texts.
struct SchemaDiff {
  /// Objects of the second schema that the first one lacks.
  std::vector<SchemaObject> added{};
  /// Objects of the first schema that the second one lacks.
  std::vector<SchemaObject> removed{};
  /// Objects of both that differ.
  std::vector<SchemaChange> changed{};

  /// Whether the schemas are equal.
  [[nodiscard]] bool empty() const noexcept { return added.empty() && removed.empty() && changed.empty(); }
  /// For people: a line each, with `+`, `-`, and `~`.
  [[nodiscard]] LAKEBASE_PQ_EXPORT std::string to_string() const;
};

/// The objects of a database that are not PostgreSQL's or an extension's own, sorted. Reads pg_catalog in one
/// transaction; what the role may not see is left out.
[[nodiscard]] LAKEBASE_PQ_EXPORT std::vector<SchemaObject> read_schema(Connection& connection);

/// Compares two lists of `read_schema`.
[[nodiscard]] LAKEBASE_PQ_EXPORT SchemaDiff diff_schemas(std::vector<SchemaObject> const& before,
                                                         std::vector<SchemaObject> const& after);

/// Compares two databases, e.g. a branch's with its parent's.
[[nodiscard]] LAKEBASE_PQ_EXPORT SchemaDiff diff_schemas(Connection& before, Connection& after);

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
