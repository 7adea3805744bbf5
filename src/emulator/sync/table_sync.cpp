#include "sync/table_sync.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "common/sql_quoting.hpp"
#include "sync/sync_error.hpp"

namespace lakebase::emulator {
namespace {

// The session or the server broke down, resources were short, or another session was in the way.
constexpr std::string_view passing_classes[] = {"08", "40", "53", "57", "58"};

// Where the emulator keeps what it has written. Others than it may read it, so that dumps of the database work.
constexpr std::string_view find_bookkeeping = "SELECT to_regclass('lakebase_sync.tables') IS NOT NULL";
constexpr std::string_view make_bookkeeping = R"(BEGIN;
SELECT pg_advisory_xact_lock(7306578201);
CREATE SCHEMA IF NOT EXISTS lakebase_sync;
CREATE TABLE IF NOT EXISTS lakebase_sync.tables (
  uid text PRIMARY KEY, relation oid NOT NULL, columns jsonb NOT NULL, shape text NOT NULL,
  mark text NOT NULL, position jsonb NOT NULL, version bigint NOT NULL, changed_by text);
CREATE OR REPLACE FUNCTION lakebase_sync.note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $body$BEGIN
  IF current_setting('lakebase_sync.applies', true) IS DISTINCT FROM 'on' THEN
    UPDATE lakebase_sync.tables SET changed_by = session_user WHERE relation = TG_RELID AND changed_by IS NULL;
  END IF;
  RETURN NULL;
END$body$;
REVOKE ALL ON FUNCTION lakebase_sync.note_change() FROM PUBLIC;
GRANT USAGE ON SCHEMA lakebase_sync TO PUBLIC;
GRANT SELECT ON lakebase_sync.tables TO PUBLIC;
COMMIT)";

/// What the last sync has left.
struct KeptSync {
  std::string relation;
  std::vector<SourceColumn> columns;
  std::string shape;
  std::string mark;
  Json position;
  std::int64_t version = 0;
  std::string changed_by;
};

Json columns_json(std::vector<SourceColumn> const& columns) {
  Json list = Json::array();
  for (auto const& column : columns) list.push_back(Json::array({column.name, column.type, column.postgres_type}));
  return list;
}

std::vector<SourceColumn> columns_from(Json const& list) {
  std::vector<SourceColumn> columns;
  for (auto const& column : list) columns.push_back({column.at(0), column.at(1), column.at(2)});
  return columns;
}

std::vector<std::string> names_of(std::vector<SourceColumn> const& columns) {
  std::vector<std::string> names;
  for (auto const& column : columns) names.push_back(column.name);
  return names;
}

bool has_name(std::vector<std::string> const& names, std::string const& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// `t.a = s.a AND …`
std::string equal_in(std::vector<std::string> const& names, std::string_view left, std::string_view right) {
  std::string text;
  for (auto const& name : names) {
    auto const quoted = quote_identifier(name);
    text += fmt::format("{}{}.{} = {}.{}", text.empty() ? "" : " AND ", left, quoted, right, quoted);
  }
  return text;
}

// Of what PostgreSQL says of a row: `COPY orders, line 7, column id: "x"`.
struct CopyPlace {
  std::uint64_t row = 0;
  std::string column;
  std::string value;
};

CopyPlace place_in(std::string const& context) {
  CopyPlace place;
  std::string_view text = context;
  auto const line = text.find(", line ");
  if (!text.starts_with("COPY ") || line == std::string_view::npos) return place;
  text.remove_prefix(line + std::string_view{", line "}.size());
  auto const end = std::from_chars(text.data(), text.data() + text.size(), place.row).ptr;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  std::string_view const before_column = ", column ";
  if (!text.starts_with(before_column)) return place;
  text.remove_prefix(before_column.size());
  auto const colon = text.find(": ");
  place.column = text.substr(0, colon);
  if (colon != std::string_view::npos) place.value = text.substr(colon + 2, text.find('\n') - colon - 2);
  return place;
}

class TableSync {
 public:
  TableSync(DatabaseSession& session, SyncTarget const& target, Source& source, SyncRequest const& request)
      : session_(session), target_(target), source_(source), request_(request) {}

  SyncOutcome run();

 private:
  std::optional<KeptSync> kept() const;
  void drop_kept(KeptSync const& kept);
  std::string relation() const;
  std::string shape() const;
  void require_ours(KeptSync const& kept) const;
  void require_columns() const;
  void override_types();
  void add_new_columns(KeptSync const& kept);
  void create();
  void complete();
  void copy_into(std::string const& table, std::string const& columns);
  void load_changes();
  void insert_all();
  std::int64_t make_same();
  std::int64_t apply_feed();
  std::int64_t count_of(std::string const& statement);
  void keep(std::int64_t version) const;

  std::string table() const { return quote_identifier(target_.schema) + '.' + quote_identifier(target_.table); }
  std::string shown() const { return fmt::format("{}.{}", target_.schema, target_.table); }
  bool is_staged() const { return rows_->is_feed() || !target_.timeseries_key.empty(); }
  std::string is_there(std::string_view alias) const {
    return rows_->is_feed() ? fmt::format("NOT {}.lakebase_deleted", alias) : std::string{"true"};
  }
  std::string is_newer(std::string_view now, std::string_view before) const;
  std::vector<std::string> values() const;

  DatabaseSession& session_;
  SyncTarget const& target_;
  Source& source_;
  SyncRequest const& request_;
  std::unique_ptr<SourceRows> rows_;
  std::vector<SourceColumn> columns_;
  std::string mark_;
};

std::optional<KeptSync> TableSync::kept() const {
  auto const rows = session_.query(fmt::format(
      "SELECT relation, columns, shape, mark, position, version, changed_by FROM lakebase_sync.tables WHERE "
      "uid = {} FOR UPDATE",
      quote_literal(target_.uid)));
  if (rows.empty()) return std::nullopt;
  auto const& row = rows.front();
  return KeptSync{row.at(0),
                  columns_from(Json::parse(row.at(1))),
                  row.at(2),
                  row.at(3),
                  Json::parse(row.at(4)),
                  std::stoll(row.at(5)),
                  row.at(6)};
}

// The OID of the table; empty: there is none.
std::string TableSync::relation() const {
  auto const rows =
      session_.query(fmt::format("SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
                                 "n.nspname = {} AND c.relname = {}",
                                 quote_literal(target_.schema), quote_literal(target_.table)));
  return rows.empty() ? std::string{} : rows.front().front();
}

// Columns and key, as people read them.
std::string TableSync::shape() const {
  return session_
      .query(fmt::format(
          "SELECT concat((SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) "
          "FROM pg_attribute WHERE attrelid = {0} AND attnum > 0 AND NOT attisdropped), coalesce((SELECT ', ' || "
          "pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = {0} AND contype = 'p'), ''))",
          quote_literal(table()) + "::regclass"))
      .at(0)
      .at(0);
}

void TableSync::require_ours(KeptSync const& kept) const {
  std::string_view const how = "start a full refresh of its pipeline, which makes it anew";
  auto const now = relation();
  if (now.empty()) throw SyncError(fmt::format("table {} was dropped; {}", shown(), how));
  if (now != kept.relation) {
    throw SyncError(
        fmt::format("table {} is another one than the sync has made: it was dropped, and made by hand; drop "
                    "it, and {}",
                    shown(), how));
  }
  if (!kept.changed_by.empty()) {
    throw SyncError(fmt::format("table {} was changed by hand, by {}: rows of a synced table are for reading only; {}",
                                shown(), kept.changed_by, how));
  }
  auto const shape_now = shape();
  if (shape_now == kept.shape) return;
  throw SyncError(fmt::format("table {} was changed by hand: it is now ({}) instead of ({}); {}", shown(), shape_now,
                              kept.shape, how));
}

void TableSync::drop_kept(KeptSync const& kept) {
  if (relation() == kept.relation) session_.query(fmt::format("DROP TABLE {}", table()));
  session_.query(fmt::format("DELETE FROM lakebase_sync.tables WHERE uid = {}", quote_literal(target_.uid)));
}

void TableSync::require_columns() const {
  auto const names = names_of(columns_);
  auto const require = [&](std::string_view field, std::string const& name) {
    if (has_name(names, name)) return;
    throw SyncError(fmt::format("{} names the column '{}', which the source does not have; it has: {}", field, name,
                                names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
  };
  for (auto const& key : target_.keys) require("primary_key_columns", key);
  if (!target_.timeseries_key.empty()) require("timeseries_key", target_.timeseries_key);
  for (auto const& type : target_.type_overrides) require("type_overrides", type.column);
  for (auto const& column : target_.extra_columns) {
    if (has_name(names, column.name)) {
      throw SyncError(fmt::format("extra_columns names the column '{}', which the source has, too", column.name));
    }
  }
}

void TableSync::override_types() {
  for (auto const& type : target_.type_overrides) {
    for (auto& column : columns_) {
      if (column.name == type.column) column.postgres_type = type.postgres_type;
    }
    if (type.postgres_type.starts_with("varchar")) continue;
    try {
      session_.query("CREATE EXTENSION IF NOT EXISTS vector");
    } catch (DataPlaneError const& error) {
      if (is_worth_another_try(error)) throw;
      throw SyncError(fmt::format("type_overrides wants {} for column '{}', which needs the extension pgvector: {}",
                                  type.postgres_type, type.column, error.what()));
    }
  }
}

void TableSync::add_new_columns(KeptSync const& kept) {
  for (auto const& before : kept.columns) {
    auto const now = std::find_if(columns_.begin(), columns_.end(),
                                  [&](SourceColumn const& column) { return column.name == before.name; });
    std::string_view const rule = "only new columns are taken over; start a full refresh of its pipeline";
    if (now == columns_.end())
      throw SyncError(fmt::format("the source has no column '{}' any more: {}", before.name, rule));
    if (now->postgres_type == before.postgres_type) continue;
    throw SyncError(
        fmt::format("the source's column '{}' is {} now, and was {}: {}", before.name, now->type, before.type, rule));
  }
  for (auto const& column : columns_) {
    if (has_name(names_of(kept.columns), column.name)) continue;
    session_.query(
        fmt::format("ALTER TABLE {} ADD COLUMN {} {}", table(), quote_identifier(column.name), column.postgres_type));
  }
}

void TableSync::create() {
  if (!relation().empty()) {
    throw SyncError(
        fmt::format("table {} exists already, and is not of this synced table: drop it, and start its "
                    "pipeline, or take another name",
                    shown()));
  }
  std::string columns;
  auto const add = [&](std::string const& column) { columns += (columns.empty() ? "" : ", ") + column; };
  for (auto const& column : columns_) add(quote_identifier(column.name) + ' ' + column.postgres_type);
  for (auto const& extra : target_.extra_columns) {
    auto const text = extra.expression.empty() ? std::string{}
                      : extra.is_generated     ? fmt::format(" GENERATED ALWAYS AS ({}) STORED", extra.expression)
                                               : fmt::format(" DEFAULT ({})", extra.expression);
    add(fmt::format("{} {}{}", quote_identifier(extra.name), extra.type, text));
  }
  session_.query(fmt::format("CREATE TABLE {} ({})", table(), columns));
}

// After the rows, so that indexes are built at once.
void TableSync::complete() {
  session_.query(fmt::format("ALTER TABLE {} ADD PRIMARY KEY ({})", table(), quoted_list(target_.keys)));
  for (auto const& index : target_.extra_indexes) {
    session_.query(fmt::format("CREATE INDEX {} ON {} {}", quote_identifier(index.name), table(), index.definition));
  }
  session_.query(fmt::format(
      "CREATE TRIGGER lakebase_sync_note_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {} FOR EACH "
      "STATEMENT EXECUTE FUNCTION lakebase_sync.note_change()",
      table()));
}

void TableSync::copy_into(std::string const& table, std::string const& columns) {
  ReadPlan const plan{columns_, target_.keys, request_.check};
  try {
    session_.copy_in(fmt::format("COPY {} ({}) FROM STDIN", table, columns), [&](CopySink const& sink) {
      rows_->read(plan, [&](std::string_view rows) {
        sink(rows);
        if (request_.copied == nullptr) return;
        *request_.copied += static_cast<std::uint64_t>(std::count(rows.begin(), rows.end(), '\n'));
      });
    });
  } catch (DataPlaneError const& error) {
    auto const at = place_in(error.context());
    // The row at which a session was lost is not at fault.
    if (at.row == 0 || is_worth_another_try(error)) throw;
    auto const place = rows_->place_of(plan, at.row);
    auto const column =
        std::find_if(columns_.begin(), columns_.end(), [&](SourceColumn const& one) { return one.name == at.column; });
    if (column == columns_.end()) throw SyncError(fmt::format("{}: {}", place, error.what()));
    auto const got = at.value.empty() ? std::string{} : fmt::format(", got {}", at.value);
    auto const& wanted = column->type.empty() ? column->postgres_type : column->type;
    throw SyncError(fmt::format("{}, column '{}': expected {}{} ({})", place, at.column, wanted, got, error.what()));
  }
}

// All that the source gives, in a table `lakebase_latest` with one row of each key.
void TableSync::load_changes() {
  std::string columns = rows_->is_feed() ? "lakebase_deleted boolean, lakebase_line bigint" : "";
  for (auto const& column : columns_) {
    columns += fmt::format("{}{} {}", columns.empty() ? "" : ", ", quote_identifier(column.name), column.postgres_type);
  }
  auto const keys = quoted_list(target_.keys);
  std::string const incoming = is_staged() ? "lakebase_incoming" : "lakebase_latest";
  session_.query(fmt::format("CREATE TEMP TABLE {} ({}) ON COMMIT DROP", incoming, columns));
  auto const names = quoted_list(names_of(columns_));
  copy_into(incoming, rows_->is_feed() ? "lakebase_deleted, lakebase_line, " + names : names);
  if (is_staged()) {
    std::string order = keys;
    if (!target_.timeseries_key.empty()) {
      // A deletion need not say when.
      order += fmt::format(", {} DESC NULLS {}", quote_identifier(target_.timeseries_key),
                           rows_->is_feed() ? "FIRST" : "LAST");
    }
    if (rows_->is_feed()) order += ", lakebase_line DESC";
    session_.query(
        fmt::format("CREATE TEMP TABLE lakebase_latest ON COMMIT DROP AS SELECT DISTINCT ON ({}) * FROM {} ORDER BY {}",
                    keys, incoming, order));
  }
  session_.query(fmt::format("ALTER TABLE lakebase_latest ADD PRIMARY KEY ({})", keys));
  session_.query("ANALYZE lakebase_latest");
}

void TableSync::insert_all() {
  auto const names = quoted_list(names_of(columns_));
  session_.query(fmt::format("INSERT INTO {} ({}) SELECT {} FROM lakebase_latest s WHERE {}", table(), names, names,
                             is_there("s")));
}

std::vector<std::string> TableSync::values() const {
  auto names = names_of(columns_);
  std::erase_if(names, [&](std::string const& name) { return has_name(target_.keys, name); });
  return names;
}

std::int64_t TableSync::count_of(std::string const& statement) {
  return std::stoll(
      session_.query(fmt::format("WITH changed AS ({} RETURNING 1) SELECT count(*) FROM changed", statement))
          .at(0)
          .at(0));
}

// Makes the rows those of `lakebase_latest`, changing only what differs. How many it changes.
std::int64_t TableSync::make_same() {
  auto const same_key = equal_in(target_.keys, "t", "s");
  auto const names = quoted_list(names_of(columns_));
  auto changed =
      count_of(fmt::format("DELETE FROM {} t WHERE NOT EXISTS (SELECT FROM lakebase_latest s WHERE {} AND {})", table(),
                           same_key, is_there("s")));
  std::string assignments;
  std::string differences;
  for (auto const& name : values()) {
    auto const quoted = quote_identifier(name);
    auto const type = std::find_if(columns_.begin(), columns_.end(), [&](auto& column) {
                        return column.name == name;
                      })->postgres_type;
    // Those are the types without an operator to compare them.
    bool const is_text = has_name({"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"}, type);
    assignments += fmt::format("{}{} = s.{}", assignments.empty() ? "" : ", ", quoted, quoted);
    differences += fmt::format("{}t.{}{} IS DISTINCT FROM s.{}{}", differences.empty() ? "" : " OR ", quoted,
                               is_text ? "::text" : "", quoted, is_text ? "::text" : "");
  }
  if (!assignments.empty()) {
    changed += count_of(fmt::format("UPDATE {} t SET {} FROM lakebase_latest s WHERE {} AND {} AND ({})", table(),
                                    assignments, same_key, is_there("s"), differences));
  }
  return changed + count_of(fmt::format("INSERT INTO {} ({}) SELECT {} FROM lakebase_latest s WHERE {} AND NOT EXISTS "
                                        "(SELECT FROM {} t WHERE {})",
                                        table(), names, names, is_there("s"), table(), same_key));
}

std::string TableSync::is_newer(std::string_view now, std::string_view before) const {
  if (target_.timeseries_key.empty()) return "true";
  auto const key = quote_identifier(target_.timeseries_key);
  return fmt::format("({0}.{2} >= {1}.{2}) IS NOT FALSE", now, before, key);
}

std::int64_t TableSync::apply_feed() {
  auto changed = count_of(fmt::format("DELETE FROM {} t USING lakebase_latest s WHERE {} AND s.lakebase_deleted AND {}",
                                      table(), equal_in(target_.keys, "t", "s"), is_newer("s", "t")));
  std::string assignments;
  for (auto const& name : values()) {
    auto const quoted = quote_identifier(name);
    assignments += fmt::format("{}{} = excluded.{}", assignments.empty() ? "" : ", ", quoted, quoted);
  }
  auto const action = assignments.empty()
                          ? std::string{"NOTHING"}
                          : fmt::format("UPDATE SET {} WHERE {}", assignments, is_newer("excluded", "t"));
  auto const names = quoted_list(names_of(columns_));
  return changed +
         count_of(fmt::format("INSERT INTO {} AS t ({}) SELECT {} FROM lakebase_latest s WHERE {} ON CONFLICT "
                              "({}) DO {}",
                              table(), names, names, is_there("s"), quoted_list(target_.keys), action));
}

void TableSync::keep(std::int64_t version) const {
  session_.query(fmt::format(
      "INSERT INTO lakebase_sync.tables VALUES ({}, {}::regclass, {}, {}, {}, {}, {}) ON CONFLICT (uid) DO UPDATE SET "
      "relation = excluded.relation, columns = excluded.columns, shape = excluded.shape, mark = excluded.mark, "
      "position "
      "= excluded.position, version = excluded.version",
      quote_literal(target_.uid), quote_literal(table()), quote_literal(columns_json(columns_).dump()),
      quote_literal(shape()), quote_literal(mark_), quote_literal(rows_->position().dump()), version));
}

SyncOutcome TableSync::run() {
  if (session_.query(std::string{find_bookkeeping}).at(0).at(0) != "t") session_.query(std::string{make_bookkeeping});
  session_.query("BEGIN");
  session_.query("SET LOCAL lakebase_sync.applies = 'on'");
  auto before = kept();
  if (before && request_.is_full_refresh) {
    drop_kept(*before);
    before.reset();
  }
  if (before) require_ours(*before);
  // Before the rows: what changes between the two is seen next time.
  mark_ = source_.mark();
  if (before && before->mark == mark_) return {mark_, before->version};
  rows_ = source_.open(before ? before->position : Json::object());
  columns_ = rows_->columns(before ? before->columns : std::vector<SourceColumn>{});
  require_columns();
  override_types();
  std::int64_t version = 0;
  if (!before) {
    create();
    if (is_staged()) {
      load_changes();
      insert_all();
    } else {
      copy_into(table(), quoted_list(names_of(columns_)));
    }
    complete();
  } else {
    add_new_columns(*before);
    load_changes();
    auto const changed = rows_->goes_on() ? apply_feed() : make_same();
    version = before->version + (changed > 0 ? 1 : 0);
  }
  keep(version);
  session_.query("COMMIT");
  return {mark_, version};
}

SyncError explained(DataPlaneError const& error) {
  constexpr std::string_view unique_violation = "23505";
  if (error.sqlstate() == unique_violation) {
    return SyncError(
        fmt::format("the source has several rows with the same primary key: {} Remove them, or name a "
                    "timeseries_key, by which the newest one is taken.",
                    error.detail()));
  }
  auto const detail = error.detail().empty() ? std::string{} : fmt::format(": {}", error.detail());
  return SyncError(fmt::format("{}{} (SQLSTATE {})", error.what(), detail, error.sqlstate()));
}

}  // namespace

bool is_worth_another_try(DataPlaneError const& error) {
  auto const& state = error.sqlstate();
  if (state.empty() || state == "55P03") return true;
  return std::any_of(std::begin(passing_classes), std::end(passing_classes),
                     [&](std::string_view one) { return state.starts_with(one); });
}

SyncOutcome sync_table(Computes& computes, SyncTarget const& target, Source& source, SyncRequest const& request) try {
  auto const session = computes.open_session(target.branch_uid, target.database, SessionOf::owner);
  return TableSync{*session, target, source, request}.run();
} catch (DataPlaneError const& error) {
  if (is_worth_another_try(error)) throw;
  throw explained(error);
}

}  // namespace lakebase::emulator
