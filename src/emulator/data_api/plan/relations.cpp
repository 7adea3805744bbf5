#include "data_api/plan/relations.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/json.hpp"
#include "data_api/grammar/api_error.hpp"

namespace lakebase::emulator::data_api {
namespace {

using Columns = std::vector<std::string>;

std::vector<std::pair<std::string, std::string>> paired(Columns const& from, Columns const& to) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i < std::min(from.size(), to.size()); ++i) pairs.emplace_back(from[i], to[i]);
  return pairs;
}

bool is_only(Columns const& columns, std::string const& name) {
  return columns.size() == 1 && columns.front() == name;
}

bool is_of(ForeignKey const& key, Table const& table) {
  return key.schema == table.schema && key.table == table.name;
}
bool is_to(ForeignKey const& key, Table const& table) {
  return key.to_schema == table.schema && key.to_table == table.name;
}

// The columns of the origin come first.
std::string described(ForeignKey const& key, bool is_from_key) {
  auto const own = fmt::format("{}({})", key.table, fmt::join(key.columns, ", "));
  auto const other = fmt::format("{}({})", key.to_table, fmt::join(key.to_columns, ", "));
  return fmt::format("{} using {} and {}", key.name, is_from_key ? own : other, is_from_key ? other : own);
}

// From the table that has the key to the one that it refers to.
void push_parent(Catalog const& catalog, Table const& origin, ForeignKey const& key, std::vector<Relation>& found) {
  auto const* const target = catalog.find_table(key.to_schema, key.to_table);
  if (!is_of(key, origin) || target == nullptr || target->schema != origin.schema) return;
  found.push_back({target,
                   true,
                   paired(key.columns, key.to_columns),
                   nullptr,
                   {},
                   key.is_unique ? "one-to-one" : "many-to-one",
                   described(key, true)});
}

void push_children(Catalog const& catalog, Table const& origin, ForeignKey const& key, std::vector<Relation>& found) {
  auto const* const target = catalog.find_table(key.schema, key.table);
  if (!is_to(key, origin) || target == nullptr || target->schema != origin.schema) return;
  found.push_back({target,
                   key.is_unique,
                   paired(key.to_columns, key.columns),
                   nullptr,
                   {},
                   key.is_unique ? "one-to-one" : "one-to-many",
                   described(key, false)});
}

bool fits(ForeignKey const& key, std::string const& hint) {
  return hint.empty() || key.name == hint || is_only(key.columns, hint) || is_only(key.to_columns, hint);
}

void add_parent(Catalog const& catalog, Table const& origin, ForeignKey const& key, std::string const& name,
                std::string const& hint, std::vector<Relation>& found) {
  // A view is named by its own name only, for the names of keys and columns are those of what is behind it.
  bool const is_named = key.to_table == name || (!key.is_to_view && (key.name == name || is_only(key.columns, name)));
  if (is_named && fits(key, hint)) push_parent(catalog, origin, key, found);
}

void add_children(Catalog const& catalog, Table const& origin, ForeignKey const& key, std::string const& name,
                  std::string const& hint, std::vector<Relation>& found) {
  bool const is_named = key.table == name || (!key.is_of_view && key.name == name);
  if (is_named && fits(key, hint)) push_children(catalog, origin, key, found);
}

// Of a table that refers to itself: the name of the key's column is the parent, and that of the table the children,
// of which the column may be the hint. The name of the key is neither, for it could be both.
void add_own(Catalog const& catalog, Table const& origin, ForeignKey const& key, std::string const& name,
             std::string const& hint, std::vector<Relation>& found) {
  if (hint.empty() && is_only(key.columns, name)) {
    push_parent(catalog, origin, key, found);
  } else if (key.table == name && (hint.empty() || is_only(key.columns, hint))) {
    push_children(catalog, origin, key, found);
  }
}

void add_through(Catalog const& catalog, Table const& origin, ForeignKey const& first, std::string const& name,
                 std::string const& hint, std::vector<Relation>& found) {
  auto const* const junction = catalog.find_table(first.schema, first.table);
  if (!is_to(first, origin) || !first.in_key || junction == nullptr || (!hint.empty() && junction->name != hint))
    return;
  for (auto const& second : catalog.keys) {
    if (second.name == first.name || !is_of(second, *junction) || !second.in_key || second.to_table != name) continue;
    auto const* const target = catalog.find_table(second.to_schema, second.to_table);
    if (target == nullptr || target->schema != origin.schema) continue;
    found.push_back({target, false, paired(first.to_columns, first.columns), junction,
                     paired(second.columns, second.to_columns), "many-to-many",
                     fmt::format("{} using {}({}) and {}({})", junction->name, first.name,
                                 fmt::join(first.columns, ", "), second.name, fmt::join(second.columns, ", "))});
  }
}

ApiError no_relation(Catalog const& catalog, Table const& origin, std::string const& name, std::string const& hint) {
  std::vector<std::string> names;
  for (auto const& table : catalog.tables) {
    if (table.schema == origin.schema && table.name != name) names.push_back(table.name);
  }
  auto const near = nearest(name, names);
  return {400, "PGRST200",
          fmt::format("Could not find a relationship between '{}' and '{}' in the schema cache", origin.name, name),
          fmt::format("Searched for a foreign key relationship between '{}' and '{}'{} in the schema '{}', but no "
                      "matches were found.",
                      origin.name, name, hint.empty() ? "" : fmt::format(" using the hint '{}'", hint), origin.schema),
          near.empty() ? "" : fmt::format("Perhaps you meant '{}' instead of '{}'.", near, name)};
}

ApiError ambiguous(Table const& origin, std::string const& name, std::vector<Relation> const& found) {
  auto candidates = Json::array();
  std::string hints;
  for (auto const& one : found) {
    candidates.push_back({{"cardinality", one.cardinality},
                          {"embedding", fmt::format("{} with {}", origin.name, one.target->name)},
                          {"relationship", one.description}});
    auto const hint = one.description.substr(0, one.description.find(' '));
    hints += fmt::format("{}'{}!{}'", hints.empty() ? "" : ", ", name, hint);
  }
  ApiError error{
      300,
      "PGRST201",
      fmt::format("Could not embed because more than one relationship was found for '{}' and '{}'", origin.name, name),
      {},
      fmt::format("Try changing '{}' to one of the following: {}. Find the desired relationship in the 'details' key.",
                  name, hints)};
  error.set_json_details(candidates.dump());
  return error;
}

}  // namespace

Relation find_relation(Catalog const& catalog, Table const& origin, std::string const& name, std::string const& hint) {
  std::vector<Relation> found;
  for (auto const& key : catalog.keys) {
    if (key.schema == key.to_schema && key.table == key.to_table) {
      add_own(catalog, origin, key, name, hint, found);
      continue;
    }
    add_parent(catalog, origin, key, name, hint, found);
    add_children(catalog, origin, key, name, hint, found);
    add_through(catalog, origin, key, name, hint, found);
  }
  // A view of a junction or of a parent is one more way to the same rows.
  auto const prefer = [&](auto const& is_by_table) {
    if (std::none_of(found.begin(), found.end(), is_by_table)) return;
    found.erase(std::partition(found.begin(), found.end(), is_by_table), found.end());
  };
  prefer([](Relation const& one) { return one.junction == nullptr || !one.junction->is_view; });
  prefer([](Relation const& one) { return !one.target->is_view; });
  if (found.empty()) throw no_relation(catalog, origin, name, hint);
  if (found.size() > 1) throw ambiguous(origin, name, found);
  return found.front();
}

}  // namespace lakebase::emulator::data_api
