#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <lakebase/pq/connection.hpp>

namespace lakebase::tools {

struct ColumnDescription {
  std::string name{};
  std::string type{};
  bool is_nullable = true;
  /// SQL expression.
  std::optional<std::string> default_value{};
  std::optional<std::string> comment{};

  template <class Field>
  static void describe(Field&& field) {
    field("name", &ColumnDescription::name);
    field("type", &ColumnDescription::type);
    field("nullable", &ColumnDescription::is_nullable);
    field("default", &ColumnDescription::default_value);
    field("comment", &ColumnDescription::comment);
  }
};

struct TableDescription {
  std::string schema{};
  std::string name{};
  /// `table`, `view`, `materialized view`, `foreign table`, `partitioned table`.
  std::string kind{};
  std::optional<std::string> comment{};
  /// With indexes.
  std::int64_t size_bytes = 0;
  /// As of the last ANALYZE; none if there was none.
  std::optional<std::int64_t> estimated_rows{};
  std::vector<ColumnDescription> columns{};
  /// `PRIMARY KEY (id)`, `FOREIGN KEY (buyer) REFERENCES people(id)`.
  std::vector<std::string> constraints{};
  /// As `CREATE INDEX` statements; without those of constraints.
  std::vector<std::string> indexes{};

  template <class Field>
  static void describe(Field&& field) {
    field("schema", &TableDescription::schema);
    field("name", &TableDescription::name);
    field("kind", &TableDescription::kind, "table, partitioned table, view, materialized view or foreign table");
    field("comment", &TableDescription::comment);
    field("size_bytes", &TableDescription::size_bytes, "With its indexes");
    field("estimated_rows", &TableDescription::estimated_rows, "As of the last ANALYZE");
    field("columns", &TableDescription::columns);
    field("constraints", &TableDescription::constraints);
    field("indexes", &TableDescription::indexes, "Without those of constraints");
  }
};

struct DescribeOptions {
  /// Empty: all but PostgreSQL's own.
  std::string schema{};
  /// Empty: all.
  std::string table{};
  int most_tables = 200;
};

struct DatabaseDescription {
  std::string server_version{};
  std::string database{};
  std::vector<std::string> schemas{};
  std::vector<TableDescription> tables{};
  /// Whether there are more tables, which were left out.
  bool is_cut = false;
};

/// What a database holds, as far as the role may see it. Reads pg_catalog in one transaction.
/// @throws pq::PgError, ConnectionError, by the session's own deadlines
DatabaseDescription describe_database(pq::Connection& session, DescribeOptions const& options,
                                      pq::StatementOptions const& bounds = {});

}  // namespace lakebase::tools
