#include <lakebase/data_api/transaction.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <lakebase/data_api.hpp>

#include "data_api/connection.hpp"
#include "data_api/joined.hpp"

namespace lakebase {
inline namespace v0 {
namespace data_api {

namespace {

using lakebase::detail::encode_string;

constexpr std::string_view function_name = "lakebase_transaction";

// What the function does for a caller, he may do by single requests. Its argument is data: names go through %I and
// quote_ident, values through %L and quote_literal, and all else is one of a few words.
constexpr std::string_view function_body = R"sql(
DECLARE
  own_schema CONSTANT text := {schema};
  own_path CONSTANT text := 'pg_catalog, pg_temp';
  caller_path CONSTANT text := pg_catalog.current_setting('search_path');
  operators CONSTANT json := '{"eq":"=","neq":"<>","gt":">","gte":">=","lt":"<","lte":"<=",
    "isdistinct":"IS DISTINCT FROM","like":"LIKE","ilike":"ILIKE","match":"~","imatch":"~*","cs":"@>","cd":"<@",
    "ov":"&&","sl":"<<","sr":">>","nxr":"&<","nxl":"&>","adj":"-|-","fts":"to_tsquery","plfts":"plainto_tsquery",
    "phfts":"phraseto_tsquery","wfts":"websearch_to_tsquery"}';
  number bigint := 0;
  statement json;
  verb text;
  relation text;
  term json;
  column_type regtype;
  has_path boolean;
  operand text;
  operator text;
  language text;
  part text;
  parts text[];
  first_part int;
  condition text;
  returned text;
  conflict text;
  columns text[];
  definitions text;
  batch json;
  command text;
  batch_count bigint;
  batch_rows json;
  row_count bigint;
  all_rows text;
  results text := '';
  said_message text;
  said_detail text;
  said_hint text;
  said_constraint text;
BEGIN
  -- A command is written with PostgreSQL's own schema as search path, lest a function of another schema is called
  -- instead, and is run with the caller's.
  PERFORM pg_catalog.set_config('search_path', own_path, true);
  FOR number, statement IN
    SELECT ordinality, value FROM json_array_elements(statements) WITH ORDINALITY
  LOOP
    verb := statement->>'verb';
    IF verb IS NULL OR verb NOT IN ('insert', 'update', 'delete') THEN
      RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'it is neither insert nor update nor delete';
    END IF;
    relation := format('%I.%I', own_schema, statement->>'table');

    -- The condition's terms come in postfix order: a joint takes the parts before it.
    parts := '{}';
    FOR term IN SELECT value FROM json_array_elements(coalesce(statement->'where', '[]')) LOOP
      IF term->>'join' IN ('AND', 'OR') THEN
        first_part := cardinality(parts) - (term->>'parts')::int + 1;
        part := '(' || array_to_string(parts[first_part:], format(' %s ', term->>'join')) || ')';
        parts := parts[:first_part - 1];
      ELSE
        SELECT coalesce(nullif(typbasetype, 0), atttypid)
          INTO column_type
          FROM pg_catalog.pg_attribute JOIN pg_catalog.pg_type ON pg_type.oid = atttypid
         WHERE attrelid = relation::regclass AND attname = term->>'column' AND attnum > 0;
        has_path := json_array_length(coalesce(term->'path', '[]')) > 0;
        SELECT format(CASE WHEN has_path AND column_type NOT IN ('json', 'jsonb') THEN 'pg_catalog.to_jsonb(target.%I)'
                           ELSE 'target.%I' END, term->>'column') || coalesce(string_agg(
                 CASE step->>0 WHEN '->>' THEN '->>' ELSE '->' END ||
                 CASE json_typeof(step->1) WHEN 'number' THEN ((step->>1)::int)::text ELSE quote_literal(step->>1) END,
                 '' ORDER BY position), '')
          INTO operand
          FROM json_array_elements(coalesce(term->'path', '[]')) WITH ORDINALITY AS steps(step, position);
        operator := operators->>(term->>'operator');
        language := coalesce(quote_literal(term->>'language') || '::regconfig, ', '');
        part := CASE
          WHEN term->>'operator' = 'is' AND term->>'value' IN ('null', 'true', 'false') THEN
            format('(%s) IS %s', operand, term->>'value')
          WHEN term->>'operator' = 'in' THEN
            coalesce((SELECT format('(%s) IN (%s)', operand, string_agg(quote_literal(value), ', '))
                        FROM json_array_elements_text(term->'values') HAVING count(*) > 0), 'false')
          WHEN operator IS NULL THEN NULL
          WHEN operator LIKE '%tsquery' THEN
            format(CASE WHEN column_type = 'tsvector'::regtype AND NOT has_path THEN '(%2$s) @@ pg_catalog.%3$s(%1$s%4$L)'
                        ELSE 'pg_catalog.to_tsvector(%1$s%2$s) @@ pg_catalog.%3$s(%1$s%4$L)' END,
                   language, operand, operator, term->>'value')
          WHEN operator = '=' AND term->>'quantifier' = 'any' THEN format('(%s) = ANY (%L)', operand, term->>'value')
          ELSE format('(%s) %s %L', operand, operator, term->>'value')
        END;
      END IF;
      IF part IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('the condition %s is not known', term);
      END IF;
      parts := array_append(parts, CASE term->>'not' WHEN 'true' THEN format('(NOT %s)', part) ELSE part END);
    END LOOP;
    condition := array_to_string(parts, ' AND ');
    IF verb = 'update' AND json_array_length(coalesce(statement->'rows', '[{}]')) <> 1 THEN
      RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'an update takes one object';
    END IF;
    IF verb <> 'insert' AND condition = '' THEN
      RAISE EXCEPTION USING ERRCODE = '21000', MESSAGE = 'it has no condition', HINT = 'Say which rows are meant.';
    END IF;

    SELECT coalesce(string_agg(CASE value->>'column' WHEN '*' THEN 'target.*' ELSE
                                 format('target.%I AS %I', value->>'column', coalesce(value->>'as', value->>'column'))
                               END, ', '), '1')
      INTO returned
      FROM json_array_elements(coalesce(statement->'returning', '[]'));

    conflict := '';
    IF statement->'resolution' IS NOT NULL THEN
      SELECT format('ON CONFLICT (%s) DO ', string_agg(quote_ident(name), ', '))
        INTO conflict
        FROM (SELECT value AS name FROM json_array_elements_text(statement->'on_conflict')
              UNION ALL
              SELECT attname FROM pg_catalog.pg_index JOIN pg_catalog.pg_attribute ON attrelid = indrelid
               WHERE indrelid = relation::regclass AND indisprimary AND attnum = ANY (indkey)
                 AND statement->'on_conflict' IS NULL) AS key
      HAVING count(*) > 0;
      IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = '42P10', MESSAGE = 'the table has no primary key',
          HINT = 'Name the columns of on_conflict.';
      END IF;
    END IF;

    row_count := 0;
    all_rows := '';
    -- Rows with the same members next to each other are inserted by one command.
    FOR columns, batch IN
      SELECT names, json_agg(value ORDER BY position)
        FROM (SELECT value, position, names, position - row_number() OVER (PARTITION BY names ORDER BY position) AS run
                FROM json_array_elements(coalesce(statement->'rows', '[{}]')) WITH ORDINALITY AS given(value, position),
                     LATERAL (SELECT coalesce(array_agg(DISTINCT name), '{}') AS names
                                FROM json_object_keys(value) AS name) AS members) AS runs
       GROUP BY names, run
       ORDER BY min(position)
    LOOP
      CONTINUE WHEN verb = 'update' AND columns = '{}';
      -- Of the columns that are written only: a domain without nulls refuses what is not there.
      SELECT string_agg(format('%I %s', name, coalesce(format_type(atttypid, atttypmod), 'text')), ', ')
        INTO definitions
        FROM unnest(columns) AS name
        LEFT JOIN pg_catalog.pg_attribute ON attrelid = relation::regclass AND attname = name AND attnum > 0;
      command := CASE
        WHEN verb = 'insert' AND columns = '{}' THEN
          format('INSERT INTO %s AS target SELECT FROM pg_catalog.json_array_elements($1)', relation)
        WHEN verb = 'insert' THEN
          (SELECT format('INSERT INTO %s AS target (%s) '
                         'SELECT %2$s FROM pg_catalog.json_to_recordset($1) AS given (%s) ',
                         relation, string_agg(quote_ident(name), ', '), definitions) || conflict ||
                  CASE statement->>'resolution' WHEN 'ignore' THEN 'NOTHING' WHEN 'merge' THEN
                    'UPDATE SET ' || string_agg(format('%I = EXCLUDED.%1$I', name), ', ') ELSE '' END
             FROM unnest(columns) AS name)
        WHEN verb = 'update' THEN
          (SELECT format('UPDATE %s AS target SET %s FROM pg_catalog.json_to_recordset($1) AS patch (%s) WHERE %s',
                         relation, string_agg(format('%I = patch.%1$I', name), ', '), definitions, condition)
             FROM unnest(columns) AS name)
        WHEN verb = 'delete' THEN format('DELETE FROM %s AS target WHERE %s', relation, condition)
      END;
      command := format('WITH changed AS (%s RETURNING %s) '
                        'SELECT pg_catalog.count(*), pg_catalog.json_agg(changed.*) FROM changed', command, returned);
      PERFORM pg_catalog.set_config('search_path', caller_path, true);
      EXECUTE command INTO batch_count, batch_rows USING batch;
      PERFORM pg_catalog.set_config('search_path', own_path, true);
      row_count := row_count + batch_count;
      IF batch_count > 0 THEN
        all_rows := concat_ws(', ', nullif(all_rows, ''), btrim(batch_rows::text, '[]'));
      END IF;
    END LOOP;
    IF row_count <> (statement->>'exactly')::bigint THEN
      RAISE EXCEPTION USING ERRCODE = 'PT409',
        MESSAGE = format('it would change %s rows instead of %s', row_count, statement->>'exactly'),
        HINT = 'Nothing was changed. Read the rows again, and decide anew.';
    END IF;
    results := concat_ws(', ', nullif(results, ''),
                         format('{"count":%s,"rows":[%s]}', row_count,
                                CASE returned WHEN '1' THEN '' ELSE all_rows END));
  END LOOP;
  results := '[' || results || ']';
  PERFORM pg_catalog.set_config('search_path', caller_path, true);
  RETURN results;
EXCEPTION WHEN OTHERS THEN
  PERFORM pg_catalog.set_config('search_path', own_path, true);
  GET STACKED DIAGNOSTICS said_message = MESSAGE_TEXT, said_detail = PG_EXCEPTION_DETAIL,
    said_hint = PG_EXCEPTION_HINT, said_constraint = CONSTRAINT_NAME;
  RAISE EXCEPTION USING ERRCODE = SQLSTATE, DETAIL = said_detail, HINT = said_hint, CONSTRAINT = said_constraint,
    -- What has chosen the whole response, has written it as JSON.
    MESSAGE = CASE SQLSTATE WHEN 'PGRST' THEN said_message
              ELSE format('statement %s (%s %s): %s', number, verb, statement->>'table', said_message) END;
END
)sql";

std::string sql_quoted(std::string_view text, char quote) {
  std::string all{quote};
  for (char const c : text) {
    if (c == quote) all += c;
    all += c;
  }
  return all += quote;
}

/// `where`: the schema that the function is created in; `schema`: the one that its tables are in.
std::string function_text(std::string const& where, std::string_view schema) {
  std::string body{function_body};
  constexpr std::string_view placeholder = "{schema}";
  body.replace(body.find(placeholder), placeholder.size(), sql_quoted(schema, '\''));
  return fmt::format("CREATE OR REPLACE FUNCTION {}.{}(statements json) RETURNS json LANGUAGE plpgsql AS {}", where,
                     function_name, sql_quoted(body, '\''));
}

[[noreturn]] void refuse(std::string message, std::string hint) {
  throw InvalidArgument{ErrorFacts{.message = std::move(message), .hint = std::move(hint)}};
}

}  // namespace

namespace detail {

class StatementWriter {
 public:
  explicit StatementWriter(Call const& call) : call_(call) {}

