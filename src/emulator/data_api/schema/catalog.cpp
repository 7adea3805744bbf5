#include "data_api/schema/catalog.hpp"

#include <algorithm>
#include <numeric>

#include "common/json.hpp"
#include "data_api/schema/views.hpp"

namespace lakebase::emulator::data_api {
namespace {

constexpr char const* sql_of_tables = R"(
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
  'schema', n.nspname, 'name', c.relname, 'is_view', c.relkind IN ('v', 'm'),
  'changes', pg_catalog.pg_relation_is_updatable(c.oid, true),
  'columns', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
      'base', CASE WHEN t.typtype = 'd' THEN (WITH RECURSIVE made_of(type) AS (SELECT t.typbasetype
                  UNION ALL SELECT d.typbasetype FROM made_of m JOIN pg_catalog.pg_type d ON d.oid = m.type
                  WHERE d.typtype = 'd')
                SELECT pg_catalog.format_type(m.type, NULL) FROM made_of m
                JOIN pg_catalog.pg_type d ON d.oid = m.type WHERE d.typtype <> 'd')
              ELSE pg_catalog.format_type(a.atttypid, a.atttypmod) END,
      'default', CASE WHEN a.attidentity = 'd' THEN (SELECT pg_catalog.format('nextval(%L::regclass)',
                          pg_catalog.format('%I.%I', sn.nspname, s.relname))
                        FROM pg_catalog.pg_depend o JOIN pg_catalog.pg_class s ON s.oid = o.objid AND s.relkind = 'S'
                        JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
                        WHERE o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.deptype = 'i'
                        AND o.refclassid = o.classid AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum)
                      WHEN a.attidentity <> '' OR a.attgenerated <> '' THEN ''
                      ELSE coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), t.typdefault, '') END)
      ORDER BY a.attnum), '[]')
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'key', (SELECT coalesce(pg_catalog.json_agg(a.attname ORDER BY k.place), '[]')
    FROM pg_catalog.pg_constraint p
    CROSS JOIN LATERAL pg_catalog.unnest(p.conkey) WITH ORDINALITY AS k(number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE p.conrelid = c.oid AND p.contype = 'p'))
  ORDER BY n.nspname, c.relname), '[]')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname = ANY($1))";

// Also of what is not exposed, for a view may show it.
constexpr char const* sql_of_keys = R"(
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
  'name', p.conname, 'schema', n.nspname, 'table', c.relname, 'to_schema', fn.nspname, 'to_table', f.relname,
  'columns', (SELECT pg_catalog.json_agg(a.attname ORDER BY k.place)
    FROM pg_catalog.unnest(p.conkey) WITH ORDINALITY AS k(number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number),
  'to_columns', (SELECT pg_catalog.json_agg(a.attname ORDER BY k.place)
    FROM pg_catalog.unnest(p.confkey) WITH ORDINALITY AS k(number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = f.oid AND a.attnum = k.number),
  'is_unique', EXISTS (SELECT FROM pg_catalog.pg_constraint u WHERE u.conrelid = c.oid AND u.contype IN ('p', 'u')
    AND u.conkey <@ p.conkey AND u.conkey @> p.conkey),
  'in_key', EXISTS (SELECT FROM pg_catalog.pg_constraint u WHERE u.conrelid = c.oid AND u.contype = 'p'
    AND u.conkey @> p.conkey)) ORDER BY p.conname), '[]')
FROM pg_catalog.pg_constraint p
JOIN pg_catalog.pg_class c ON c.oid = p.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class f ON f.oid = p.confrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
WHERE p.contype = 'f' AND p.conparentid = 0)";

constexpr char const* sql_of_functions = R"(
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
  'schema', n.nspname, 'name', p.proname, 'is_stable', p.provolatile <> 'v', 'returns_set', p.proretset,
  'returns_void', p.prorettype = 'void'::pg_catalog.regtype,
  'returns_rows', t.typtype = 'c' OR coalesce(p.proargmodes::text[] && '{t,b,o}', false),
  'return_type', pg_catalog.format_type(p.prorettype, NULL),
  'row_schema', CASE WHEN r.relkind <> 'c' THEN rn.nspname END,
  'row_table', CASE WHEN r.relkind <> 'c' THEN r.relname END,
  'row_columns', CASE WHEN t.typtype = 'c'
    THEN (SELECT pg_catalog.json_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
    ELSE (SELECT pg_catalog.json_agg(p.proargnames[i] ORDER BY i)
          FROM pg_catalog.generate_subscripts(p.proargmodes, 1) i WHERE p.proargmodes[i] IN ('t', 'b', 'o')) END,
  'of_schema', an.nspname, 'of_table', ar.relname,
  'arguments', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', coalesce(p.proargnames[g.place], ''), 'type', pg_catalog.format_type(g.type, NULL),
      'required', g.number <= p.pronargs - p.pronargdefaults, 'variadic', g.mode = 'v') ORDER BY g.number), '[]')
    FROM (SELECT place, type, mode, pg_catalog.row_number() OVER (ORDER BY place) AS number
          FROM (SELECT i AS place, (coalesce(p.proallargtypes, p.proargtypes::oid[]))[CASE
                  WHEN p.proallargtypes IS NULL THEN i - 1 ELSE i END] AS type,
                  coalesce(p.proargmodes[i], 'i') AS mode
                FROM pg_catalog.generate_series(1, coalesce(pg_catalog.array_length(p.proallargtypes, 1), p.pronargs)) i) s
          WHERE mode IN ('i', 'b', 'v')) g))
  ORDER BY n.nspname, p.proname, p.oid), '[]')
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_type t ON t.oid = p.prorettype
LEFT JOIN pg_catalog.pg_class r ON r.oid = t.typrelid LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
LEFT JOIN pg_catalog.pg_type a ON a.oid = p.proargtypes[0] AND p.pronargs = 1 AND p.proargmodes IS NULL
LEFT JOIN pg_catalog.pg_class ar ON ar.oid = a.typrelid AND ar.relkind <> 'c'
LEFT JOIN pg_catalog.pg_namespace an ON an.oid = ar.relnamespace
WHERE p.prokind = 'f' AND n.nspname = ANY($1) AND p.prorettype NOT IN ('trigger'::pg_catalog.regtype,
  'event_trigger'::pg_catalog.regtype))";

