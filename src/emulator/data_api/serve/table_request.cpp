#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "common/encoding.hpp"
#include "data_api/grammar/api_error.hpp"
#include "data_api/grammar/parser.hpp"
#include "data_api/serve/payload.hpp"
#include "data_api/serve/served.hpp"

namespace lakebase::emulator::data_api {
namespace {

bool asks_for_everything(QueryTree const& tree) {
  return std::none_of(tree.scopes.begin(), tree.scopes.end(),
                      [](auto const& one) { return one.first.empty() && !one.second.conditions.empty(); });
}

std::string location_of(std::string const& table, std::string const& key) {
  if (key.empty()) return {};
  std::string location;
  auto const columns = Json::parse(key);
  for (auto const& [name, value] : columns.items()) {
    auto const text = value.is_string() ? value.get<std::string>() : value.dump();
    location += fmt::format("{}{}=eq.{}", location.empty() ? "?" : "&", percent_encoded(name), percent_encoded(text));
  }
  return fmt::format("/{}{}", percent_encoded(table), location);
}

// PUT names one row by its whole primary key, and carries the whole of it.
void check_put(Table const& table, QueryTree const& tree, Payload const& payload) {
  std::map<std::string, std::string> wanted;
  bool only_equal = true;
  for (auto const& [path, scope] : tree.scopes) {
    if (scope.limit || scope.offset) {
      throw ApiError{400, "PGRST114", "limit/offset querystring parameters are not allowed for PUT"};
    }
    for (auto const& one : scope.conditions) {
      bool const is_equal = path.empty() && one.kind == Condition::Kind::filter && one.filter.op == "eq" &&
                            !one.filter.negated && one.filter.path.steps.empty();
      only_equal = only_equal && is_equal;
      wanted[one.filter.path.column] = one.filter.value;
    }
  }
  std::set<std::string> const key{table.key.begin(), table.key.end()};
  std::set<std::string> named;
  for (auto const& [name, value] : wanted) named.insert(name);
  if (!only_equal || key.empty() || named != key) {
    throw ApiError{405, "PGRST105", "Filters must include all and only primary key columns with 'eq' operators"};
  }
  auto const row = Json::parse(payload.json);
  bool fits = row.size() == 1;
  for (auto const& [name, value] : wanted) {
    auto const found = fits ? row.front().find(name) : row.end();
    if (!fits || found == row.front().end()) {
      fits = false;
      break;
    }
    fits = (found->is_string() ? found->get<std::string>() : found->dump()) == value;
  }
  if (!fits) {
    throw ApiError{400, "PGRST115", "Payload values do not match URL in primary key column(s)"};
  }
}

}  // namespace

HttpReply DatabaseApi::table_request(Served& served) {
  auto const& method = served.request.method;
  auto const& catalog = *served.catalog;
  auto const& table = table_in(catalog, served.schema, served.path[1]);
  auto const& preferences = served.preferences;
  auto tree = parse_query(decoded_pairs(served.request.query_text));
  auto const media = chosen_media(served.request.header("accept"), one_value(&table, tree));
  PlanOptions options{served.schema, served.settings.max_rows, served.settings.aggregates, media.form,
                      preferences.count_exact};
  HttpReply reply;
  reply.content_type = media.type;
  if (served.is_read()) {
    for (auto const& [path, scope] : tree.scopes) check_range(scope);
    if (method == "GET") apply_range(served.request.header("range"), tree.at({}));
    auto const offset = tree.at({}).offset.value_or(0);
    auto const outcome = served.run(plan_read(catalog, options, table, tree),
                                    [&](auto const& one) { served.require_single(media, one); });
    reply.status = read_status(offset, outcome.rows, outcome.more);
    reply.headers.emplace_back("Content-Range", content_range(offset, outcome.rows, outcome.more));
    reply.body = outcome.body;
    return reply;
  }
  using Return = Preferences::Return;
  bool const shows = preferences.returns == Return::representation;
  options.max_rows = 0;
  options.counts = false;
  if (!shows) options.form = BodyForm::none;
  std::optional<Statement> statement;
  bool const is_insert = method == "POST" || method == "PUT";
  // What is changed is shown, and counted, whole. PUT refuses ranges.
  if (method != "PUT") tree.at({}).limit = tree.at({}).offset = std::nullopt;
  if (is_insert) {
    auto const payload = read_payload(served.request.header("content-type"), served.request.body, tree.columns,
                                      preferences.missing_default);
    auto on_conflict = preferences.resolution == "merge-duplicates"    ? OnConflict::merge
                       : preferences.resolution == "ignore-duplicates" ? OnConflict::ignore
                                                                       : OnConflict::fails;
    if (table.key.empty() && tree.on_conflict.empty()) served.preferences.withdraw("resolution");
    if (method == "PUT") {
      check_put(table, tree, payload);
      on_conflict = OnConflict::merge;
      tree.on_conflict.clear();
    }
    statement =
        plan_insert(catalog, options, table, tree, payload, on_conflict, preferences.returns == Return::headers_only);
  } else if (method == "PATCH" || method == "DELETE") {
    if (asks_for_everything(tree)) {
      throw ApiError{400,
                     "21000",
                     fmt::format("{} requires a WHERE clause", method == "PATCH" ? "UPDATE" : "DELETE"),
                     {},
                     "Add a filter. One that all rows fit, such as the key by not.is.null, stands for all of them."};
    }
    if (method == "DELETE") {
      statement = plan_delete(catalog, options, table, tree);
    } else {
      auto const payload = read_payload(served.request.header("content-type"), served.request.body, tree.columns,
                                        preferences.missing_default);
      if (!payload.columns.empty()) statement = plan_update(catalog, options, table, tree, single(payload));
    }
  } else {
    throw ApiError{405, "PGRST117", fmt::format("Unsupported HTTP method: {}", method)};
  }
  Served::Outcome outcome{0, shows ? "[]" : "", "", 0};
  if (statement) {
    outcome = served.run(*statement, [&](auto const& one) {
      served.require_single(media, one);
      served.require_few(one);
    });
  }
  auto const total = preferences.count_exact ? std::to_string(outcome.rows) : std::string{};
  reply.headers.emplace_back("Content-Range", content_range(0, method == "PATCH" ? outcome.rows : 0, total));
  if (auto const location = location_of(table.name, outcome.more); !location.empty() && outcome.rows == 1) {
    reply.headers.emplace_back("Location", location);
  }
  bool const finds_all = preferences.resolution == "merge-duplicates" && outcome.inserted == 0;
  bool const is_new = method == "POST" ? !finds_all : method == "PUT" && shows && outcome.inserted > 0;
  reply.status = is_new ? 201 : shows || method == "POST" ? 200 : 204;
  if (shows) {
    reply.body = outcome.body;
  } else {
    reply.content_type.clear();
  }
  return reply;
}

}  // namespace lakebase::emulator::data_api
