#include "data_api/plan/plan.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/ascii.hpp"
#include "common/sql_quoting.hpp"
#include "data_api/grammar/api_error.hpp"
#include "data_api/plan/relations.hpp"

namespace lakebase::emulator::data_api {
namespace {

using Path = std::vector<std::string>;

/// In a pattern of LIKE.
constexpr char any_text = "%"[0];

std::string qualified(std::string const& schema, std::string const& name) {
  return quote_identifier(schema) + "." + quote_identifier(name);
}

std::map<std::string_view, std::string_view> const& sql_operators() {
  static std::map<std::string_view, std::string_view> const instance{{"eq", "="},
                                                                     {"neq", "<>"},
                                                                     {"gt", ">"},
                                                                     {"gte", ">="},
                                                                     {"lt", "<"},
                                                                     {"lte", "<="},
                                                                     {"like", "LIKE"},
                                                                     {"ilike", "ILIKE"},
                                                                     {"match", "~"},
                                                                     {"imatch", "~*"},
                                                                     {"cs", "@>"},
                                                                     {"cd", "<@"},
                                                                     {"ov", "&&"},
                                                                     {"sl", "<<"},
                                                                     {"sr", ">>"},
                                                                     {"nxr", "&<"},
                                                                     {"nxl", "&>"},
                                                                     {"adj", "-|-"},
                                                                     {"isdistinct", "IS DISTINCT FROM"}};
  return instance;
}

// Names of types that are not one plain word of PostgreSQL's catalog.
std::string sql_type(std::string cast) {
  std::string brackets;
  while (cast.ends_with("[]")) {
    cast.resize(cast.size() - 2);
    brackets += "[]";
  }
  static std::set<std::string_view> const keywords{"int",
                                                   "integer",
                                                   "bigint",
                                                   "smallint",
                                                   "real",
                                                   "double precision",
                                                   "decimal",
                                                   "dec",
                                                   "float",
                                                   "boolean",
                                                   "char",
                                                   "character",
                                                   "varchar",
                                                   "character varying",
                                                   "time",
                                                   "timestamp",
                                                   "numeric",
                                                   "interval",
                                                   "timestamp with time zone",
                                                   "timestamp without time zone",
                                                   "time with time zone",
                                                   "time without time zone",
                                                   "bit",
                                                   "bit varying"};
  auto const lower = to_lower(cast);
  // They tell names of the catalogs by their numbers. The type of an array has an underscore in front.
  static std::set<std::string_view> const lookups{"regclass",     "regcollation", "regconfig",   "regdictionary",
                                                  "regnamespace", "regoper",      "regoperator", "regproc",
                                                  "regprocedure", "regrole",      "regtype"};
  if (lookups.contains(std::string_view{cast}.substr(cast.starts_with('_') ? 1 : 0))) {
    throw ApiError{400,
                   "42704",
                   fmt::format("type \"{}\" is not available", cast),
                   {},
                   "The Data API does not look names up in the catalogs of PostgreSQL."};
  }
  return (keywords.contains(lower) ? lower : quote_identifier(cast)) + brackets;
}

// The elements as an array literal of PostgreSQL.
std::string array_literal(std::vector<std::string> const& list) {
  std::string text = "{";
  for (auto const& one : list) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (char const c : one) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

std::string with_percents(std::string text) {
  std::replace(text.begin(), text.end(), '*', any_text);
  return text;
}

/// Rows that are read: a table, or what a statement in front returns.
struct Source {
  std::string sql;
  /// None: the rows of a function, of which there are columns only.
  Table const* table = nullptr;
  std::string name;
  std::vector<std::string> columns;
  /// They are of the row type of the table.
  bool has_row_type = false;
};

std::vector<std::string> column_names(Table const& table) {
  std::vector<std::string> names;
  for (auto const& column : table.columns) names.push_back(column.name);
  return names;
}

Source source_of(Table const& table) {
  return {qualified(table.schema, table.name), &table, table.name, column_names(table), true};
}

Column const* known_column(Table const* table, std::string const& name) {
  if (table == nullptr) return nullptr;
  auto const* const column = table->find(name);
  return column != nullptr ? column : table->find_computed(name);
}

bool is_in(std::vector<std::string> const& names, std::string const& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Of a function of the table, what it takes.
std::string row_of(Source const& source, std::string const& alias) {
  if (source.has_row_type) return alias + ".*";
  std::vector<std::string> values;
  for (auto const& column : source.table->columns) {
    values.push_back(fmt::format("{}.{}", alias, quote_identifier(column.name)));
  }
  return fmt::format("ROW({})::{}", fmt::join(values, ", "), qualified(source.table->schema, source.table->name));
}

// Embedded for the sake of its filters, or of those of what it has.
bool shows_nothing(SelectItem const& item) {
  return item.kind != SelectItem::Kind::column && std::all_of(item.items.begin(), item.items.end(), shows_nothing);
}

/// A column of a query.
struct Shown {
  std::string sql, name;
  /// What it goes into; empty: nothing.
  std::string aggregate{}, aggregate_cast{};
  /// Of type json, of which no two values can be compared.
  bool is_json = false;
};

// A column that says whether an embedded resource has a row.
constexpr std::string_view found_column = "\"?found\"";

class Writer {
 public:
  Writer(Catalog const& catalog, PlanOptions const& options, QueryTree const& tree)
      : catalog_(catalog), options_(options), tree_(tree) {}

  std::string parameter(std::string value) {
    parameters_.push_back(std::move(value));
    return fmt::format("${}", parameters_.size());
  }
  std::vector<std::string> take_parameters() { return std::move(parameters_); }

  /// The query of a resource and all that is embedded in it.
  /// @param on what joins it, besides its filters
  /// @param shown where its columns go; none: nowhere
  /// @param is_part of the rows that it is spread into, where its aggregates are
  std::string query(Source const& source, std::string const& alias, std::vector<SelectItem> const& items,
                    Path const& path, std::string const& on, bool filtered = true, std::vector<Shown>* shown = nullptr,
                    bool is_part = false) {
    auto const* const scope = find(path);
    Parts parts;
    std::vector<SelectItem> const all{SelectItem{.path = {.column = "*"}}};
    for (auto const& item : items.empty() && path.empty() ? all : items) add(source, alias, item, path, parts);
    if (shown != nullptr) *shown = parts.shown;
    std::vector<std::string> conditions;
    if (!on.empty()) conditions.push_back(on);
    if (scope != nullptr && filtered) {
      for (auto const& one : scope->conditions) conditions.push_back(condition(source, alias, one, parts));
    }
    auto order = scope == nullptr ? std::string{} : order_by(source, alias, scope->order, parts);
    if (is_part) lay_open(parts.shown);
    std::string sql = fmt::format("SELECT {} FROM {} AS {}{}", columns_of(parts.shown), source.sql, alias, parts.joins);
    if (!conditions.empty()) sql += fmt::format(" WHERE {}", fmt::join(conditions, " AND "));
    return sql + groups_of(parts.shown) + order + range(scope);
  }

  std::string conditions(Source const& source, std::string const& alias) {
    std::vector<std::string> all;
    if (auto const* const scope = find({})) {
      Parts none;
      for (auto const& one : scope->conditions) all.push_back(condition(source, alias, one, none));
    }
    return all.empty() ? "" : fmt::format(" WHERE {}", fmt::join(all, " AND "));
  }

  /// @throws ApiError for what is said of a resource that is not embedded
  void require_all_used() const {
    for (auto const& [path, scope] : tree_.scopes) {
      if (path.empty() || used_.contains(path)) continue;
      throw ApiError{400,
                     "PGRST108",
                     fmt::format("'{}' is not an embedded resource in this request", path.back()),
                     {},
                     fmt::format("Verify that '{}' is included in the 'select' query parameter.", path.back())};
    }
  }

  /// The columns of a table that the query needs: of what is selected, joined and ordered.
  std::vector<std::string> needed(Table const& table) {
    std::set<std::string> names;
    auto const all = column_names(table);
    auto const add_all = [&] { names.insert(all.begin(), all.end()); };
    auto const add_column = [&](std::string const& name) {
      if (is_in(all, name)) {
        names.insert(name);
      } else if (table.find_computed(name) != nullptr) {
        add_all();
      } else {
        require_column(source_of(table), name);
      }
    };
    if (tree_.select.empty()) add_all();
    for (auto const& item : tree_.select) {
      if (item.kind != SelectItem::Kind::column) {
        for (auto const& [from, to] : find_relation(catalog_, table, item.path.column, item.hint).on)
          names.insert(from);
      } else if (item.path.column == "*") {
        add_all();
      } else if (!item.path.column.empty()) {
        add_column(item.path.column);
      }
    }
    if (auto const* const scope = find({})) {
      for (auto const& term : scope->order) {
        if (term.relation.empty()) add_column(term.path.column);
      }
    }
    return {names.begin(), names.end()};
  }

  void require_column(Source const& source, std::string const& name) const {
    if (is_in(source.columns, name)) return;
    auto const near = nearest(name, source.columns);
    throw ApiError{
        400,
        "42703",
        fmt::format("column {}.{} does not exist", source.name, name),
        {},
        near.empty() ? "" : fmt::format("Perhaps you meant to reference the column \"{}.{}\".", source.name, near)};
  }

 private:
  struct Embed {
    std::string name, alias, join;
    bool to_one = false;
    Source target;
    /// The expression that is NULL if it has no row.
    std::string found;
    /// The columns that it is spread to.
    std::vector<std::string> spread;
  };
  struct Parts {
    std::vector<Shown> shown;
    std::string joins;
    std::vector<Embed> embeds;
  };

  static bool has_aggregate(std::vector<Shown> const& shown) {
    return std::any_of(shown.begin(), shown.end(), [](Shown const& one) { return !one.aggregate.empty(); });
  }

  static std::string columns_of(std::vector<Shown> const& shown) {
    bool const in_groups = has_aggregate(shown);
    std::vector<std::string> columns;
    for (auto const& one : shown) {
      auto sql = one.sql;
      if (!one.aggregate.empty()) {
        sql = fmt::format("pg_catalog.{}({})", one.aggregate, sql);
        if (!one.aggregate_cast.empty()) sql = fmt::format("CAST({} AS {})", sql, sql_type(one.aggregate_cast));
      } else if (in_groups && one.is_json) {
        sql = fmt::format("({})::jsonb", sql);
      }
      columns.push_back(fmt::format("{} AS {}", sql, quote_identifier(one.name)));
    }
    return fmt::format("{}", fmt::join(columns, ", "));
  }

  static std::string laid_open(std::size_t place) { return fmt::format("?{}", place); }
  // What goes into an aggregate instead of that. A row that counts is one that is there.
  static void lay_open(std::vector<Shown>& shown) {
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (!shown[i].aggregate.empty()) shown[i] = {shown[i].sql == "*" ? "1" : shown[i].sql, laid_open(i)};
    }
  }

  // Aggregates are of those rows that are alike in all other columns.
  static std::string groups_of(std::vector<Shown> const& shown) {
    std::vector<std::size_t> plain;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (shown[i].aggregate.empty()) plain.push_back(i + 1);
    }
    bool const none = plain.empty() || plain.size() == shown.size();
    return none ? "" : fmt::format(" GROUP BY {}", fmt::join(plain, ", "));
  }

  Scope const* find(Path const& path) const {
    for (auto const& [where, scope] : tree_.scopes) {
      if (where == path) return &scope;
    }
    return nullptr;
  }

  std::string expression(Source const& source, std::string const& alias, ColumnPath const& path) {
    auto const* const column = known_column(source.table, path.column);
    bool const is_computed = column != nullptr && source.table->find(path.column) == nullptr;
    if (!is_computed) require_column(source, path.column);
    auto sql = is_computed ? fmt::format("{}({})", qualified(source.table->schema, path.column), row_of(source, alias))
                           : fmt::format("{}.{}", alias, quote_identifier(path.column));
    if (path.steps.empty()) return sql;
    bool const is_json = column != nullptr && (column->base_type == "json" || column->base_type == "jsonb");
    if (!is_json) sql = fmt::format("pg_catalog.to_jsonb({})", sql);
    for (auto const& step : path.steps) {
      sql += fmt::format("{}{}::{}", step.as_text ? "->>" : "->", parameter(step.key), step.is_index ? "int" : "text");
    }
    return "(" + sql + ")";
  }

  static std::string name_of(SelectItem const& item) {
    if (!item.alias.empty()) return item.alias;
    if (!item.aggregate.empty()) return item.aggregate;
    for (auto step = item.path.steps.rbegin(); step != item.path.steps.rend(); ++step) {
      if (!step->is_index) return step->key;
    }
    return item.path.column;
  }

  void add(Source const& source, std::string const& alias, SelectItem const& item, Path const& path, Parts& parts) {
    if (item.kind != SelectItem::Kind::column) return add_embed(source, alias, item, path, parts);
    if (item.path.column == "*") {
      for (auto const& name : source.columns) {
        parts.shown.push_back({fmt::format("{}.{}", alias, quote_identifier(name)), name});
      }
      return;
    }
    // As it was before there were aggregates.
    bool const is_count = item.path == ColumnPath{.column = "count"} && item.aggregate.empty();
    if (is_count && !is_in(source.columns, "count") && known_column(source.table, "count") == nullptr) {
      auto counted = item;
      counted.path.column.clear();
      counted.aggregate = "count";
      counted.aggregate_cast = std::exchange(counted.cast, {});
      return add(source, alias, counted, path, parts);
    }
    if (!item.aggregate.empty() && !options_.aggregates) {
      throw ApiError{400, "PGRST123", "Use of aggregate functions is not allowed"};
    }
    std::string sql = item.path.column.empty() ? "*" : expression(source, alias, item.path);
    if (!item.cast.empty()) sql = fmt::format("CAST({} AS {})", sql, sql_type(item.cast));
    parts.shown.push_back({std::move(sql), name_of(item), item.aggregate, item.aggregate_cast});
  }

  void add_embed(Source const& source, std::string const& alias, SelectItem const& item, Path const& path,
                 Parts& parts) {
    if (source.table == nullptr) {
      throw ApiError{400, "PGRST200",
                     fmt::format("Could not find a relationship between '{}' and '{}' in the schema cache", source.name,
                                 item.path.column)};
    }
    if (item.inner) {
      throw ApiError{400, "PGRST127", "Feature not implemented", "The Data API has no embedding by inner join.",
                     fmt::format("Filter by '{}=not.is.null' instead.", item.path.column)};
    }
    auto const relation = find_relation(catalog_, *source.table, item.path.column, item.hint);
    auto below = path;
    below.push_back(scope_name(path, item));
    used_.insert(below);
    auto const number = ++aliases_;
    auto const inner = fmt::format("t{}", number);
    auto const lateral = fmt::format("e{}", number);
    auto const target = source_of(*relation.target);
    std::vector<Shown> shown;
    bool const is_part = item.kind == SelectItem::Kind::spread && relation.to_one;
    auto const sql = query(target, inner, item.items, below, join_of(alias, inner, relation), true, &shown, is_part);
    Embed embed{
        below.back(),   lateral, join_of(alias, "o" + std::to_string(number), relation), relation.to_one, target,
        lateral + ".j", {}};
    if (item.kind == SelectItem::Kind::spread) {
      embed.found = fmt::format("{}.{}", lateral, found_column);
      parts.joins += fmt::format(" LEFT JOIN LATERAL ({}) AS {} ON true", spread(sql, shown, relation.to_one), lateral);
      add_spread(shown, relation.to_one, lateral, parts);
      for (auto const& one : shown) embed.spread.push_back(one.name);
    } else {
      parts.joins += fmt::format(" LEFT JOIN LATERAL (SELECT pg_catalog.{}(r.*) AS j FROM ({}) AS r) AS {} ON true",
                                 relation.to_one ? "row_to_json" : "json_agg", sql, lateral);
      auto const value = relation.to_one ? lateral + ".j" : fmt::format("coalesce({}.j, '[]')", lateral);
      auto const& name = item.alias.empty() ? item.path.column : item.alias;
      if (!shows_nothing(item)) parts.shown.push_back({value, name, {}, {}, true});
    }
    parts.embeds.push_back(std::move(embed));
  }

  static void add_spread(std::vector<Shown> const& shown, bool to_one, std::string const& lateral, Parts& parts) {
    if (!to_one && has_aggregate(shown)) {
      throw ApiError{400, "PGRST127", "Feature not implemented",
                     "Aggregates are not implemented for one-to-many or many-to-many spreads."};
    }
    for (std::size_t i = 0; i < shown.size(); ++i) {
      auto one = shown[i];
      one.sql = fmt::format("{}.{}", lateral, quote_identifier(one.aggregate.empty() ? one.name : laid_open(i)));
      one.is_json = one.is_json || !to_one;
      parts.shown.push_back(std::move(one));
    }
  }

  // Of many rows, each column is a list.
  static std::string spread(std::string const& rows, std::vector<Shown> const& shown, bool to_one) {
    if (to_one) return fmt::format("SELECT s.*, 1 AS {} FROM ({}) AS s", found_column, rows);
    std::string lists;
    for (auto const& one : shown) {
      lists += fmt::format("coalesce(pg_catalog.json_agg(s.{0}), '[]') AS {0}, ", quote_identifier(one.name));
    }
    return fmt::format("SELECT {}NULLIF(pg_catalog.count(*), 0) AS {} FROM ({}) AS s", lists, found_column, rows);
  }

  // By what its filters call it: its alias, or its name.
  std::string scope_name(Path const& path, SelectItem const& item) const {
    if (item.alias.empty()) return item.path.column;
    auto by_name = path;
    by_name.push_back(item.path.column);
    return find(by_name) != nullptr && tree_has_no_alias(path, item) ? item.path.column : item.alias;
  }
  bool tree_has_no_alias(Path path, SelectItem const& item) const {
    path.push_back(item.alias);
    return find(path) == nullptr;
  }

  static std::string join_of(std::string const& from, std::string const& to, Relation const& relation) {
    std::vector<std::string> equal;
    auto const add_pair = [&](std::string const& a, std::string const& b,
                              std::pair<std::string, std::string> const& pair) {
      equal.push_back(fmt::format("{}.{} = {}.{}", a, quote_identifier(pair.first), b, quote_identifier(pair.second)));
    };
    if (relation.junction == nullptr) {
      for (auto const& pair : relation.on) add_pair(from, to, pair);
      return fmt::format("{}", fmt::join(equal, " AND "));
    }
    for (auto const& pair : relation.on) add_pair(from, "j", pair);
    for (auto const& pair : relation.on_junction) add_pair("j", to, pair);
    return fmt::format("EXISTS (SELECT FROM {} AS j WHERE {})",
                       qualified(relation.junction->schema, relation.junction->name), fmt::join(equal, " AND "));
  }

  std::string condition(Source const& source, std::string const& alias, Condition const& one, Parts const& parts) {
    if (one.kind == Condition::Kind::filter) return filter(source, alias, one.filter, parts);
    std::vector<std::string> all;
    for (auto const& part : one.parts) all.push_back(condition(source, alias, part, parts));
    return fmt::format("{}({})", one.negated ? "NOT " : "",
                       fmt::join(all, one.kind == Condition::Kind::all ? " AND " : " OR "));
  }

  std::string filter(Source const& source, std::string const& alias, Filter const& one, Parts const& parts) {
    for (auto const& embed : parts.embeds) {
      if (is_in(source.columns, one.path.column) || embed.name != one.path.column) continue;
      if (one.op != "is" || (one.value != "null" && one.value != "not_null")) break;
      bool const negated = one.negated != (one.value == "not_null");
      return fmt::format("{} IS {}NULL", embed.found, negated ? "NOT " : "");
    }
    auto const column = expression(source, alias, one.path);
    return fmt::format("{}{}", one.negated ? "NOT " : "", comparison(source, column, one));
  }

  std::string comparison(Source const& source, std::string const& column, Filter const& one) {
    if (one.op == "is") {
      static std::map<std::string_view, std::string_view> const is{
          {"null", "NULL"}, {"not_null", "NOT NULL"}, {"true", "TRUE"}, {"false", "FALSE"}, {"unknown", "UNKNOWN"}};
      return fmt::format("({} IS {})", column, is.at(one.value));
    }
    if (one.op == "in") return fmt::format("({} = ANY({}))", column, parameter(array_literal(one.list)));
    if (one.op.ends_with("fts")) return search(source, column, one);
    bool const is_pattern = one.op == "like" || one.op == "ilike";
    auto const value = parameter(is_pattern ? with_percents(one.value) : one.value);
    std::string_view const many = one.quantifier == Quantifier::any ? "ANY" : "ALL";
    if (one.quantifier != Quantifier::none) {
      return fmt::format("({} {} {}({}))", column, sql_operators().at(one.op), many, value);
    }
    return fmt::format("({} {} {})", column, sql_operators().at(one.op), value);
  }

  std::string search(Source const& source, std::string const& column, Filter const& one) {
    static std::map<std::string_view, std::string_view> const functions{{"fts", "to_tsquery"},
                                                                        {"plfts", "plainto_tsquery"},
                                                                        {"phfts", "phraseto_tsquery"},
                                                                        {"wfts", "websearch_to_tsquery"}};
    auto const* const known = known_column(source.table, one.path.column);
    bool const is_vector = known != nullptr && one.path.steps.empty() && known->base_type == "tsvector";
    std::string const language = one.language.empty() ? "" : fmt::format("{}::regconfig, ", parameter(one.language));
    auto const vector = is_vector ? column : fmt::format("pg_catalog.to_tsvector({}{})", language, column);
    return fmt::format("({} @@ pg_catalog.{}({}{}))", vector, functions.at(one.op), language, parameter(one.value));
  }

  std::string order_by(Source const& source, std::string const& alias, std::vector<OrderTerm> const& terms,
                       Parts const& parts) {
    std::vector<std::string> all;
    for (auto const& term : terms) {
      auto sql = term.relation.empty() ? expression(source, alias, term.path) : related(term, parts);
      sql += term.descending ? " DESC" : " ASC";
      if (term.nulls_first) sql += *term.nulls_first ? " NULLS FIRST" : " NULLS LAST";
      all.push_back(std::move(sql));
    }
    return all.empty() ? "" : fmt::format(" ORDER BY {}", fmt::join(all, ", "));
  }

  // The column of an embedded resource, whether it is shown or not.
  std::string related(OrderTerm const& term, Parts const& parts) {
    for (auto const& embed : parts.embeds) {
      if (embed.name != term.relation) continue;
      if (!embed.to_one) {
        throw ApiError{400, "PGRST118", fmt::format("A related order on '{}' is not possible", term.relation),
                       fmt::format("'{}' is not a many-to-one or one-to-one relationship", term.relation)};
      }
      // In groups there is only what they are made of.
      if (has_aggregate(parts.shown) && term.path.steps.empty() && is_in(embed.spread, term.path.column)) {
        return fmt::format("{}.{}", embed.alias, quote_identifier(term.path.column));
      }
      auto const other = "o" + embed.alias.substr(1);
      auto const column = expression(embed.target, other, term.path);
      return fmt::format("(SELECT {} FROM {} AS {} WHERE {})", column, embed.target.sql, other, embed.join);
    }
    throw ApiError{400,
                   "PGRST108",
                   fmt::format("'{}' is not an embedded resource in this request", term.relation),
                   {},
                   fmt::format("Verify that '{}' is included in the 'select' query parameter.", term.relation)};
  }

  std::string range(Scope const* scope) {
    std::string sql;
    auto limit = scope == nullptr ? std::nullopt : scope->limit;
    if (options_.max_rows > 0) limit = std::min(limit.value_or(options_.max_rows), options_.max_rows);
    if (limit) sql += fmt::format(" LIMIT {}::bigint", parameter(std::to_string(*limit)));
    if (scope != nullptr && scope->offset)
      sql += fmt::format(" OFFSET {}::bigint", parameter(std::to_string(*scope->offset)));
    return sql;
  }

  Catalog const& catalog_;
  PlanOptions const& options_;
  QueryTree const& tree_;
  std::vector<std::string> parameters_;
  std::set<Path> used_;
  int aliases_ = 0;
};

std::string body_of(BodyForm form) {
  switch (form) {
    case BodyForm::array:
      return "coalesce(pg_catalog.json_agg(b.*), '[]')::text";
    case BodyForm::object:
      return "(pg_catalog.json_agg(b.*)->0)::text";
    case BodyForm::csv:
      return "(SELECT coalesce(pg_catalog.string_agg(k.k, ','), '') FROM (SELECT pg_catalog.json_object_keys(s.r) AS k "
             "FROM "
             "(SELECT pg_catalog.row_to_json(h.*) AS r FROM shown AS h LIMIT 1) AS s) AS k) || E'\\n' || "
             "coalesce(pg_catalog.string_agg(pg_catalog.substring((b.*)::text, 2, pg_catalog.length((b.*)::text) - 2), "
             "E'\\n'), '')";
    case BodyForm::scalar:
      return "(pg_catalog.json_agg(b.value)->0)::text";
    case BodyForm::text:
      return "coalesce(pg_catalog.string_agg(b.value::text, ''), '')";
    case BodyForm::bytes:
      return "pg_catalog.encode(coalesce(pg_catalog.string_agg(b.value, ''), ''), 'hex')";
    case BodyForm::none:
      break;
  }
  return "''";
}

// `with` comes before, and `shown` are the rows of the body. `more` may be several columns.
Statement response_of(Writer& writer, std::string const& with, std::string const& shown, BodyForm form,
                      std::string const& more) {
  bool const is_value = form == BodyForm::text || form == BodyForm::bytes;
  return {fmt::format("WITH {}{}shown AS ({}) SELECT pg_catalog.count(*), {}, {} FROM (SELECT * FROM shown) AS b{}",
                      with, with.empty() ? "" : ", ", shown, body_of(form), more, is_value ? "(value)" : ""),
          writer.take_parameters(), form == BodyForm::bytes};
}

std::string list_of(std::vector<std::string> const& names, std::string_view prefix = "") {
  std::vector<std::string> quoted;
  for (auto const& name : names) quoted.push_back(fmt::format("{}{}", prefix, quote_identifier(name)));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

std::string typed(Table const& table, std::vector<std::string> const& names) {
  std::vector<std::string> all;
  for (auto const& name : names) all.push_back(fmt::format("{} {}", quote_identifier(name), table.find(name)->type));
  return fmt::format("{}", fmt::join(all, ", "));
}

void require_columns(Table const& table, std::vector<std::string> const& names) {
  for (auto const& name : names) {
    if (table.find(name) != nullptr) continue;
    auto const near = nearest(name, column_names(table));
    throw ApiError{400,
                   "PGRST204",
                   fmt::format("Could not find the '{}' column of '{}' in the schema cache", name, table.name),
                   {},
                   near.empty() ? "" : fmt::format("Perhaps you meant '{}'.", near)};
  }
}

// How many rows an upsert has found, in a setting that ends with the transaction: nothing else is told of each row by
// tables and views alike.
constexpr std::string_view inserted_rows =
    "(SELECT pg_catalog.count(*) FROM changed) - "
    "coalesce(nullif(pg_catalog.current_setting('pgrst.updated', true), ''), '0')::bigint";
constexpr std::string_view counted_as_updated =
    "pg_catalog.set_config('pgrst.updated', (coalesce(nullif(pg_catalog.current_setting('pgrst.updated', true), ''), "
    "'0')::bigint + 1)::text, true) <> ''";

// The rows that a change returns, read on as those of a table are.
Statement changed(Writer& writer, PlanOptions const& options, Table const& table, QueryTree const& tree,
                  std::string const& change, std::vector<std::string> needed, std::string const& more) {
  if (options.form == BodyForm::none) {
    return response_of(writer,
                       fmt::format("changed AS ({} RETURNING {})", change, needed.empty() ? "1" : list_of(needed)),
                       "SELECT * FROM changed", options.form, more);
  }
  Source source{"changed", &table, table.name, needed};
  auto const shown = writer.query(source, "t0", tree.select, {}, {}, false);
  writer.require_all_used();
  return response_of(writer,
                     fmt::format("changed AS ({} RETURNING {})", change, needed.empty() ? "1" : list_of(needed)), shown,
                     options.form, more);
}

// What is shown, with the number of all rows beside it where that is asked for.
Statement counted(Catalog const& catalog, PlanOptions const& options, QueryTree const& tree, Writer& writer,
                  Source const& source, std::string const& with, std::string const& shown) {
  if (!options.counts) return response_of(writer, with, shown, options.form, "NULL");
  // As shown, without its range, so that filters by what is embedded count as well.
  QueryTree without = tree;
  for (auto& [path, scope] : without.scopes) {
    if (path.empty()) scope.limit = scope.offset = std::nullopt;
  }
  PlanOptions whole = options;
  whole.max_rows = 0;
  Writer all{catalog, whole, without};
  for (auto const& one : writer.take_parameters()) all.parameter(one);
  auto const every = all.query(source, "t0", tree.select, {}, {});
  return response_of(all, with, shown, options.form, fmt::format("(SELECT pg_catalog.count(*) FROM ({}) AS c)", every));
}

// In front of an object, what it has if it does not say otherwise; empty: nothing.
std::string defaults_of(Writer& writer, Table const& table, Payload const& payload) {
  std::string defaults;
  for (auto const& name : payload.columns) {
    auto const* const column = table.find(name);
    if (!payload.missing_as_default || column->default_value.empty()) continue;
    defaults +=
        fmt::format("pg_catalog.jsonb_build_object({}::text, {}) || ", writer.parameter(name), column->default_value);
  }
  return defaults;
}

}  // namespace

Statement plan_read(Catalog const& catalog, PlanOptions const& options, Table const& table, QueryTree const& tree) {
  Writer writer{catalog, options, tree};
  auto const source = source_of(table);
  auto const shown = writer.query(source, "t0", tree.select, {}, {});
  writer.require_all_used();
  return counted(catalog, options, tree, writer, source, {}, shown);
}

OneValue one_value(Table const* table, QueryTree const& tree) {
  if (tree.select.size() != 1) return OneValue::no;
  auto const& item = tree.select.front();
  if (item.kind != SelectItem::Kind::column || item.path.column == "*") return OneValue::no;
  auto const& cast = item.aggregate.empty() ? item.cast : item.aggregate_cast;
  auto const* const column = known_column(table, item.path.column);
  bool const is_plain = cast.empty() && item.aggregate.empty() && item.path.steps.empty();
  bool const is_bytea = is_plain ? column != nullptr && column->base_type == "bytea" : cast == "bytea";
  return is_bytea ? OneValue::bytes : OneValue::text;
}

Statement plan_insert(Catalog const& catalog, PlanOptions const& options, Table const& table, QueryTree const& tree,
                      Payload const& payload, OnConflict on_conflict, bool wants_location) {
  require_columns(table, payload.columns);
  Writer writer{catalog, options, tree};
  auto const target = qualified(table.schema, table.name);
  auto json = fmt::format("{}::jsonb", writer.parameter(payload.json));
  std::string sql;
  if (payload.columns.empty()) {
    // A row of defaults for each element.
    sql = fmt::format("INSERT INTO {} SELECT FROM pg_catalog.jsonb_array_elements({})", target, json);
  } else {
    if (auto const defaults = defaults_of(writer, table, payload); !defaults.empty()) {
      json =
          fmt::format("(SELECT pg_catalog.jsonb_agg({}e.value) FROM pg_catalog.jsonb_array_elements({}) AS e(value))",
                      defaults, json);
    }
    auto const names = list_of(payload.columns);
    sql = fmt::format("INSERT INTO {} ({}) SELECT {} FROM pg_catalog.jsonb_to_recordset({}) AS s({})", target, names,
                      list_of(payload.columns, "s."), json, typed(table, payload.columns));
  }
  auto const& conflict = tree.on_conflict.empty() ? table.key : tree.on_conflict;
  require_columns(table, conflict);
  if (on_conflict != OnConflict::fails && !conflict.empty()) {
    std::vector<std::string> sets;
    for (auto const& name : payload.columns) sets.push_back(fmt::format("{0} = EXCLUDED.{0}", quote_identifier(name)));
    bool const ignores = on_conflict == OnConflict::ignore || sets.empty();
    sql += fmt::format(" ON CONFLICT ({}) DO ", list_of(conflict));
    sql += ignores ? "NOTHING" : fmt::format("UPDATE SET {} WHERE {}", fmt::join(sets, ", "), counted_as_updated);
  }
  auto needed = options.form == BodyForm::none ? std::vector<std::string>{} : writer.needed(table);
  std::string more = "NULL";
  if (wants_location && !table.key.empty()) {
    for (auto const& name : table.key) {
      if (std::find(needed.begin(), needed.end(), name) == needed.end()) needed.push_back(name);
    }
    more = fmt::format("(SELECT pg_catalog.row_to_json(k.*)::text FROM (SELECT {} FROM changed LIMIT 1) AS k)",
                       list_of(table.key));
  }
  more += fmt::format(", {}", inserted_rows);
  return changed(writer, options, table, tree, sql, needed, more);
}

Statement plan_update(Catalog const& catalog, PlanOptions const& options, Table const& table, QueryTree const& tree,
                      Payload const& payload) {
  require_columns(table, payload.columns);
  Writer writer{catalog, options, tree};
  auto const json = fmt::format("{}{}::jsonb", defaults_of(writer, table, payload), writer.parameter(payload.json));
  std::vector<std::string> sets;
  for (auto const& name : payload.columns) sets.push_back(fmt::format("{0} = s.{0}", quote_identifier(name)));
  auto const needed = options.form == BodyForm::none ? std::vector<std::string>{} : writer.needed(table);
  // Qualified, because the payload has columns of the same names.
  auto const sql = fmt::format("UPDATE {} AS t SET {} FROM pg_catalog.jsonb_to_record({}) AS s({}){}",
                               qualified(table.schema, table.name), fmt::join(sets, ", "), json,
                               typed(table, payload.columns), writer.conditions(source_of(table), "t"));
  Source source{"changed", &table, table.name, needed};
  std::string const returning = needed.empty() ? "1" : list_of(needed, "t.");
  auto const with = fmt::format("changed AS ({} RETURNING {})", sql, returning);
  if (options.form == BodyForm::none) return response_of(writer, with, "SELECT * FROM changed", options.form, "NULL");
  auto const shown = writer.query(source, "t0", tree.select, {}, {}, false);
  writer.require_all_used();
  return response_of(writer, with, shown, options.form, "NULL");
}

Statement plan_delete(Catalog const& catalog, PlanOptions const& options, Table const& table, QueryTree const& tree) {
  Writer writer{catalog, options, tree};
  auto const needed = options.form == BodyForm::none ? std::vector<std::string>{} : writer.needed(table);
  auto const sql = fmt::format("DELETE FROM {} AS t{}", qualified(table.schema, table.name),
                               writer.conditions(source_of(table), "t"));
  return changed(writer, options, table, tree, sql, needed, "NULL");
}

Statement plan_call(Catalog const& catalog, PlanOptions const& options, Function const& function,
                    std::vector<BoundArgument> const& arguments, QueryTree const& tree) {
  Writer writer{catalog, options, tree};
  std::vector<std::string> bound;
  for (auto const& one : arguments) {
    auto const value = writer.parameter(one.elements.empty() ? one.value : array_literal(one.elements));
    auto const& type = one.argument->type;
    auto const name = quote_identifier(one.argument->name);
    // What JSON is of that type is for PostgreSQL to say. The path stands for an object as well.
    auto const sql = one.is_json ? fmt::format(
                                       "(SELECT r.{0} FROM pg_catalog.jsonb_to_record("
                                       "pg_catalog.jsonb_path_query_first({1}::jsonb, '$[0]')) AS r({0} {2}))",
                                       name, value, type)
                                 : fmt::format("{}::{}", value, type);
    if (one.argument->name.empty()) {
      bound.push_back(sql);
    } else {
      bound.push_back(fmt::format("{}{} := {}", one.argument->variadic ? "VARIADIC " : "", name, sql));
    }
  }
  auto const call = fmt::format("{}({})", qualified(function.schema, function.name), fmt::join(bound, ", "));
  if (!function.returns_rows) {
    auto const rows = fmt::format("SELECT {} AS value", call);
    auto form = options.form;
    if (form == BodyForm::scalar && function.returns_set) {
      return {fmt::format(
                  "WITH shown AS ({}) SELECT pg_catalog.count(*), coalesce(pg_catalog.json_agg(b.value), '[]')::text, "
                  "NULL FROM shown AS b",
                  rows),
              writer.take_parameters()};
    }
    return response_of(writer, {}, rows, form, "NULL");
  }
  auto const* const table = catalog.find_table(function.row_schema, function.row_table);
  Source source{"called", table, function.name, function.row_columns};
  auto const shown = writer.query(source, "t0", tree.select, {}, {});
  writer.require_all_used();
  return counted(catalog, options, tree, writer, source, fmt::format("called AS (SELECT * FROM {})", call), shown);
}

}  // namespace lakebase::emulator::data_api
