#include "data_api/serve/api.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/ascii.hpp"
#include "common/encoding.hpp"
#include "common/sql_quoting.hpp"
#include "data_api/grammar/api_error.hpp"
#include "data_api/grammar/parser.hpp"
#include "data_api/plan/plan.hpp"
#include "data_api/serve/errors.hpp"
#include "data_api/serve/payload.hpp"
#include "data_api/serve/preferences.hpp"

namespace lakebase::emulator::data_api {
namespace {

using namespace std::chrono_literals;

constexpr auto pool_patience = 10s;

QueryPairs decoded_pairs(std::string_view text) {
  QueryPairs pairs;
  while (!text.empty()) {
    auto const end = std::min(text.find('&'), text.size());
    auto const pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto const equals = std::min(pair.find('='), pair.size());
    if (pair.empty()) continue;
    pairs.emplace_back(percent_decoded(pair.substr(0, equals), true),
                       percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true));
  }
  return pairs;
}

/// What the client wants to have.
struct Media {
  BodyForm form = BodyForm::array;
  std::string type = "application/json; charset=utf-8";
};

// Values as they are: what comes back is no JSON, so there must be one of them a row.
std::optional<Media> raw_media(std::string const& type, OneValue value) {
  if (value == OneValue::no) return std::nullopt;
  if (type == "text/plain") return Media{BodyForm::text, type + "; charset=utf-8"};
  if (type != "application/octet-stream") return std::nullopt;
  return Media{value == OneValue::bytes ? BodyForm::bytes : BodyForm::text, type};
}

Media chosen_media(std::string const& accept, OneValue value) {
  if (trimmed(accept).empty()) return {};
  std::string_view rest = accept;
  while (!rest.empty()) {
    auto const end = std::min(rest.find(','), rest.size());
    auto const one = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (one.find("nulls=stripped") != std::string_view::npos) continue;
    auto const type = to_lower(trimmed(one.substr(0, one.find(';'))));
    if (type == "application/json" || type == "*/*" || type == "application/*") return {};
    if (type == "application/vnd.pgrst.array+json") return {BodyForm::array, type + "; charset=utf-8"};
    if (type == "application/vnd.pgrst.object+json" || type == "application/vnd.pgrst.object") {
      return {BodyForm::object, "application/vnd.pgrst.object+json; charset=utf-8"};
    }
    if (type == "text/csv") return {BodyForm::csv, type + "; charset=utf-8"};
    if (auto raw = raw_media(type, value)) return *raw;
  }
  throw ApiError{406, "PGRST107", fmt::format("None of these media types are available: {}", accept)};
}

// What a body in hexadecimal digits stands for.
std::string bytes_of(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
    bytes += static_cast<char>(value);
  }
  return bytes;
}

bool asks_for_everything(QueryTree const& tree) {
  return std::none_of(tree.scopes.begin(), tree.scopes.end(),
                      [](auto const& one) { return one.first.empty() && !one.second.conditions.empty(); });
}

// `Range: 0-24`: what lies in it and in limit and offset as well.
void apply_range(std::string_view range, Scope& scope) {
  auto const dash = range.find('-');
  if (dash == std::string_view::npos) return;
  auto const number = [](std::string_view text) -> std::optional<std::int64_t> {
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
  };
  auto const first = number(trimmed(range.substr(0, dash)));
  auto const last = number(trimmed(range.substr(dash + 1)));
  if (!first) return;
  if (last && *last < *first) {
    throw ApiError{416, "PGRST103", "Requested range not satisfiable",
                   "The lower boundary must be lower than or equal to the upper boundary in the Range header."};
  }
  if (scope.limit == 0) return;
  auto constexpr most = std::numeric_limits<std::int64_t>::max();
  auto const offset = scope.offset.value_or(0);
  auto const wanted_last = scope.limit && offset <= most - *scope.limit ? offset + *scope.limit - 1 : most;
  auto const begin = std::max(offset, *first);
  auto const end = std::min(wanted_last, last.value_or(most));
  if (end < begin) {
    throw ApiError{416, "PGRST103", "Requested range not satisfiable",
                   "The Range header and the parameters limit and offset have no row in common."};
  }
  scope.offset = begin;
  scope.limit = end < most ? std::optional{end - begin + 1} : std::nullopt;
}