  std::string text(std::optional<std::int64_t> rows) {
    json_ = fmt::format(R"({{"verb":"{}","table":{})", verb(), encode_string(call_.name));
    if (call_.verb != "DELETE") json_ += R"(,"rows":)" + this->rows();
    if (!call_.conditions.empty()) {
      list("where", [&] {
        for (auto const& condition : call_.conditions) write(condition);
      });
    }
    if (call_.resolution) {
      json_ +=
          call_.resolution == Resolution::merge_duplicates ? R"(,"resolution":"merge")" : R"(,"resolution":"ignore")";
    }
    if (!call_.on_conflict.empty()) {
      list("on_conflict", [&] {
        for (auto const& column : call_.on_conflict) item(encode_string(column.name()));
      });
    }
    if (is_returning()) list("returning", [&] { write_returning(); });
    if (rows) json_ += fmt::format(R"(,"exactly":{})", *rows);
    return json_ += '}';
  }

 private:
  std::string_view verb() const {
    return call_.verb == "POST" ? "insert" : call_.verb == "PATCH" ? "update" : "delete";
  }
  bool is_returning() const {
    return std::find(call_.prefer.begin(), call_.prefer.end(), "return=representation") != call_.prefer.end();
  }
  std::string rows() const {
    auto text = to_json(JsonText{call_.body});
    return text.find_first_not_of(" \n\r\t") == text.find('[') ? text : '[' + text + ']';
  }
  template <class Items>
  void list(std::string_view name, Items const& items) {
    json_ += fmt::format(R"(,"{}":[)", name);
    items();
    json_ += ']';
  }
  void item(std::string_view text) {
    if (json_.back() != '[') json_ += ',';
    json_ += text;
  }

