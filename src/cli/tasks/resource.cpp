#include "cli/tasks/resource.hpp"

#include <string_view>

#include <fmt/format.h>

#include "cli/base/failure.hpp"
#include "cli/base/json.hpp"
#include "cli/parse/command_line.hpp"
#include "cli/parse/settings.hpp"
#include "cli/session/session.hpp"
#include "cli/system/streams_posix.hpp"
#include "tools/find.hpp"

namespace lakebase::cli {
namespace {

constexpr char const* usual_database = "databricks_postgres";
constexpr char const* permission = "CAN_CONNECT_AND_CREATE";  // the only one that apps have for databases

/// The resource name of a database, by its name in PostgreSQL.
std::string database_in(WorkspaceClient const& client, std::string const& branch, std::string const& wanted) {
  for (auto const& database : client.postgres.list_databases(branch)) {
    if (database.status && database.status->postgres_database == wanted) return database.name.value_or("");
  }
  throw Failure{fmt::format("there is no database {} in {}", wanted, branch)};
}

Json of_branch(WorkspaceClient const& client, tools::Target target, std::string const& database) {
  static_cast<void>(tools::find_endpoint(client, target));
  auto const branch = fmt::format("projects/{}/branches/{}", target.project, target.branch);
  return {{"branch", branch}, {"database", database_in(client, branch, database)}, {"permission", permission}};
}

Json of_instance(WorkspaceClient const& client, std::string const& instance, std::string const& database) {
  static_cast<void>(client.database.get_database_instance(instance));
  return {{"instance_name", instance}, {"database_name", database}, {"permission", permission}};
}

}  // namespace

int run_app_resource(std::string const& program, std::vector<std::string> const& arguments) {
  Usage const usage{
      .command = program + " app-resource",
      .positionals = "TARGET",
      .summary =
          "Print what gives an app a database, as JSON for databricks apps create-update APP --json. It replaces all "
          "resources of the app: add those that it has.",
      .flags = {{"name", "name of the resource in the app (default postgres, or database for an instance)", "NAME"},
                {"database", fmt::format("name of the database (default {})", usual_database), "NAME"}},
      .example = program + " app-resource projects/my-app/branches/production >resource.json"};
  CommandLine const line{usage, arguments};
  auto const settings = settings_of(line, usage, program);
  expect_positionals(line, usage, 1, 1);
  auto const& given = line.positionals()[0];
  auto const database = line.value("database").value_or(usual_database);
  auto const target = tools::parse_target(given);
  auto const client = workspace(settings);
  bool const is_instance = target.product == tools::Target::Product::provisioned;
  std::string const kind = is_instance ? "database" : "postgres";
  Json resource{{"name", line.value("name").value_or(kind)}};
  resource[kind] = is_instance ? of_instance(client, target.instance, database) : of_branch(client, target, database);
  Json const request{{"update_mask", "resources"}, {"app", {{"resources", Json::array({resource})}}}};
  write(Stream::out, pretty(request) + '\n');
  return 0;
}

int run_mlflow_resource(std::string const& program, std::vector<std::string> const& arguments) {
  Usage const usage{
      .command = program + " mlflow-resource",
      .positionals = "INSTANCE",
      .summary = "Print an instance as a resource that a model of MLflow needs, for resources= of log_model.",
      .flags = {{"on-behalf-of-user", "with the rights of who calls the model, not of who made it", ""}},
      .example = program + " mlflow-resource my-instance"};
  CommandLine const line{usage, arguments};
  auto const settings = settings_of(line, usage, program);
  expect_positionals(line, usage, 1, 1);
  auto const& name = line.positionals()[0];
  if (tools::is_path(name)) {
    throw Failure{
        "MLflow knows database instances only: name one, or give the model a token and a host by its environment"};
  }
  static_cast<void>(workspace(settings).database.get_database_instance(name));
  Json resource{{"name", name}};
  if (line.value("on-behalf-of-user")) resource["on_behalf_of_user"] = line.is_on("on-behalf-of-user");
  Json const resources{{"databricks", {{"lakebase", Json::array({resource})}}}, {"api_version", "1"}};
  write(Stream::out, pretty(resources) + '\n');
  return 0;
}

}  // namespace lakebase::cli
