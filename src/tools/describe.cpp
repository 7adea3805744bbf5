#include "tools/describe.hpp"

#include <unordered_map>
#include <utility>

namespace lakebase::tools {
namespace {

constexpr char const* select_schemas = R"(
SELECT nspname::text FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND pg_catalog.has_schema_privilege(oid, 'USAGE')
  AND ($1 = '' OR nspname = $1)
ORDER BY nspname)";

constexpr char const* select_tables = R"(
SELECT c.oid::bigint, n.nspname::text, c.relname::text,
  CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
    WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END,
  pg_catalog.obj_description(c.oid, 'pg_class'), pg_catalog.pg_total_relation_size(c.oid),
  CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND ($1 = '' OR n.nspname = $1) AND ($2 = '' OR c.relname = $2)
ORDER BY n.nspname, c.relname LIMIT $3::bigint)";

constexpr char const* select_columns = R"(
SELECT a.attrelid::bigint, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
  pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.col_description(a.attrelid, a.attnum)
FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum)";

constexpr char const* select_constraints = R"(
SELECT conrelid::bigint, pg_catalog.pg_get_constraintdef(oid, true) FROM pg_catalog.pg_constraint
WHERE conrelid = ANY($1::oid[]) AND contype IN ('p', 'u', 'f', 'c', 'x')
ORDER BY conrelid, contype <> 'p', conname)";

constexpr char const* select_indexes = R"(
SELECT i.indrelid::bigint, pg_catalog.pg_get_indexdef(i.indexrelid)
FROM pg_catalog.pg_index i
WHERE i.indrelid = ANY($1::oid[])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid)
ORDER BY i.indrelid, i.indexrelid)";

}  // namespace

DatabaseDescription describe_database(pq::Connection& session, DescribeOptions const& options,
                                      pq::StatementOptions const& bounds) {
  DatabaseDescription found;
  auto transaction = session.begin({.isolation = pq::Isolation::repeatable_read, .read_only = true}, bounds);
  std::tie(found.server_version, found.database) = transaction.query_one<std::string, std::string>(
      "SELECT pg_catalog.current_setting('server_version'), pg_catalog.current_database()::text", {}, bounds);
  for (auto [name] : transaction.query<std::string>(select_schemas, {options.schema}, bounds)) {
    found.schemas.push_back(std::move(name));
  }
  std::unordered_map<std::int64_t, std::size_t> place;
  std::string oids = "{";
  for (auto [oid, schema, name, kind, comment, size, rows] :
       transaction.query<std::int64_t, std::string, std::string, std::string, std::optional<std::string>, std::int64_t,
                         std::optional<std::int64_t>>(
           select_tables, {options.schema, options.table, options.most_tables + 1}, bounds)) {
    if (found.tables.size() == static_cast<std::size_t>(options.most_tables)) {
      found.is_cut = true;
      break;
    }
    place[oid] = found.tables.size();
    oids += (oids.size() > 1 ? "," : "") + std::to_string(oid);
    auto& table = found.tables.emplace_back();
    table.schema = schema;
    table.name = name;
    table.kind = kind;
    table.comment = comment;
    table.size_bytes = size;
    table.estimated_rows = rows;
  }
  oids += '}';
  for (auto [oid, name, type, nullable, value, comment] :
       transaction
           .query<std::int64_t, std::string, std::string, bool, std::optional<std::string>, std::optional<std::string>>(
               select_columns, {oids}, bounds)) {
    found.tables[place.at(oid)].columns.push_back({name, type, nullable, value, comment});
  }
  for (auto [oid, definition] : transaction.query<std::int64_t, std::string>(select_constraints, {oids}, bounds)) {
    found.tables[place.at(oid)].constraints.push_back(definition);
  }
  for (auto [oid, definition] : transaction.query<std::int64_t, std::string>(select_indexes, {oids}, bounds)) {
    found.tables[place.at(oid)].indexes.push_back(definition);
  }
  transaction.rollback(bounds);
  return found;
}

}  // namespace lakebase::tools
