#include <lakebase/data_api.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <lakebase/at.hpp>

#include "base/redaction.hpp"
#include "base/text/url.hpp"
#include "call/session.hpp"
#include "data_api/connection.hpp"

namespace lakebase {
inline namespace v0 {
namespace data_api {

namespace {

std::size_t depth_of(std::string_view name) {
  return static_cast<std::size_t>(std::count(name.begin(), name.end(), '/')) + 1;
}

std::string branch_of(std::string_view name) {
  auto const end = name.find("/databases/");
  return std::string{name.substr(0, end)};
}

std::string database_of_branch(PostgresClient const& postgres, std::string_view branch, std::string const& wanted) {
  std::string names;
  for (auto const& database : postgres.list_databases(branch)) {
    auto const name = database.status ? database.status->postgres_database.value_or("") : "";
    if (name == wanted) return database.name.value_or("");
    names += (names.empty() ? "" : ", ") + name;
  }
  throw InvalidArgument{ErrorFacts{
      .message = fmt::format("{} has no database \"{}\"; it has {}", branch, wanted, names.empty() ? "none" : names),
      .hint = "Set DataApiOptions::database, or name the database itself."}};
}

std::string writing_endpoint(PostgresClient const& postgres, std::string const& branch) {
  for (auto const& endpoint : postgres.list_endpoints(branch)) {
    if (endpoint.status && endpoint.status->endpoint_type == postgres::EndpointType::read_write) {
      return endpoint.name.value_or("");
    }
  }
  throw InvalidArgument{ErrorFacts{.message = fmt::format("{} has no endpoint that writes", branch),
                                   .hint = "Create one, or set DataApiOptions::endpoint."}};
}

std::shared_ptr<detail::Connection const> connection_to(std::shared_ptr<lakebase::detail::ApiClient const> const& api,
                                                        PostgresClient const& postgres, std::string_view url,
                                                        std::string const& endpoint) {
  auto credentials = endpoint.empty() ? detail::workspace_credentials(api)
                                      : detail::database_credentials(postgres, endpoint, api->shared_clock());
  return std::make_shared<detail::Connection const>(api, url, std::move(credentials));
}

std::shared_ptr<detail::Connection const> connection_of(std::shared_ptr<lakebase::detail::ApiClient const> const& api,
                                                        PostgresClient const& postgres,
                                                        postgres::DataApi const& resource,
                                                        DataApiOptions const& options) {
  auto endpoint = options.endpoint;
  if (endpoint.empty() && resource.name) endpoint = writing_endpoint(postgres, branch_of(*resource.name));
  return connection_to(api, postgres, at(resource, &postgres::DataApi::status, &postgres::DataApiDataApiStatus::url),
                       endpoint);
}

std::shared_ptr<detail::Connection const> connection_of(std::shared_ptr<lakebase::detail::ApiClient const> const& api,
                                                        PostgresClient const& postgres, std::string_view target,
                                                        DataApiOptions const& options) {
  if (lakebase::detail::has_scheme(target)) return connection_to(api, postgres, target, options.endpoint);
  auto const depth = depth_of(target);
  if (!target.starts_with("projects/") || (depth != 4 && depth != 6 && depth != 7)) {
    throw InvalidArgument{ErrorFacts{
        .message = fmt::format("\"{}\" is neither a URL nor the name of a branch or a database",
                               lakebase::detail::one_line(lakebase::detail::shorten(target, 128))),
        .hint = "Pass projects/p/branches/b, projects/p/branches/b/databases/d, or the status.url of a Data API."}};
  }
  auto name = depth == 4 ? database_of_branch(postgres, target, options.database) : std::string{target};
  if (depth != 7) name += "/data-api";
  auto resource = postgres.get_data_api(name);
  resource.name = name;
  return connection_of(api, postgres, resource, options);
}

detail::Call call_of(std::string const& schema, std::string_view function) {
  if (function.empty()) throw InvalidArgument{"the name of a function is empty"};
  return {.schema = schema, .name = std::string{function}, .is_function = true};
}

/// Whether a server takes an argument for something else: a condition on what is returned, or how much of it.
bool has_other_meaning(std::string_view name, std::string_view text) {
  constexpr std::array<std::string_view, 8> parameters = {"select", "columns", "on_conflict", "order",
                                                          "limit",  "offset",  "and",         "or"};
  constexpr std::array<std::string_view, 25> operators = {
      "eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "match", "imatch", "in",    "is",  "isdistinct",
      "cs", "cd",  "ov", "sl",  "sr", "nxr", "nxl",  "adj",   "fts",   "plfts",  "phfts", "wfts"};
  auto const is_one = [](auto const& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (is_one(parameters, name.substr(name.rfind('.') + 1))) return true;
  if (text.starts_with("not.")) text.remove_prefix(4);
  auto const word = text.substr(0, text.find_first_of(".("));
  return word.size() < text.size() && is_one(operators, word);
}

/// An argument of a function as a parameter of the query string.
std::string argument_text(std::string_view name, std::string_view json) {
  if (json == "null") {
    throw InvalidArgument{
        ErrorFacts{.message = fmt::format("the argument {} is null, which a query string cannot say", name),
                   .hint = "Leave it out, so that its default is taken, or use rpc()."}};
  }
  if (!json.starts_with('[')) return json.starts_with('"') ? detail::scalar_text(json) : std::string{json};
  std::vector<Value> items;
  for (auto const item : detail::elements_of(json)) {
    if (item.starts_with('[')) {
      throw InvalidArgument{ErrorFacts{.message = fmt::format("the argument {} is an array of arrays", name),
                                       .hint = "Use rpc(), which sends JSON."}};
    }
    items.push_back(item == "null" ? Value{nullptr} : Value{detail::scalar_text(item)});
  }
  return Value::array(items).text();
}

}  // namespace

DataApiClient::DataApiClient(WorkspaceClient const& workspace, std::string_view target, DataApiOptions const& options)
    : DataApiClient(connection_of(workspace.api_, workspace.postgres, target, options), options.schema) {}

DataApiClient::DataApiClient(WorkspaceClient const& workspace, postgres::DataApi const& resource,
                             DataApiOptions const& options)
    : DataApiClient(connection_of(workspace.api_, workspace.postgres, resource, options), options.schema) {}

DataApiClient::DataApiClient(std::shared_ptr<detail::Connection const> connection, std::string schema)
    : connection_(std::move(connection)), schema_(std::move(schema)) {}

DataApiClient DataApiClient::schema(std::string_view name) const {
  return {connection_, std::string{name}};
}

Table DataApiClient::from(std::string_view table) const {
  if (table.empty()) throw InvalidArgument{"the name of a table is empty"};
  return {connection_, detail::Call{.schema = schema_, .name = std::string{table}}};
}

Select DataApiClient::call_function(std::string_view function, std::string arguments) const {
  auto call = call_of(schema_, function);
  call.verb = "POST";
  call.body = std::move(arguments);
  call.is_idempotent = false;
  return {connection_, std::move(call)};
}

Select DataApiClient::read_function(std::string_view function, std::string const& arguments) const {
  auto call = call_of(schema_, function);
  for (auto const& [name, json] : detail::members_of(arguments)) {
    auto text = argument_text(name, json);
    if (has_other_meaning(name, text)) {
      throw InvalidArgument{ErrorFacts{
          .message = fmt::format("the argument {} would be taken for a condition, or for a limit or an order", name),
          .hint = "Use rpc(), which sends JSON."}};
    }
    call.query.emplace_back(name, std::move(text));
  }
  return {connection_, std::move(call)};
}

void DataApiClient::check_names(std::vector<TableNames> const& tables) const {
  detail::check_names(*connection_, schema_, tables);
}

std::string DataApiClient::base_url() const {
  return connection_->base_url();
}

/// Makes clients of plain servers.
class Postgrest {
 public:
  static DataApiClient client(std::string_view base_url, Config config, std::string_view schema) {
    config.host = std::string{lakebase::detail::origin_of(base_url)};
    auto credentials = config.credentials_strategy;
    if (!credentials) {
      credentials = make_credentials_strategy("none", [](CredentialsLimits const&) { return Headers{}; });
      config.credentials_strategy = credentials;
    }
    auto api = std::make_shared<lakebase::detail::ApiClient const>(config);
    return {std::make_shared<detail::Connection const>(std::move(api), base_url, std::move(credentials), true),
            std::string{schema}};
  }
};

namespace compat {

DataApiClient postgrest(std::string_view base_url, Config config, std::string_view schema) {
  return Postgrest::client(base_url, std::move(config), schema);
}

}  // namespace compat
}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