void check_range(Scope const& scope) {
  if (scope.limit.value_or(0) < 0) {
    throw ApiError{416, "PGRST103", "Requested range not satisfiable",
                   "Limit should be greater than or equal to zero."};
  }
}

std::string joined_path(std::vector<std::string> const& names) {
  std::string path;
  for (auto const& name : names) path += (path.empty() ? "" : ", ") + quote_identifier(name);
  return path;
}

}  // namespace

/// One request while it is at work.
struct DatabaseApi::Served {
  HttpRequest const& request;
  std::vector<std::string> const& path;
  ApiSettings const& settings;
  std::optional<std::string> const& role;
  Preferences preferences;
  std::string schema;
  std::shared_ptr<Catalog const> catalog;
  SessionPool::Lease* lease = nullptr;
  /// What is sent with the next statement.
  std::vector<SqlText> waiting{};
  bool is_committed = false;

  bool is_read() const { return request.method == "GET" || request.method == "HEAD"; }

  // Takes the role for one transaction, together with its first statement. Advisory locks of an earlier request are
  // released with it, for a statement of its own would cost as much as the whole reset of the session. The owner of
  // the project is let in by no grant: nobody can be granted what it asks for instead.
  void begin() {
    waiting = {{is_read() ? "BEGIN READ ONLY" : "BEGIN"}};
    auto path_names = std::vector{schema};
    path_names.insert(path_names.end(), settings.extra_search_path.begin(), settings.extra_search_path.end());
    waiting.push_back(
        {"SELECT pg_catalog.pg_advisory_unlock_all(), pg_catalog.set_config('search_path', $2, true), "
         "pg_catalog.set_config('role', CASE WHEN "
         "pg_catalog.pg_has_role($1::name, 'databricks_superuser', 'MEMBER') THEN "
         "pg_catalog.pg_get_userbyid(10)::text "
         "ELSE $1::text END, true)",
         {who(), joined_path(path_names)},
         1});
    if (preferences.timezone.empty()) return;
    waiting.push_back({"SELECT pg_catalog.set_config('timezone', $1, true)", {preferences.timezone}});
  }
  std::string const& who() const { return role ? *role : settings.anonymous_role; }

