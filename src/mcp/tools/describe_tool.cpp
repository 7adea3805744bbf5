#include "mcp/tools/describe_tool.hpp"

#include <fmt/format.h>

#include "tools/describe.hpp"

namespace lakebase::mcp {
namespace {

constexpr auto limit = std::chrono::seconds{30};

struct Arguments {
  std::optional<std::string> target{};
  std::optional<std::string> database{};
  std::optional<std::string> schema{};
  std::optional<std::string> table{};

  template <class Field>
  static void describe(Field&& field) {
    field("target", &Arguments::target,
          "projects/ID[/branches/ID[/endpoints/ID]], or the name of an instance; default: the only project");
    field("database", &Arguments::database, "Default: databricks_postgres");
    field("schema", &Arguments::schema, "Only this schema");
    field("table", &Arguments::table, "Only tables of this name");
  }
};

struct Column {
  std::string name{};
  std::string type{};
  bool nullable = true;
  std::optional<std::string> default_value{};
  std::optional<std::string> comment{};

  template <class Field>
  static void describe(Field&& field) {
    field("name", &Column::name);
    field("type", &Column::type);
    field("nullable", &Column::nullable);
    field("default", &Column::default_value);
    field("comment", &Column::comment);
  }
};

struct Table {
  std::string schema{};
  std::string name{};
  std::string kind{};
  std::optional<std::string> comment{};
  std::int64_t size_bytes = 0;
  std::optional<std::int64_t> estimated_rows{};
  std::vector<Column> columns{};
  std::vector<std::string> constraints{};
  std::vector<std::string> indexes{};

  template <class Field>
  static void describe(Field&& field) {
    field("schema", &Table::schema);
    field("name", &Table::name);
    field("kind", &Table::kind, "table, partitioned table, view, materialized view or foreign table");
    field("comment", &Table::comment);
    field("size_bytes", &Table::size_bytes, "With its indexes");
    field("estimated_rows", &Table::estimated_rows, "As of the last ANALYZE");
    field("columns", &Table::columns);
    field("constraints", &Table::constraints);
    field("indexes", &Table::indexes, "Without those of constraints");
  }
};

struct Outcome {
  std::optional<std::string> server_version{};
  std::optional<std::string> database{};
  std::optional<std::vector<std::string>> schemas{};
  std::optional<std::vector<Table>> tables{};
  std::optional<bool> truncated{};
  std::optional<std::string> error{};

  template <class Field>
  static void describe(Field&& field) {
    field("server_version", &Outcome::server_version);
    field("database", &Outcome::database);
    field("schemas", &Outcome::schemas);
    field("tables", &Outcome::tables);
    field("truncated", &Outcome::truncated, "Whether there are more tables than shown");
    field("error", &Outcome::error);
  }
};

Outcome outcome_of(tools::DatabaseDescription const& found) {
  Outcome outcome;
  outcome.server_version = found.server_version;
  outcome.database = found.database;
  outcome.schemas = found.schemas;
  outcome.truncated = found.is_cut;
  outcome.tables.emplace();
  for (auto const& table : found.tables) {
    auto& shown = outcome.tables->emplace_back();
    shown.schema = table.schema;
    shown.name = table.name;
    shown.kind = table.kind;
    shown.comment = table.comment;
    shown.size_bytes = table.size_bytes;
    shown.estimated_rows = table.estimated_rows;
    shown.constraints = table.constraints;
    shown.indexes = table.indexes;
    for (auto const& column : table.columns) {
      shown.columns.push_back({column.name, column.type, column.is_nullable, column.default_value, column.comment});
    }
  }
  return outcome;
}

}  // namespace

Json description_of(Workspace& workspace, Call& call, std::string_view target,
                    std::optional<std::string> const& database, std::string const& schema, std::string const& table) {
  auto session = workspace.connect(call, target, database);
  return json_of(outcome_of(
      tools::describe_database(session, {.schema = schema, .table = table}, {.timeout = limit, .stop = call.stop()})));
}

Tool describe_tool(Workspace& workspace) {
  auto tool = typed_tool<Arguments>(
      "describe_lakebase",
      "Shows what a Lakebase database holds: schemas, and tables with columns, keys, indexes, comments and sizes.",
      [&workspace](Call& call, Arguments const& arguments) {
        return result_of(description_of(workspace, call, arguments.target.value_or(""), arguments.database,
                                        arguments.schema.value_or(""), arguments.table.value_or("")));
      });
  tool.title = "Describe a Lakebase database";
  tool.output_schema = schema_of<Outcome>();
  return tool;
}

}  // namespace lakebase::mcp
