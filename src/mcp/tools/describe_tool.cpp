#include "mcp/tools/describe_tool.hpp"

#include <utility>

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

struct Outcome {
  std::optional<std::string> server_version{};
  std::optional<std::string> database{};
  std::optional<std::vector<std::string>> schemas{};
  std::optional<std::vector<tools::TableDescription>> tables{};
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

Outcome outcome_of(tools::DatabaseDescription found) {
  Outcome outcome;
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
