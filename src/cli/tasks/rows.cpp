#include "cli/tasks/rows.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <lakebase/data_api.hpp>

#include "cli/base/failure.hpp"
#include "cli/base/json.hpp"
#include "cli/base/words.hpp"
#include "cli/output/json_array.hpp"
#include "cli/parse/command_line.hpp"
#include "cli/parse/json_argument.hpp"
#include "cli/parse/settings.hpp"
#include "cli/session/session.hpp"
#include "cli/system/streams_posix.hpp"
#include "tools/find.hpp"
#include "tools/target.hpp"

namespace lakebase::cli {
namespace {

using data_api::Condition;
using data_api::DataApiClient;
using data_api::Rows;
using data_api::Select;

constexpr std::size_t rows_a_page = 1000;

/// Parameters of a query string that select no rows.
constexpr std::array<std::string_view, 6> no_conditions = {"select", "order",   "limit",
                                                           "offset", "columns", "on_conflict"};

std::vector<Flag> flags_of_rows(std::vector<Flag> own) {
  own.push_back({"schema", "schema of the table (default public)", "NAME"});
  own.push_back({"database", "name of the database (default databricks_postgres)", "NAME"});
  return own;
}

Flag returning() {
  return {"returning", "print the rows as they are then", ""};
}

Usage usage_of_get(std::string const& program) {
  return {.command = program + " rows get",
          .positionals = "TARGET TABLE [COLUMN=OPERATOR.VALUE...]",
          .summary = "Print rows, one a line as JSON. The service may cut them off at its db_max_rows: --all gets all.",
          .flags = flags_of_rows({{"select", "columns, and related tables: title,actors(name)", "COLUMNS"},
                                  {"order", "columns to sort by: year.desc,title", "COLUMNS"},
                                  {"limit", "at most this many rows", "N"},
                                  {"offset", "leave out the first rows", "N"},
                                  {"all", "all rows, page by page; needs --key or --order", ""},
                                  {"key", "with --all: a column that is unique and never null", "COLUMN"},
                                  {"count", "print the number of rows instead", ""},
                                  {"csv", "print CSV instead", ""}}),
          .example = program + " rows get projects/my-app films year=gt.1990 --order year.desc --limit 10"};
}

Usage usage_of_insert(std::string const& program) {
  return {.command = program + " rows insert",
          .positionals = "TARGET TABLE",
          .summary = "Insert an object, or an array of them: all or none.",
          .flags = flags_of_rows({{"json", "rows as JSON, @FILE, or - for standard input", "JSON"},
                                  {"upsert", "change rows whose key is there", ""},
                                  {"ignore-duplicates", "leave rows whose key is there as they are", ""},
                                  {"on-conflict", "columns that are the key (default: the primary key)", "COLUMNS"},
                                  returning()}),
          .example = program + R"( rows insert projects/my-app films --json '{"id": 1, "title": "Alien"}')"};
}

Flag all_rows() {
  return {"all-rows", "every row, where no condition is given; COLUMN is any of the table", "COLUMN"};
}

Usage usage_of_update(std::string const& program) {
  return {
      .command = program + " rows update",
      .positionals = "TARGET TABLE COLUMN=OPERATOR.VALUE...",
      .summary = "Change rows that meet all conditions.",
      .flags = flags_of_rows(
          {{"json", "new values as a JSON object, @FILE, or - for standard input", "JSON"}, all_rows(), returning()}),
      .example = program + R"( rows update projects/my-app films id=eq.1 --json '{"title": "Aliens"}')"};
}

Usage usage_of_delete(std::string const& program) {
  return {.command = program + " rows delete",
          .positionals = "TARGET TABLE COLUMN=OPERATOR.VALUE...",
          .summary = "Delete rows that meet all conditions.",
          .flags = flags_of_rows({all_rows(), returning()}),
          .example = program + " rows delete projects/my-app films id=eq.1"};
}

/// A command line of `lakebase rows` that has been read.
struct RowsCall {
  Usage const& usage;
  CommandLine line;
  Settings settings;