  // A joint comes behind what it joins.
  void write(Condition const& condition) {
    if (condition.kind_ == Condition::Kind::comparison) return write_comparison(condition);
    for (auto const& part : condition.parts_) write(part);
    item(fmt::format(R"({{"join":"{}","parts":{}{}}})", condition.kind_ == Condition::Kind::all ? "AND" : "OR",
                     condition.parts_.size(), negation(condition)));
  }
  void write_comparison(Condition const& condition) {
    if (condition.is_verbatim_ || condition.is_embedded_) {
      refuse(fmt::format("{} cannot be a condition in a transaction", condition.path_),
             "Compare columns of the table itself, by col(\"name\").");
    }
    auto term = fmt::format(R"({{"column":{},"operator":"{}")", encode_string(condition.column_), condition.op_);
    if (!condition.steps_.empty()) {
      term += fmt::format(R"(,"path":[{}])", joined(condition.steps_, [](Step const& step) {
                            auto const key = step.is_index ? step.key : encode_string(step.key);
                            return fmt::format(R"(["{}",{}])", step.arrow, key);
                          }));
    }
    if (!condition.modifier_.empty()) {
      term += fmt::format(R"(,"{}":{})", condition.op_ == "eq" ? "quantifier" : "language",
                          encode_string(condition.modifier_));
    }
    if (condition.is_list_) {
      auto const text = [](Value const& value) { return encode_string(value.text()); };
      term += fmt::format(R"(,"values":[{}])", joined(condition.values_, text));
    } else {
      term += R"(,"value":)" + encode_string(condition.values_.front().text());
    }
    item(term + negation(condition) + '}');
  }
  static std::string negation(Condition const& condition) { return condition.negated_ ? R"(,"not":true)" : ""; }

