#include "mcp/tools/describe_tool.hpp"

#include <utility>

#include "tools/describe.hpp"

namespace lakebase::mcp {
namespace {

constexpr auto limit = std::chrono::seconds{30};

struct DescribeArguments {
  std::optional<std::string> target{};
  std::optional<std::string> database{};
  std::optional<std::string> schema{};
  std::optional<std::string> table{};

  template <class Field>
  static void describe(Field&& field) {
    field("target", &DescribeArguments::target,
          "projects/ID[/branches/ID[/endpoints/ID]], or the name of an instance; default: the only project");
    field("database", &DescribeArguments::database, "Default: databricks_postgres");
    field("schema", &DescribeArguments::schema, "Only this schema");
    field("table", &DescribeArguments::table, "Only tables of this name");
  }
};

struct DescribeOutcome {
  std::optional<std::string> server_version{};
  std::optional<std::string> database{};
  std::optional<std::vector<std::string>> schemas{};
  std::optional<std::vector<tools::TableDescription>> tables{};
  std::optional<bool> truncated{};
  std::optional<std::string> error{};

  template <class Field>
  static void describe(Field&& field) {
    field("server_version", &DescribeOutcome::server_version);
    field("database", &DescribeOutcome::database);
    field("schemas", &DescribeOutcome::schemas);
    field("tables", &DescribeOutcome::tables);
    field("truncated", &DescribeOutcome::truncated, "Whether there are more tables than shown");
    field("error", &DescribeOutcome::error);
  }
};

DescribeOutcome outcome_of(tools::DatabaseDescription found) {
  DescribeOutcome outcome;
  outcome.server_version = std::move(found.server_version);
  outcome.database = std::move(found.database);
  outcome.schemas = std::move(found.schemas);
  outcome.truncated = found.is_cut;
  outcome.tables = std::move(found.tables);
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
  auto tool = typed_tool<DescribeArguments>(
      "describe_lakebase",
      "Shows what a Lakebase database holds: schemas, and tables with columns, keys, indexes, comments and sizes.",
      [&workspace](Call& call, DescribeArguments const& arguments) {
        return result_of(description_of(workspace, call, arguments.target.value_or(""), arguments.database,
                                        arguments.schema.value_or(""), arguments.table.value_or("")));
      });
  tool.title = "Describe a Lakebase database";
  tool.output_schema = schema_of<DescribeOutcome>();
  return tool;
}

}  // namespace lakebase::mcp