  [[nodiscard]] std::string const& table() const { return line.positionals()[1]; }
};

/// `COLUMN=OPERATOR.VALUE`, as the Data API takes it.
Condition condition_from(std::string const& text) {
  auto const sign = text.find('=');
  if (sign == std::string::npos || sign == 0) {
    throw Failure{fmt::format("\"{}\" is no condition: write COLUMN=OPERATOR.VALUE, e.g. year=gt.1990", text)};
  }
  auto name = text.substr(0, sign);
  if (std::find(no_conditions.begin(), no_conditions.end(), name) != no_conditions.end()) {
    throw Failure{fmt::format("\"{}\" is no condition: {} is a parameter of the query, see --help", text, name)};
  }
  return data_api::parameter(std::move(name), text.substr(sign + 1));
}

std::optional<Condition> conditions_of(RowsCall const& call) {
  std::optional<Condition> all;
  auto const& given = call.line.positionals();
  for (std::size_t i = 2; i < given.size(); ++i) {
    auto one = condition_from(given[i]);
    all = all ? std::move(*all) && std::move(one) : std::move(one);
  }
  return all;
}

/// A branch or a database by its name, or a URL, as DataApiClient takes it.
std::string place_of(WorkspaceClient const& client, std::string const& given) {
  if (given.starts_with("https://") || given.starts_with("http://") || given.find("/databases/") != std::string::npos)
    return given;
  auto target = tools::parse_target(given);
  if (target.product == tools::Target::Product::provisioned) {
    throw Failure{"instances have no Data API: name a project, a branch or a database"};
  }
  tools::find_project(client, target);
  tools::find_default_branch(client, target);
  if (target.branch.empty()) {
    throw Failure{fmt::format("projects/{} has no default branch: name a branch", target.project)};
  }
  return fmt::format("projects/{}/branches/{}", target.project, target.branch);
}

data_api::Table table_of(RowsCall const& call) {
  auto const client = workspace(call.settings);
  data_api::DataApiOptions options;
  if (auto const schema = call.line.value("schema")) options.schema = *schema;
  if (auto const database = call.line.value("database")) options.database = *database;
  return DataApiClient{client, place_of(client, call.line.positionals()[0]), options}.from(call.table());
}

std::optional<std::int64_t> number_of(RowsCall const& call, std::string const& flag) {
  auto const text = call.line.value(flag);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size() || number < 0) {
    throw Failure{fmt::format("--{}: \"{}\" is no number from 0 on", flag, *text)};
  }
  return number;
}

/// Prints rows as they come.
class RowPrinter {
 public:
  explicit RowPrinter(bool is_json) : is_json_(is_json) {}

  void add(std::string const& row) {
    if (is_json_) {
      array_.add(row);
    } else {
      write(Stream::out, row + '\n');
    }
  }
  void end() {
    if (is_json_) array_.end();
  }