  /// Runs these after what `begin` has left waiting. @return what came of the first of them
  std::vector<std::vector<std::string>> run_all(std::vector<SqlText> const& texts) {
    constexpr std::size_t taking_the_role = 1;
    auto all = std::exchange(waiting, {});
    auto const before = all.size();
    all.insert(all.end(), texts.begin(), texts.end());
    if (all.empty()) return {};
    auto outcomes = (*lease)->query_all(all);
    // What is prepared has the types of a schema that nobody has told to reload.
    bool const is_stale = std::any_of(outcomes.begin(), outcomes.end(), [](auto const& one) { return one.is_stale; });
    if (is_stale) {
      (*lease)->query("ROLLBACK");
      outcomes = (*lease)->query_all(all);
    }
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (!outcomes[i].error) continue;
      if (before > 0 && i == taking_the_role) throw error_of_role(*outcomes[i].error, who(), !role);
      throw *outcomes[i].error;
    }
    return texts.empty() ? std::vector<std::vector<std::string>>{} : std::move(outcomes[before].rows);
  }

  struct Outcome {
    std::int64_t rows = 0;
    std::string body;
    std::string more;
    /// Of an insert.
    std::int64_t inserted = 0;
  };
  /// Runs a statement. What it did is kept unless `check`, or what makes the response, throws.
  Outcome run(Statement const& statement, std::function<void(Outcome const&)> const& check) {
    std::vector<SqlText> texts{{statement.sql, statement.parameters, catalog->version}};
    // What only reads need not be looked at before.
    if (is_read()) texts.push_back({"COMMIT"});
    is_committed = is_read();
    auto const rows = run_all(texts);
    auto const& row = rows.at(0);
    auto const& body = row.at(1);
    Outcome outcome{std::stoll(row.at(0)), statement.has_hex_body ? bytes_of(body) : body, row.at(2),
                    row.size() > 3 ? std::stoll(row[3]) : 0};
    check(outcome);
    return outcome;
  }

  void require_single(Media const& media, Outcome const& outcome) const {
    if (media.form != BodyForm::object || outcome.rows == 1) return;
    throw ApiError{406, "PGRST116", "Cannot coerce the result to a single JSON object",
                   fmt::format("The result contains {} rows", outcome.rows)};
  }
  void require_few(Outcome const& outcome) const {
    if (!preferences.strict || !preferences.max_affected || outcome.rows <= *preferences.max_affected) return;
    throw ApiError{400, "PGRST124", "Query result exceeds max-affected preference constraint",
                   fmt::format("The query affects {} rows", outcome.rows)};
  }

  void add_applied(HttpReply& reply) const {
    auto const is_honoured = [&](std::string_view name) {
      if (is_read() && (name == "return" || name == "resolution" || name == "missing" || name == "max-affected"))
        return false;
      if (name == "resolution") return request.method == "POST";
      if (name == "missing") return request.method == "POST" || request.method == "PATCH";
      return name != "max-affected" || preferences.strict;
    };
    std::vector<std::string> honoured;
    for (std::string const name :
         {"resolution", "missing", "return", "count", "handling", "timezone", "max-affected"}) {
      for (auto const& one : preferences.applied) {
        if (one.substr(0, one.find('=')) == name && is_honoured(name)) honoured.push_back(one);
      }
    }
    if (!honoured.empty())
      reply.headers.emplace_back("Preference-Applied", fmt::format("{}", fmt::join(honoured, ", ")));
  }
};

DatabaseApi::DatabaseApi(SessionPool::Open open, std::size_t most_sessions)
    : pool_(std::move(open), most_sessions, pool_patience) {}

void DatabaseApi::reload() {
  std::lock_guard const lock{mutex_};
  catalog_ = nullptr;
}

std::shared_ptr<Catalog const> DatabaseApi::catalog(DatabaseSession& session, std::vector<std::string> const& schemas) {
  {
    std::lock_guard const lock{mutex_};
    if (catalog_ && catalog_->schemas == schemas) return catalog_;
  }
  auto read = std::make_shared<Catalog>(read_catalog(session, schemas));
  std::lock_guard const lock{mutex_};
  read->version = ++catalog_version_;
  return catalog_ = std::move(read);
}

HttpReply DatabaseApi::handle(HttpRequest const& request, std::vector<std::string> const& path,
                              ApiSettings const& settings, std::optional<std::string> const& role) {
  auto const begin = std::chrono::steady_clock::now();
  HttpReply reply;
  try {
    if (is_preflight(request)) {
      reply.content_type.clear();
    } else {
      Served served{request, path, settings, role, parse_preferences(request.header("prefer")), {}, {}, nullptr};
      reply = respond(served);
      served.add_applied(reply);
    }
  } catch (ApiError const& error) {
    reply = api_error_reply(error);
  }
  if (settings.tells_times) {
    std::chrono::duration<double, std::milli> const took = std::chrono::steady_clock::now() - begin;
    reply.headers.emplace_back("Server-Timing", fmt::format("transaction;dur={:.1f}", took.count()));
  }
  add_cors_headers(request, settings, reply);
  return reply;
}