std::string text_of(Json const& json, char const* name) {
  auto const found = json.find(name);
  return found == json.end() || found->is_null() ? std::string{} : found->get<std::string>();
}

std::vector<std::string> names_of(Json const& json, char const* name) {
  std::vector<std::string> names;
  auto const found = json.find(name);
  if (found == json.end() || found->is_null()) return names;
  for (auto const& one : *found) names.push_back(one.is_null() ? std::string{} : one.get<std::string>());
  return names;
}

Table table_of(Json const& json) {
  Table table{
      text_of(json, "schema"), text_of(json, "name"), json.at("is_view").get<bool>(), {}, names_of(json, "key")};
  for (auto const& column : json.at("columns")) {
    table.columns.push_back({text_of(column, "name"), text_of(column, "type"), column.at("nullable").get<bool>(),
                             text_of(column, "default"), text_of(column, "base")});
  }
  // A bit for each command, by its number in PostgreSQL.
  auto const changes = json.at("changes").get<unsigned>();
  table.takes_updates = (changes & 4U) != 0;
  table.takes_inserts = (changes & 8U) != 0;
  table.takes_deletes = (changes & 16U) != 0;
  return table;
}

ForeignKey key_of(Json const& json) {
  return {text_of(json, "name"),        text_of(json, "schema"),          text_of(json, "table"),
          names_of(json, "columns"),    text_of(json, "to_schema"),       text_of(json, "to_table"),
          names_of(json, "to_columns"), json.at("is_unique").get<bool>(), json.at("in_key").get<bool>()};
}

Function function_of(Json const& json) {
  Function function;
  function.schema = text_of(json, "schema");
  function.name = text_of(json, "name");
  for (auto const& argument : json.at("arguments")) {
    function.arguments.push_back({text_of(argument, "name"), text_of(argument, "type"),
                                  argument.at("required").get<bool>(), argument.at("variadic").get<bool>()});
  }
  function.returns_set = json.at("returns_set").get<bool>();
  function.returns_rows = json.at("returns_rows").get<bool>();
  function.returns_void = json.at("returns_void").get<bool>();
  function.return_type = text_of(json, "return_type");
  function.row_schema = text_of(json, "row_schema");
  function.row_table = text_of(json, "row_table");
  function.row_columns = names_of(json, "row_columns");
  function.is_stable = json.at("is_stable").get<bool>();
  function.of_schema = text_of(json, "of_schema");
  function.of_table = text_of(json, "of_table");
  return function;
}

// A function that returns rows would be a relation, which the service does not compute.
void add_computed(Catalog& catalog) {
  for (auto& table : catalog.tables) {
    for (auto const& one : catalog.functions) {
      bool const is_of = one.schema == table.schema && one.of_schema == table.schema && one.of_table == table.name;
      if (!is_of || one.returns_set || one.returns_void || table.find(one.name) != nullptr) continue;
      table.computed.push_back({one.name, one.return_type, true, {}, one.return_type});
    }
  }
}

Column const* column_of(std::vector<Column> const& columns, std::string_view name) {
  auto const found = std::find_if(columns.begin(), columns.end(), [&](Column const& one) { return one.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto corner = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto const here = std::min({row[j] + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      corner = std::exchange(row[j], here);
    }
  }
  return row.back();
}

}  // namespace

Column const* Table::find(std::string_view column) const {
  return column_of(columns, column);
}

Column const* Table::find_computed(std::string_view column) const {
  return column_of(computed, column);
}

Table const* Catalog::find_table(std::string_view schema, std::string_view name) const {
  auto const found = std::find_if(tables.begin(), tables.end(),
                                  [&](Table const& one) { return one.schema == schema && one.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

std::vector<Function const*> Catalog::find_functions(std::string_view schema, std::string_view name) const {
  std::vector<Function const*> found;
  for (auto const& one : functions) {
    if (one.schema == schema && one.name == name) found.push_back(&one);
  }
  return found;
}

Catalog read_catalog(DatabaseSession& session, std::vector<std::string> const& schemas) {
  std::string list = "{";
  for (auto const& schema : schemas) list += (list.size() > 1 ? "," : "") + ('"' + schema + '"');
  list += '}';
  auto const parsed = [](std::vector<std::vector<std::string>> const& rows) { return Json::parse(rows.at(0).at(0)); };
  auto const read = [&](char const* sql) { return parsed(session.query(sql, {list})); };
  Catalog catalog;
  catalog.schemas = schemas;
  for (auto const& json : read(sql_of_tables)) catalog.tables.push_back(table_of(json));
  for (auto const& json : parsed(session.query(sql_of_keys))) catalog.keys.push_back(key_of(json));
  for (auto const& json : read(sql_of_functions)) catalog.functions.push_back(function_of(json));
  add_computed(catalog);
  add_view_keys(session, catalog);
  return catalog;
}

std::string nearest(std::string_view name, std::vector<std::string> const& names) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (auto const& one : names) {
    if (one.size() > 200 || name.size() > 200) continue;
    if (auto const far = distance(name, one); far < least) {
      least = far;
      best = one;
    }
  }
  return best;
}

}  // namespace lakebase::emulator::data_api
