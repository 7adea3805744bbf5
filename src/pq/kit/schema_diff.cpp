#include <lakebase/pq/schema_diff.hpp>

#include <algorithm>
#include <iterator>

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

// `own` leaves out PostgreSQL's schemas, and everything that belongs to an extension.
constexpr char const* schema_query = R"(
WITH own AS (
  SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), extension_member AS (
  SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), relation AS (
  SELECT c.oid, c.relkind, c.relname, n.nspname, format('%I.%I', n.nspname, c.relname) AS name, c.relrowsecurity
  FROM pg_class c JOIN own n ON n.oid = c.relnamespace
  WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
)
SELECT 'schema', nspname, '' FROM own
UNION ALL
SELECT 'extension', extname, extversion FROM pg_extension
UNION ALL
SELECT 'table', name, CASE WHEN relkind = 'p' THEN 'partitioned ' || pg_get_partkeydef(oid) ELSE '' END
       || CASE WHEN relrowsecurity THEN 'row security' ELSE '' END
FROM relation WHERE relkind IN ('r', 'p', 'f')
UNION ALL
SELECT 'column', format('%s.%I', r.name, a.attname),
       format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
       || CASE a.attidentity WHEN 'a' THEN ' IDENTITY ALWAYS' WHEN 'd' THEN ' IDENTITY BY DEFAULT' ELSE '' END
       || coalesce(CASE WHEN a.attgenerated = 's' THEN ' GENERATED ' ELSE ' DEFAULT ' END
                   || pg_get_expr(d.adbin, d.adrelid), '')
FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE r.relkind IN ('r', 'p', 'f', 'c')
UNION ALL
SELECT 'constraint', format('%s.%I', r.name, k.conname), pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid
UNION ALL
SELECT 'index', r.name, pg_get_indexdef(r.oid)
FROM relation r WHERE r.relkind IN ('i', 'I')
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = r.oid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT 'sequence', r.name, format_type(s.seqtypid, NULL) || format(' START %s INCREMENT %s MIN %s MAX %s%s', s.seqstart,
       s.seqincrement, s.seqmin, s.seqmax, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END)
FROM relation r JOIN pg_sequence s ON s.seqrelid = r.oid
UNION ALL
SELECT 'view', name, CASE relkind WHEN 'm' THEN 'materialized ' ELSE '' END || pg_get_viewdef(oid)
FROM relation WHERE relkind IN ('v', 'm')
UNION ALL
SELECT 'function', format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
       CASE WHEN p.prokind = 'a' THEN 'aggregate' ELSE pg_get_functiondef(p.oid) END
FROM pg_proc p JOIN own n ON n.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid)
UNION ALL
SELECT 'trigger', format('%s.%I', r.name, t.tgname), pg_get_triggerdef(t.oid)
FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'policy', format('%s.%I', r.name, p.polname),
       format('%s %s USING (%s) CHECK (%s)', p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid),
              pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN relation r ON r.oid = p.polrelid
UNION ALL
SELECT 'type', format('%I.%I', n.nspname, t.typname),
       CASE t.typtype
         WHEN 'e' THEN 'enum (' || (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
                                    FROM pg_enum WHERE enumtypid = t.oid) || ')'
         WHEN 'd' THEN 'domain ' || format_type(t.typbasetype, t.typtypmod)
                       || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || t.typdefault, '')
         ELSE 'range' END
FROM pg_type t JOIN own n ON n.oid = t.typnamespace
WHERE t.typtype IN ('e', 'd', 'r')
  AND NOT EXISTS (SELECT FROM extension_member e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid)
)";

bool same_object(SchemaObject const& left, SchemaObject const& right) {
  return left.kind == right.kind && left.name == right.name;
}

void append_line(std::string& text, char mark, SchemaObject const& object) {
  text += mark;
  text += ' ' + object.kind + ' ' + object.name;
  if (!object.definition.empty()) text += ": " + object.definition;
  text += '\n';
}

}  // namespace

std::vector<SchemaObject> read_schema(Connection& connection) {
  std::vector<SchemaObject> objects;
  auto transaction = connection.begin({.isolation = Isolation::repeatable_read, .read_only = true});
  // Definitions qualify names that are not in the search path; an empty path makes them the same everywhere.
  transaction.exec("SET LOCAL search_path = ''");
  auto const result = transaction.exec(schema_query);
  objects.reserve(static_cast<std::size_t>(result.size()));
  for (Row const row : result) {
    objects.push_back({std::string{row[0].text()}, std::string{row[1].text()}, std::string{row[2].text()}});
  }
  transaction.commit();
  std::sort(objects.begin(), objects.end());
  return objects;
}

SchemaDiff diff_schemas(std::vector<SchemaObject> const& before, std::vector<SchemaObject> const& after) {
  SchemaDiff diff;
  auto left = before.begin();
  auto right = after.begin();
  while (left != before.end() || right != after.end()) {
    if (left != before.end() && right != after.end() && same_object(*left, *right)) {
      if (left->definition != right->definition) diff.changed.push_back({*left, *right});
      ++left;
      ++right;
    } else if (right == after.end() || (left != before.end() && *left < *right)) {
      diff.removed.push_back(*left++);
    } else {
      diff.added.push_back(*right++);
    }
  }
  return diff;
}

SchemaDiff diff_schemas(Connection& before, Connection& after) {
  return diff_schemas(read_schema(before), read_schema(after));
}

std::string SchemaDiff::to_string() const {
  std::string text;
  for (auto const& object : removed) append_line(text, '-', object);
  for (auto const& object : added) append_line(text, '+', object);
  for (auto const& change : changed) {
    text += "~ " + change.before.kind + ' ' + change.before.name + ": " + change.before.definition + " -> " +
            change.after.definition + '\n';
  }
  return text;
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
