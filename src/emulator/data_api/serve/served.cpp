#include "data_api/serve/served.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/ascii.hpp"
#include "common/encoding.hpp"
#include "common/sql_quoting.hpp"
#include "data_api/grammar/api_error.hpp"
#include "data_api/serve/errors.hpp"

namespace lakebase::emulator::data_api {
namespace {

std::string joined_path(std::vector<std::string> const& names) {
  std::string path;
  for (auto const& name : names) path += (path.empty() ? "" : ", ") + quote_identifier(name);
  return path;
}

}  // namespace

// Advisory locks of an earlier request are released with it, for a statement of its own would cost as much as the whole
// reset of the session. The owner of the project is let in by no grant: nobody can be granted what it asks for instead.
void DatabaseApi::Served::begin() {
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

std::vector<std::vector<std::string>> DatabaseApi::Served::run_all(std::vector<SqlText> const& texts) {
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

DatabaseApi::Served::Outcome DatabaseApi::Served::run(Statement const& statement,
                                                      std::function<void(Outcome const&)> const& check) {
  std::vector<SqlText> texts{{statement.sql, statement.parameters, catalog->version}};
  // What only reads need not be looked at before.
  if (is_read()) texts.push_back({"COMMIT"});
  is_committed = is_read();
  auto const rows = run_all(texts);
  auto const& row = rows.at(0);
  auto const& body = row.at(1);
  Outcome outcome{std::stoll(row.at(0)), statement.has_hex_body ? bytes_of_hex(body) : body, row.at(2),
                  row.size() > 3 ? std::stoll(row[3]) : 0};
  check(outcome);
  return outcome;
}

void DatabaseApi::Served::require_single(Media const& media, Outcome const& outcome) const {
  if (media.form != BodyForm::object || outcome.rows == 1) return;
  throw ApiError{406, "PGRST116", "Cannot coerce the result to a single JSON object",
                 fmt::format("The result contains {} rows", outcome.rows)};
}

void DatabaseApi::Served::require_few(Outcome const& outcome) const {
  if (!preferences.strict || !preferences.max_affected || outcome.rows <= *preferences.max_affected) return;
  throw ApiError{400, "PGRST124", "Query result exceeds max-affected preference constraint",
                 fmt::format("The query affects {} rows", outcome.rows)};
}

void DatabaseApi::Served::add_applied(HttpReply& reply) const {
  auto const is_honoured = [&](std::string_view name) {
    if (is_read() && (name == "return" || name == "resolution" || name == "missing" || name == "max-affected"))
      return false;
    if (name == "resolution") return request.method == "POST";
    if (name == "missing") return request.method == "POST" || request.method == "PATCH";
    return name != "max-affected" || preferences.strict;
  };
  std::vector<std::string> honoured;
  for (std::string const name : {"resolution", "missing", "return", "count", "handling", "timezone", "max-affected"}) {
    for (auto const& one : preferences.applied) {
      if (one.substr(0, one.find('=')) == name && is_honoured(name)) honoured.push_back(one);
    }
  }
  if (!honoured.empty()) reply.headers.emplace_back("Preference-Applied", fmt::format("{}", fmt::join(honoured, ", ")));
}

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

}  // namespace lakebase::emulator::data_api