 private:
  bool is_json_;
  JsonArray array_{};
};

void print(RowsCall const& call, Rows const& rows) {
  RowPrinter printer{call.settings.is_json};
  for (auto const& row : rows.texts()) printer.add(row.text);
  printer.end();
}

void print_all(RowsCall const& call, Select const& query) {
  auto const key = call.line.value("key");
  RowPrinter printer{call.settings.is_json};
  auto const pages = key ? query.pages(rows_a_page, data_api::asc(*key)) : query.pages(rows_a_page);
  for (auto const& row : pages) printer.add(row.text);
  printer.end();
}

int get_rows(RowsCall const& call) {
  auto const conditions = conditions_of(call);
  auto const limit = number_of(call, "limit");
  auto const offset = number_of(call, "offset");
  bool const wants_all = call.line.is_on("all");
  if (wants_all && !call.line.value("key") && !call.line.value("order")) {
    throw Failure{"--all needs --key COLUMN, a column that is unique, or --order: rows in no order may be missed"};
  }
  if (wants_all && (limit || offset)) throw Failure{"--all takes no --limit and no --offset"};
  // CSV comes as one response, which the service may cut off.
  if (wants_all && call.line.is_on("csv")) throw Failure{"--all prints no --csv: leave one of them out"};
  if (!wants_all && call.line.value("key")) throw Failure{"--key goes with --all"};
  auto query = table_of(call).select();
  if (conditions) query = query.where(*conditions);
  for (auto const* const name : {"select", "order"}) {
    if (auto const text = call.line.value(name)) query = query.where(data_api::parameter(name, *text));
  }
  if (limit) query = query.limit(*limit);
  if (offset) query = query.offset(*offset);
  if (call.line.is_on("count")) {
    write(Stream::out, fmt::format("{}\n", query.count()));
  } else if (call.line.is_on("csv")) {
    auto const text = query.csv();
    write(Stream::out, text.ends_with('\n') ? text : text + '\n');
  } else if (wants_all) {
    print_all(call, query);
  } else {
    print(call, query.get());
  }
  return 0;
}

/// What `--json` holds; `is_fit` tells whether the service can take it.
JsonText json_of(RowsCall const& call, bool (*is_fit)(Json const&), std::string_view wanted) {
  auto const argument = call.line.value("json");
  if (!argument) throw UsageFailure{fmt::format("--json is missing: {}", wanted), usage_line(call.usage)};
  std::string source;
  auto text = json_argument(*argument, source);
  if (!is_fit(parse_json(text, source))) throw Failure{fmt::format("{}: expected {}", source, wanted)};
  return {std::move(text)};
}

int send(RowsCall const& call, data_api::Write const& write_it) {
  if (call.line.is_on("returning")) {
    print(call, write_it.returning().execute());
  } else {
    write_it.execute();
  }
  return 0;
}

int insert_rows(RowsCall const& call) {
  auto const rows = json_of(
      call, [](Json const& json) { return json.is_object() || json.is_array(); }, "an object, or an array of them");
  bool const leaves = call.line.is_on("ignore-duplicates");
  bool const changes = call.line.is_on("upsert");
  if (leaves && changes) throw Failure{"--upsert and --ignore-duplicates contradict each other"};
  auto const key = call.line.value("on-conflict");
  if (key && !leaves && !changes) throw Failure{"--on-conflict goes with --upsert or --ignore-duplicates"};
  auto const table = table_of(call);
  if (!leaves && !changes) return send(call, table.insert(rows));
  return send(call,
              table.upsert(rows, split(key.value_or(""), ','),
                           leaves ? data_api::Resolution::ignore_duplicates : data_api::Resolution::merge_duplicates));
}

/// The conditions of a change, or none for every row.
std::optional<Condition> chosen_rows(RowsCall const& call) {
  auto conditions = conditions_of(call);
  bool const is_all = call.line.value("all-rows").has_value();
  if (conditions && is_all) throw Failure{"--all-rows and conditions contradict each other"};
  if (!conditions && !is_all) {
    throw Failure{"no condition says which rows are meant: write e.g. id=eq.1, or --all-rows COLUMN for every row"};
  }
  return conditions;
}

int change(RowsCall const& call, std::optional<Condition> const& conditions, data_api::Unfiltered const& unfiltered) {
  return send(call, conditions ? unfiltered.where(*conditions) : unfiltered.all_rows(*call.line.value("all-rows")));
}

int update_rows(RowsCall const& call) {
  auto const conditions = chosen_rows(call);
  auto const values = json_of(
      call, [](Json const& json) { return json.is_object(); }, "an object with the new values");
  return change(call, conditions, table_of(call).update(values));
}

int delete_rows(RowsCall const& call) {
  auto const conditions = chosen_rows(call);
  return change(call, conditions, table_of(call).remove());
}

struct RowsWord {
  std::string_view name;
  std::string_view summary;
  Usage (*usage)(std::string const& program);
  int (*run)(RowsCall const& call);
  std::size_t most_positionals;
};

constexpr auto any_number = static_cast<std::size_t>(-1);

constexpr std::array rows_words = {
    RowsWord{"get", "Print rows of a table", &usage_of_get, &get_rows, any_number},
    RowsWord{"insert", "Insert rows, or upsert them", &usage_of_insert, &insert_rows, 2},
    RowsWord{"update", "Change rows that meet conditions", &usage_of_update, &update_rows, any_number},
    RowsWord{"delete", "Delete rows that meet conditions", &usage_of_delete, &delete_rows, any_number},
};

}  // namespace

int run_rows(std::string const& program, std::vector<std::string> const& arguments) {
  auto rest = arguments;
  Usage group{.command = program + " rows",
              .summary = "Rows of a table over the Data API, where no port of PostgreSQL is open.",
              .example = program + " rows get projects/my-app films"};
  for (auto const& word : rows_words) group.subcommands.emplace_back(word.name, word.summary);
  auto const given = take_subcommand(group, rest);
  auto const word =
      std::find_if(rows_words.begin(), rows_words.end(), [&](RowsWord const& each) { return each.name == given; });
  auto const usage = word->usage(program);
  CommandLine line{usage, rest};
  auto settings = settings_of(line, usage, program);
  expect_positionals(line, usage, 2, word->most_positionals);
  return word->run({usage, std::move(line), std::move(settings)});
}

}  // namespace lakebase::cli
