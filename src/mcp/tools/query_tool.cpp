#include "mcp/tools/query_tool.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "tools/query.hpp"

namespace lakebase::mcp {
namespace {

constexpr std::int64_t most_rows = 10000;
constexpr std::int64_t query_most_seconds = 600;
constexpr std::size_t most_bytes = std::size_t{1024} * 1024;
/// The largest integer up to which a double has all.
constexpr std::int64_t exact_in_double = 9007199254740992;
/// So many decimal digits are kept by every double.
constexpr std::ptrdiff_t exact_digits = 15;

struct QueryArguments {
  std::string statement{};
  std::optional<std::string> target{};
  std::optional<std::string> database{};
  std::optional<std::vector<Json>> parameters{};
  std::optional<std::int64_t> max_rows = 100;
  std::optional<std::int64_t> timeout_seconds = 30;

  template <class Field>
  static void describe(Field&& field) {
    field("statement", &QueryArguments::statement, "One SQL statement; $1, $2 … stand for the parameters");
    field("target", &QueryArguments::target,
          "projects/ID[/branches/ID[/endpoints/ID]], or the name of an instance; default: the only project");
    field("database", &QueryArguments::database, "Default: databricks_postgres");
    field("parameters", &QueryArguments::parameters,
          "Values for $1, $2 …, one for each; an array of PostgreSQL is a text such as {1,2}, lists and objects are "
          "JSON");
    field("max_rows", &QueryArguments::max_rows, "At most this many rows, 1 to 10000");
    field("timeout_seconds", &QueryArguments::timeout_seconds, "The statement is cancelled after this time, 1 to 600");
  }
};

struct Column {
  std::string name{};
  std::string type{};

  template <class Field>
  static void describe(Field&& field) {
    field("name", &Column::name);
    field("type", &Column::type, "As PostgreSQL writes it; empty if there is no row");
  }
};

struct QueryOutcome {
  std::optional<std::string> command{};
  std::optional<std::vector<Column>> columns{};
  std::optional<std::vector<std::vector<Json>>> rows{};
  std::optional<std::int64_t> affected_rows{};
  std::optional<bool> truncated{};
  std::optional<std::string> message{};
  std::optional<std::string> error{};

  template <class Field>
  static void describe(Field&& field) {
    field("command", &QueryOutcome::command, "What the server calls the statement");
    field("columns", &QueryOutcome::columns);
    field("rows", &QueryOutcome::rows, "Values by column; what JSON cannot hold exactly is text");
    field("affected_rows", &QueryOutcome::affected_rows);
    field("truncated", &QueryOutcome::truncated, "Whether there are more rows than shown");
    field("message", &QueryOutcome::message, "What to do if the rows are too large");
    field("error", &QueryOutcome::error);
  }
};

std::int64_t bounded(std::optional<std::int64_t> value, std::int64_t usual, std::int64_t most, char const* name) {
  auto const wanted = value.value_or(usual);
  if (wanted < 1 || wanted > most) throw BadArgument(fmt::format("{} must be 1 to {}", name, most));
  return wanted;
}

/// Finds numbers with more digits than readers of JSON keep.
class DigitsOf : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(Json::number_integer_t number) override { return number >= -exact_in_double; }
  bool number_unsigned(Json::number_unsigned_t number) override { return number <= exact_in_double; }
  bool number_float(Json::number_float_t, std::string const& text) override {
    auto const mantissa = text.substr(0, text.find_first_of("eE"));
    auto const digits = std::count_if(mantissa.begin(), mantissa.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits <= exact_digits;
  }
  bool string(std::string&) override { return true; }
  bool binary(Json::binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(std::string&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, std::string const&, nlohmann::detail::exception const&) override { return false; }
};

/// The document; its text, if it has numbers that would lose digits.
Json document_of(std::string const& text) {
  auto document = read_json(text);
  DigitsOf digits;
  if (document.is_discarded() || !Json::sax_parse(text, &digits)) return text;
  return document;
}

Json value_of(std::string const& text, unsigned oid) {
  switch (oid) {
    case 16:  // boolean
      return text == "t";
    case 20:  // bigint, integer, smallint, oid
    case 21:
    case 23:
    case 26: {
      auto const number = std::strtoll(text.c_str(), nullptr, 10);
      if (number >= -exact_in_double && number <= exact_in_double) return number;
      return text;
    }
    case 700:  // real, double precision
    case 701: {
      auto const number = std::strtod(text.c_str(), nullptr);
      if (std::isfinite(number)) return number;
      return text;
    }
    case 114:  // json, jsonb
    case 3802:
      return document_of(text);
    default:
      return text;
  }
}

/// Texts, numbers, booleans and null as they are, the rest as JSON text.
pq::Params parameters_from(std::vector<Json> const& values) {
  pq::Params parameters;
  for (auto const& value : values) {
    if (value.is_null()) {
      parameters.add(nullptr);
    } else if (value.is_string()) {
      parameters.add(value.get<std::string>());
    } else {
      parameters.add(json_line(value));
    }
  }
  return parameters;
}

Json columns_of(tools::QueryResult const& result) {
  Json columns = Json::array();
  for (auto const& column : result.columns) columns.push_back({{"name", column.name}, {"type", column.type}});
  return columns;
}

/// Booleans, and numbers that readers of JSON keep exactly; JSON as it is; all else as text.
Json rows_of(tools::QueryResult const& result) {
  Json rows = Json::array();
  for (auto const& row : result.rows) {
    Json values = Json::array();
    for (std::size_t i = 0; i < row.size(); ++i) {
      values.push_back(row[i] ? value_of(*row[i], result.columns[i].oid) : Json());
    }
    rows.push_back(std::move(values));
  }
  return rows;
}

}  // namespace

Tool query_tool(Workspace& workspace) {
  bool const may_write = workspace.options().allows_writes && !workspace.options().is_read_only;
  auto tool = typed_tool<QueryArguments>(
      "query_lakebase",
      may_write
          ? "Runs one SQL statement on a Lakebase database, in a transaction of its own, and returns its rows."
          : "Runs one SQL statement that only reads on a Lakebase database, and returns its rows. PostgreSQL refuses "
            "whatever would change something; to change something, try_lakebase_change tries it on a branch first.",
      [&workspace, may_write](Call& call, QueryArguments const& arguments) {
        tools::QueryOptions options{.may_write = may_write, .most_bytes = most_bytes, .stop = call.stop()};
        options.most_rows = static_cast<std::size_t>(bounded(arguments.max_rows, 100, most_rows, "max_rows"));
        options.limit =
            std::chrono::seconds{bounded(arguments.timeout_seconds, 30, query_most_seconds, "timeout_seconds")};
        auto session = workspace.connect(call, arguments.target.value_or(""), arguments.database);
        auto const result = tools::query(session, arguments.statement,
                                         parameters_from(arguments.parameters.value_or(std::vector<Json>{})), options);
        Json outcome{{"command", result.command},
                     {"columns", columns_of(result)},
                     {"rows", rows_of(result)},
                     {"affected_rows", result.affected_rows},
                     {"truncated", result.is_cut}};
        if (result.is_cut && result.rows.size() < options.most_rows) {
          outcome["message"] =
              "The next row is more than a result holds, which is 1 MiB: select less of it, such as left(column, "
              "1000).";
        }
        return result_of(std::move(outcome));
      });
  tool.title = "Query a Lakebase database";
  tool.output_schema = schema_of<QueryOutcome>();
  return tool;
}

}  // namespace lakebase::mcp
