#include "data_api/schema/views.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

namespace lakebase::emulator::data_api {
namespace {

constexpr char const* sql_of_views = R"(
SELECT c.oid, n.nspname, c.relname, r.ev_action::text
FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND r.ev_type = '1' AND n.nspname NOT IN ('pg_catalog', 'information_schema'))";

constexpr char const* sql_of_columns = R"(
SELECT c.oid, a.attnum, n.nspname, c.relname, a.attname, coalesce(a.attnum = ANY(p.conkey), false)
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p'
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped
AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2)";

int number_of(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Reads PostgreSQL's form of a tree: brackets, and words between blanks, in which a backslash stands before what is
// meant as it is.
class NodeWords {
 public:
  explicit NodeWords(std::string_view text) : text_(text) {}

  /// Empty at the end.
  std::string_view next() {
    at_ = std::min(text_.find_first_not_of(" \n\t", at_), text_.size());
    auto const begin = at_;
    if (at_ < text_.size() && is_bracket(text_[at_])) return text_.substr(at_++, 1);
    while (at_ < text_.size() && !is_bracket(text_[at_]) && std::string_view{" \n\t"}.find(text_[at_]) == text_.npos) {
      at_ = std::min(at_ + (text_[at_] == '\\' ? 2U : 1U), text_.size());
    }
    return text_.substr(begin, at_ - begin);
  }
  bool before_bracket() {
    at_ = std::min(text_.find_first_not_of(" \n\t", at_), text_.size());
    return at_ < text_.size() && is_bracket(text_[at_]);
  }

 private:
  static bool is_bracket(char c) { return c == '(' || c == ')' || c == '{' || c == '}'; }

  std::string_view text_;
  std::size_t at_ = 0;
};

// `({QUERY … :targetList ({TARGETENTRY … :resno 1 …} …) …})`
constexpr int level_of_query = 2;
constexpr int level_of_entry = 4;

struct BaseColumn {
  std::string schema, table, column;
  bool in_key = false;
};
using ColumnNumber = std::pair<std::string, int>;

/// What is known of a database's views.
struct Views {
  /// Of a view by its oid, its columns by their numbers.
  std::map<std::string, std::map<int, ColumnNumber>> shown;
  std::map<ColumnNumber, BaseColumn> columns;
  /// How many columns the primary key of a table has.
  std::map<std::pair<std::string, std::string>, std::size_t> key_sizes;

  // Through views of views.
  BaseColumn const* base_of(ColumnNumber at) const {
    for (auto view = shown.find(at.first); view != shown.end(); view = shown.find(at.first)) {
      auto const found = view->second.find(at.second);
      if (found == view->second.end()) return nullptr;
      at = found->second;
    }
    auto const found = columns.find(at);
    return found == columns.end() ? nullptr : &found->second;
  }
};

/// A view that is exposed, with what it shows by its own names.
struct ExposedView {
  std::size_t table;
  std::vector<std::pair<std::string, BaseColumn const*>> columns;

  // The first, if a column is shown twice.
  std::optional<std::string> name_of(std::string const& schema, std::string const& table_name,
                                     std::string const& column) const {
    for (auto const& [name, base] : columns) {
      if (base->schema == schema && base->table == table_name && base->column == column) return name;
    }
    return std::nullopt;
  }
  /// None: not all of them are shown.
  std::optional<std::vector<std::string>> names_of(std::string const& schema, std::string const& table_name,
                                                   std::vector<std::string> const& wanted) const {
    std::vector<std::string> names;
    for (auto const& one : wanted) {
      auto const name = name_of(schema, table_name, one);
      if (!name) return std::nullopt;
      names.push_back(*name);
    }
    return names;
  }
};

std::vector<std::string> key_of_view(Views const& views, ExposedView const& view) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> of_tables;
  for (auto const& [name, base] : view.columns) {
    bool const is_first = view.name_of(base->schema, base->table, base->column) == name;
    if (base->in_key && is_first) of_tables[{base->schema, base->table}].push_back(name);
  }
  std::vector<std::string> key;
  for (auto const& [table, names] : of_tables) {
    if (names.size() == views.key_sizes.at(table)) key.insert(key.end(), names.begin(), names.end());
  }
  return key;
}