HttpReply DatabaseApi::respond(Served& served) {
  auto const& path = served.path;
  auto const& schemas = served.settings.schemas;
  served.schema = path.empty() || path.front().empty() ? schemas.front() : path.front();
  if (std::find(schemas.begin(), schemas.end(), served.schema) == schemas.end()) {
    throw ApiError{406,
                   "PGRST106",
                   fmt::format("Invalid schema: {}", served.schema),
                   {},
                   fmt::format("Only the following schemas are exposed: {}", fmt::join(schemas, ", "))};
  }
  bool const is_root = path.size() <= 1 || (path.size() == 2 && path[1].empty());
  bool const is_call = path.size() == 3 && path[1] == "rpc";
  if (!is_root && path.size() != 2 && !is_call) {
    throw ApiError{404, "PGRST125", "Invalid path specified in request URL"};
  }
  try {
    auto lease = pool_.lend([this] { reload(); });
    served.lease = &lease;
    try {
      served.catalog = catalog(*lease, schemas);
      served.begin();
      auto reply = reply_to(served, is_root, is_call);
      if (!served.is_committed) served.run_all({{"COMMIT"}});
      return reply;
    } catch (DataPlaneError const& error) {
      has_ended(error) ? lease.spoil() : void(lease->query("ROLLBACK"));
      throw error_of(error, !served.role);
    } catch (...) {
      lease->query("ROLLBACK");
      throw;
    }
  } catch (DataPlaneError const& error) {
    throw error_of(error, !served.role);
  }
}

HttpReply DatabaseApi::reply_to(Served& served, bool is_root, bool is_call) {
  try {
    return served.request.method == "OPTIONS" ? options_request(served, is_root, is_call)
           : is_root                          ? root_request(served)
           : is_call                          ? call_request(served)
                                              : table_request(served);
  } catch (ApiError const&) {
    // Who may not ask is told that, and not what there is.
    served.run_all({});
    throw;
  }
}

HttpReply DatabaseApi::root_request(Served& served) {
  if (!served.is_read())
    throw ApiError{405, "PGRST117", fmt::format("Unsupported HTTP method: {}", served.request.method)};
  if (!served.settings.has_openapi) {
    throw ApiError{404,
                   "PGRST126",
                   "Root endpoint metadata is disabled",
                   {},
                   "Set openapi_mode to OPEN_API_MODE_IGNORE_PRIVILEGES."};
  }
  HttpReply reply;
  reply.content_type = "application/openapi+json; charset=utf-8";
  reply.body = openapi_document(*served.catalog, served.schema, served.request.path).dump();
  return reply;
}