  void write_returning() {
    if (call_.selected.empty()) return item(R"({"column":"*"})");
    for (auto const& part : call_.selected) {
      if (part.column_.empty()) {
        refuse(fmt::format("{} cannot be returned in a transaction", part.text_),
               "Return columns, under a name of their own if you like: col(\"a\").as(\"b\").");
      }
      auto const alias = part.alias_.empty() ? std::string{} : R"(,"as":)" + encode_string(part.alias_);
      item(fmt::format(R"({{"column":{}{}}})", encode_string(part.column_), alias));
    }
  }

  Call const& call_;
  std::string json_{};
};

namespace {

std::vector<Rows> read_results(std::string_view json) {
  std::vector<Rows> results;
  for (auto const result : elements_of(json)) {
    auto& rows = results.emplace_back();
    for (auto const& [name, value] : members_of(result)) {
      if (name == "rows") rows.json.text = std::string{value};
      if (name == "count") read_value(value, name, rows.total);
    }
  }
  return results;
}

}  // namespace

void throw_sql_error(std::string_view sqlstate, std::string_view message, std::string_view details) {
  ErrorFacts facts;
  // A function that has chosen the whole response has written it as JSON.
  if (sqlstate != "PGRST" || !take_error(facts, std::string{message})) {
    take_error(facts, fmt::format(R"({{"code":{},"message":{},"details":{}}})", encode_string(sqlstate),
                                  encode_string(message), encode_string(details)));
  }
  throw DataApiError{std::move(facts)};
}

}  // namespace detail

std::string transaction_function(std::string_view schema) {
  if (schema.empty()) throw InvalidArgument{"the name of the schema is empty"};
  return function_text(sql_quoted(schema, '"'), schema);
}

Transaction::Transaction(std::shared_ptr<detail::Connection const> connection, std::string schema,
                         TransactionRunner runner)
    : connection_(std::move(connection)), schema_(std::move(schema)), runner_(std::move(runner)) {}

Transaction& Transaction::add(Write const& write, std::optional<std::int64_t> rows) {
  auto const& call = write.call_;
  if (write.connection_ != connection_ || call.schema != schema_) {
    refuse(fmt::format("the write of {}.{} belongs to another Data API or schema than the transaction", call.schema,
                       call.name),
           "Make both of the same DataApiClient; a transaction is of one schema.");
  }
  statements_.push_back(detail::StatementWriter{call}.text(rows));
  is_idempotent_ = is_idempotent_ && call.is_idempotent && !rows;
  return *this;
}

std::vector<Rows> Transaction::execute() const {
  if (statements_.empty()) return {};
  auto const statements = fmt::format("[{}]", fmt::join(statements_, ","));
  detail::Call const call{.verb = "POST",
                          .schema = schema_,
                          .name = std::string{function_name},
                          .is_function = true,
                          .body = fmt::format(R"({{"statements":{}}})", statements),
                          .is_idempotent = is_idempotent_};
  try {
    return detail::read_results(detail::send(*connection_, call).json.text);
  } catch (DataApiError const& error) {
    if (error.code() != "PGRST202") throw;
    if (!runner_) {
      auto facts = error.facts();
      facts.hint = fmt::format(
          "Create the function as the owner, by the SQL of transaction_function(\"{}\"), and run NOTIFY pgrst, 'reload "
          "schema'; or give transaction() a runner, which lakebase::pq has.",
          schema_);
      throw DataApiError{std::move(facts)};
    }
  }
  return detail::read_results(runner_({.function = function_text("pg_temp", schema_),
                                       .call = fmt::format("SELECT pg_temp.{}($1::json)::text", function_name),
                                       .statements = statements}));
}

}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