Views read_views(DatabaseSession& session, std::vector<std::vector<std::string>> const& rules) {
  Views views;
  for (auto const& rule : rules) {
    auto& of_view = views.shown[rule.at(0)];
    for (auto const& one : shown_columns(rule.at(3))) of_view[one.number] = {one.relation, one.column};
  }
  for (auto const& row : session.query(sql_of_columns)) {
    bool const in_key = row.at(5) == "t";
    views.columns[{row.at(0), number_of(row.at(1))}] = {row.at(2), row.at(3), row.at(4), in_key};
    if (in_key) ++views.key_sizes[{row.at(2), row.at(3)}];
  }
  return views;
}

}  // namespace

std::vector<ShownColumn> shown_columns(std::string_view rule) {
  std::vector<ShownColumn> shown;
  NodeWords words{rule};
  int level = 0;
  bool in_entries = false;
  ShownColumn entry;
  for (auto word = words.next(); !word.empty(); word = words.next()) {
    if (word == "(" || word == "{") {
      if (++level == level_of_entry) entry = {};
    } else if (word == ")" || word == "}") {
      bool const is_entry = in_entries && level == level_of_entry;
      if (is_entry && !entry.relation.empty()) shown.push_back(entry);
      if (--level == level_of_query && in_entries) break;
    } else if (word.front() == ':' && words.before_bracket()) {
      if (level == level_of_query) in_entries = word == ":targetList";
    } else if (word.front() == ':') {
      // The value goes with its label, for it may look like one.
      auto const value = words.next();
      if (!in_entries || level != level_of_entry) continue;
      if (word == ":resno") entry.number = number_of(value);
      if (word == ":resorigtbl" && value != "0") entry.relation = value;
      if (word == ":resorigcol") entry.column = number_of(value);
    }
  }
  return shown;
}

void add_view_keys(DatabaseSession& session, Catalog& catalog) {
  auto const rules = session.query(sql_of_views);
  if (rules.empty()) return;
  auto const views = read_views(session, rules);
  std::vector<ExposedView> exposed;
  for (auto const& rule : rules) {
    auto const* const table = catalog.find_table(rule.at(1), rule.at(2));
    if (table == nullptr) continue;
    ExposedView view{static_cast<std::size_t>(table - catalog.tables.data()), {}};
    for (auto const& [number, unused] : views.shown.at(rule.at(0))) {
      auto const own = views.columns.find({rule.at(0), number});
      auto const* const base = views.base_of({rule.at(0), number});
      if (own != views.columns.end() && base != nullptr) view.columns.emplace_back(own->second.column, base);
    }
    catalog.tables[view.table].key = key_of_view(views, view);
    exposed.push_back(std::move(view));
  }
  auto const of_tables = catalog.keys;
  auto const moved_from = [&](ForeignKey key, ExposedView const& view) -> std::optional<ForeignKey> {
    auto names = view.names_of(key.schema, key.table, key.columns);
    if (!names) return std::nullopt;
    auto const& table = catalog.tables[view.table];
    key.columns = std::move(*names);
    key.schema = table.schema;
    key.table = table.name;
    key.is_of_view = true;
    key.in_key = key.in_key && !table.key.empty();
    return key;
  };
  auto const moved_to = [&](ForeignKey key, ExposedView const& view) -> std::optional<ForeignKey> {
    auto names = view.names_of(key.to_schema, key.to_table, key.to_columns);
    if (!names) return std::nullopt;
    auto const& table = catalog.tables[view.table];
    key.to_columns = std::move(*names);
    key.to_schema = table.schema;
    key.to_table = table.name;
    key.is_to_view = true;
    return key;
  };
  for (auto const& key : of_tables) {
    std::vector<ForeignKey> from{key};
    for (auto const& view : exposed) {
      if (auto moved = moved_from(key, view)) from.push_back(std::move(*moved));
    }
    catalog.keys.insert(catalog.keys.end(), from.begin() + 1, from.end());
    for (auto const& one : from) {
      for (auto const& view : exposed) {
        if (auto moved = moved_to(one, view)) catalog.keys.push_back(std::move(*moved));
      }
    }
  }
}

}  // namespace lakebase::emulator::data_api