namespace {

Table const& table_in(Catalog const& catalog, std::string const& schema, std::string const& name) {
  if (auto const* const table = catalog.find_table(schema, name)) return *table;
  std::vector<std::string> names;
  for (auto const& one : catalog.tables) {
    if (one.schema == schema) names.push_back(one.name);
  }
  auto const near = nearest(name, names);
  throw ApiError{404,
                 "PGRST205",
                 fmt::format("Could not find the table '{}.{}' in the schema cache", schema, name),
                 {},
                 near.empty() ? "" : fmt::format("Perhaps you meant the table '{}.{}'", schema, near)};
}

std::string content_range(std::int64_t offset, std::int64_t rows, std::string const& total) {
  auto const range = rows == 0 ? std::string{"*"} : fmt::format("{}-{}", offset, offset + rows - 1);
  return fmt::format("{}/{}", range, total.empty() ? "*" : total);
}

int read_status(std::int64_t offset, std::int64_t rows, std::string const& total) {
  if (total.empty()) return 200;
  auto const all = std::stoll(total);
  if (offset > 0 && offset >= all && all >= 0 && rows == 0) {
    ApiError error{416, "PGRST103", "Requested range not satisfiable",
                   fmt::format("An offset of {} was requested, but there are only {} rows.", offset, all)};
    error.add_header("Content-Range", content_range(offset, rows, total));
    throw error;
  }
  return rows < all ? 206 : 200;
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

namespace {

struct ChosenCall {
  Function const* function = nullptr;
  std::vector<BoundArgument> arguments;
};

std::string shown_call(std::string const& schema, std::string const& name, std::vector<std::string> const& names) {
  return fmt::format("{}.{}{}", schema, name, names.empty() ? "" : fmt::format("({})", fmt::join(names, ", ")));
}

bool takes(Function const& function, std::vector<std::string> const& names) {
  for (auto const& name : names) {
    auto const is_it = [&](Argument const& one) { return one.name == name; };
    if (std::none_of(function.arguments.begin(), function.arguments.end(), is_it)) return false;
  }
  return std::all_of(function.arguments.begin(), function.arguments.end(), [&](Argument const& one) {
    return !one.required || std::find(names.begin(), names.end(), one.name) != names.end();
  });
}

// One argument without a name takes the body as it is, if it is of a type that this can be.
bool takes_raw_body(Function const& function) {
  static std::set<std::string_view> const types{"json", "jsonb", "text", "bytea", "xml"};
  return function.arguments.size() == 1 && function.arguments.front().name.empty() &&
         types.contains(function.arguments.front().type);
}

bool takes_body_of(Function const& function, std::string const& media) {
  static std::set<std::pair<std::string_view, std::string_view>> const types{
      {"application/json", "json"}, {"application/json", "jsonb"}, {"text/plain", "text"},
      {"text/xml", "xml"},          {"application/xml", "xml"},    {"application/octet-stream", "bytea"}};
  return takes_raw_body(function) && types.contains({media, function.arguments.front().type});
}

// Others without names cannot be called.
bool can_be_called(Function const& function) {
  auto const has_name = [](Argument const& one) { return !one.name.empty(); };
  return takes_raw_body(function) || std::all_of(function.arguments.begin(), function.arguments.end(), has_name);
}

// What may have been meant: of this name with its arguments, or of another; empty: nothing.
std::string near_function(Catalog const& catalog, std::string const& schema, std::string const& name) {
  std::vector<std::string> known;
  for (auto const& one : catalog.functions) {
    if (one.schema == schema && can_be_called(one)) known.push_back(one.name);
  }
  auto const near = nearest(name, known);
  if (near != name) return near.empty() ? near : shown_call(schema, near, {});
  std::vector<std::string> arguments;
  for (auto const* const one : catalog.find_functions(schema, name)) {
    if (!arguments.empty() || !can_be_called(*one)) continue;
    for (auto const& argument : one->arguments) arguments.push_back(argument.name);
  }
  return arguments.empty() || arguments.front().empty() ? "" : shown_call(schema, name, arguments);
}

/// @param media of the body; empty: there is none
Function const& choose(Catalog const& catalog, std::string const& schema, std::string const& name,
                       std::vector<std::string> const& names, std::string const& media) {
  std::vector<Function const*> fitting;
  std::vector<Function const*> raw;
  for (auto const* const one : catalog.find_functions(schema, name)) {
    if (!can_be_called(*one)) continue;
    if (takes(*one, names)) fitting.push_back(one);
    if (takes_body_of(*one, media)) raw.push_back(one);
  }
  if (fitting.empty()) fitting = raw;
  if (fitting.size() == 1) return *fitting.front();
  if (fitting.empty()) {
    auto const near = near_function(catalog, schema, name);
    throw ApiError{404, "PGRST202",
                   fmt::format("Could not find the function {} in the schema cache", shown_call(schema, name, names)),
                   fmt::format("Searched for the function {} with these parameters, but no matches were found in the "
                               "schema cache.",
                               shown_call(schema, name, names)),
                   near.empty() ? "" : fmt::format("Perhaps you meant to call the function {}", near)};
  }
  std::set<std::vector<std::string>> signatures;
  for (auto const* const one : fitting) {
    std::vector<std::string> shown;
    for (auto const& argument : one->arguments) shown.push_back(fmt::format("{} => {}", argument.name, argument.type));
    signatures.insert(std::move(shown));
  }
  std::vector<std::string> all;
  for (auto const& one : signatures) all.push_back(fmt::format("{}.{}({})", schema, name, fmt::join(one, ", ")));
  throw ApiError{300,
                 "PGRST203",
                 fmt::format("Could not choose the best candidate function between: {}", fmt::join(all, ", ")),
                 {},
                 "Try renaming the parameters or the function itself in the database so function overloading can be "
                 "resolved"};
}

// Of an argument that is given several times, the last one; but a variadic one takes them all.
void bind(Argument const& argument, std::string const& value, ChosenCall& call) {
  auto const is_bound = [&](BoundArgument const& one) { return one.argument == &argument; };
  auto found = std::find_if(call.arguments.begin(), call.arguments.end(), is_bound);
  if (found == call.arguments.end()) found = call.arguments.insert(found, BoundArgument{&argument, {}});
  found->value = value;
  if (argument.variadic) found->elements.push_back(value);
}

ChosenCall call_by_values(Catalog const& catalog, std::string const& schema, std::string const& name,
                          QueryPairs const& values, std::string const& media) {
  ChosenCall call;
  std::vector<std::string> names;
  for (auto const& [argument, value] : values) {
    if (std::find(names.begin(), names.end(), argument) == names.end()) names.push_back(argument);
  }
  call.function = &choose(catalog, schema, name, names, media);
  for (auto const& [argument, value] : values) {
    for (auto const& one : call.function->arguments) {
      if (one.name == argument) bind(one, value, call);
    }
  }
  return call;
}

// Of a list of objects, the first has the arguments.
std::vector<std::string> argument_names(Json const& body, std::optional<std::vector<std::string>> const& columns) {
  auto const is_object = [](Json const& one) { return one.is_object(); };
  bool const is_list = body.is_array() && std::all_of(body.begin(), body.end(), is_object);
  if (!body.is_object() && !is_list) return {"?"};
  if (columns) return *columns;
  return common_keys(is_list ? body : Json::array({body}));
}

ChosenCall chosen_call(Catalog const& catalog, std::string const& schema, std::string const& name,
                       HttpRequest const& request, QueryTree const& tree) {
  if (request.method != "POST") return call_by_values(catalog, schema, name, tree.arguments, {});
  auto const type = request.header("content-type");
  auto const media = type.empty() ? "application/json" : to_lower(trimmed(type.substr(0, type.find(';'))));
  if (media == "application/x-www-form-urlencoded") {
    return call_by_values(catalog, schema, name, decoded_pairs(request.body), media);
  }
  std::string body = request.body.empty() ? "{}" : request.body;
  auto const json = media == "application/json" ? parse_json(body) : Json();
  auto const names = argument_names(json, tree.columns);
  ChosenCall call;
  call.function = &choose(catalog, schema, name, names, media);
  if (takes_raw_body(*call.function)) {
    auto const& argument = call.function->arguments.front();
    call.arguments.push_back({&argument, argument.type == "bytea" ? "\\x" + hex(request.body) : request.body});
    return call;
  }
  for (auto const& one : call.function->arguments) {
    if (std::find(names.begin(), names.end(), one.name) != names.end()) call.arguments.push_back({&one, body, true});
  }
  return call;
}

}  // namespace

HttpReply DatabaseApi::call_request(Served& served) {
  auto const& method = served.request.method;
  if (!served.is_read() && method != "POST") {
    throw ApiError{405, "PGRST101", fmt::format("Cannot use the {} method on RPC", method)};
  }
  auto tree = parse_query(decoded_pairs(served.request.query_text), served.is_read());
  auto const call = chosen_call(*served.catalog, served.schema, served.path[2], served.request, tree);
  auto const& function = *call.function;
  if (served.preferences.strict && served.preferences.max_affected && !function.returns_set) {
    throw ApiError{400, "PGRST128",
                   "Function must return SETOF or TABLE when max-affected preference is used with handling=strict"};
  }
  auto const* const rows_of = served.catalog->find_table(function.row_schema, function.row_table);
  auto const value = function.returns_rows             ? one_value(rows_of, tree)
                     : function.return_type == "bytea" ? OneValue::bytes
                                                       : OneValue::text;
  auto const media = chosen_media(served.request.header("accept"), value);
  PlanOptions options{served.schema, served.settings.max_rows, served.settings.aggregates, media.form,
                      served.preferences.count_exact};
  if (media.form == BodyForm::array) {
    if (!function.returns_rows) options.form = BodyForm::scalar;
    if (function.returns_rows && !function.returns_set) options.form = BodyForm::object;
  }
  for (auto const& [path, scope] : tree.scopes) check_range(scope);
  if (method == "GET") apply_range(served.request.header("range"), tree.at({}));
  auto const offset = tree.at({}).offset.value_or(0);
  auto const outcome =
      served.run(plan_call(*served.catalog, options, function, call.arguments, tree), [&](auto const& one) {
        served.require_single(media, one);
        served.require_few(one);
      });
  HttpReply reply;
  if (function.returns_void) {
    reply.status = 204;
    reply.content_type.clear();
    return reply;
  }
  reply.content_type = media.type;
  bool const is_raw = options.form == BodyForm::text || options.form == BodyForm::bytes;
  reply.body = outcome.body.empty() && !is_raw ? "null" : outcome.body;
  if (function.returns_rows) reply.status = read_status(offset, outcome.rows, outcome.more);
  bool const counts_values = !function.returns_rows && served.preferences.count_exact;
  auto const total = counts_values ? std::to_string(outcome.rows) : outcome.more;
  reply.headers.emplace_back("Content-Range", content_range(offset, outcome.rows, total));
  return reply;
}

HttpReply DatabaseApi::options_request(Served& served, bool is_root, bool is_call) {
  std::string allowed = "OPTIONS,GET,HEAD";
  if (is_call) {
    auto const tree = parse_query(decoded_pairs(served.request.query_text), true);
    auto const call = chosen_call(*served.catalog, served.schema, served.path[2], served.request, tree);
    allowed = call.function->is_stable ? "OPTIONS,GET,HEAD,POST" : "OPTIONS,POST";
  } else if (!is_root) {
    auto const& table = table_in(*served.catalog, served.schema, served.path[1]);
    if (table.takes_inserts) allowed += ",POST";
    if (table.takes_inserts && table.takes_updates && !table.key.empty()) allowed += ",PUT";
    if (table.takes_updates) allowed += ",PATCH";
    if (table.takes_deletes) allowed += ",DELETE";
  }
  HttpReply reply;
  reply.content_type.clear();
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

bool is_preflight(HttpRequest const& request) {
  return request.method == "OPTIONS" && !request.origin.empty() &&
         !request.header("access-control-request-method").empty();
}

HttpReply api_error_reply(ApiError const& error) {
  auto const or_null = [](std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json const body{{"code", error.code()},
                  {"message", error.what()},
                  {"details", error.has_json_details() ? Json::parse(error.details()) : or_null(error.details())},
                  {"hint", or_null(error.hint())}};
  HttpReply reply;
  reply.status = error.status();
  reply.content_type = "application/json; charset=utf-8";
  reply.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  reply.headers = error.headers();
  if (error.status() == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  return reply;
}

namespace {

// Those that a page asks for, besides those that it may send anyway.
std::string allowed_headers(std::string_view asked) {
  std::string allowed = "Authorization, ";
  while (!asked.empty()) {
    auto const end = std::min(asked.find(','), asked.size());
    if (auto const name = trimmed(asked.substr(0, end)); is_token(name)) allowed += fmt::format("{}, ", name);
    asked.remove_prefix(std::min(end + 1, asked.size()));
  }
  return allowed + "Accept, Accept-Language, Content-Language";
}

}  // namespace

void add_cors_headers(HttpRequest const& request, ApiSettings const& settings, HttpReply& reply) {
  if (request.origin.empty()) return;
  auto const& origins = settings.cors_origins;
  bool const any = origins.empty() || std::find(origins.begin(), origins.end(), "*") != origins.end();
  if (!any && std::find(origins.begin(), origins.end(), request.origin) == origins.end()) return;
  reply.headers.emplace_back("Access-Control-Allow-Origin", any ? "*" : request.origin);
  if (!any) reply.headers.emplace_back("Vary", "Origin");
  if (is_preflight(request)) {
    reply.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD");
    reply.headers.emplace_back("Access-Control-Allow-Headers",
                               allowed_headers(request.header("access-control-request-headers")));
    reply.headers.emplace_back("Access-Control-Max-Age", "86400");
  } else {
    reply.headers.emplace_back(
        "Access-Control-Expose-Headers",
        "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, "
        "Transfer-Encoding, Range-Unit");
  }
}

}  // namespace lakebase::emulator::data_api
