#include "sync/table_source.hpp"

#include <utility>

#include <fmt/format.h>

#include "common/sql_quoting.hpp"
#include "sync/sync_error.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::uint64_t pieces_between_checks = 4096;

std::string quoted_table(SourceTable const& table) {
  return quote_identifier(table.schema) + '.' + quote_identifier(table.table);
}

class TableRows final : public SourceRows {
 public:
  TableRows(std::unique_ptr<DatabaseSession> session, SourceTable table)
      : session_(std::move(session)), table_(std::move(table)) {
    session_->query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }

  std::vector<SourceColumn> columns(std::vector<SourceColumn> const&) override {
    auto const rows = session_->query(fmt::format(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod), n.nspname = 'pg_catalog' OR t.typname IN ('vector', "
        "'halfvec') FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n ON n.oid = "
        "t.typnamespace WHERE a.attrelid = {}::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        quote_literal(quoted_table(table_))));
    std::vector<SourceColumn> columns;
    for (auto const& row : rows) {
      if (row.at(2) != "t") {
        throw SyncError(
            fmt::format("column '{}' has the type {}, which is not PostgreSQL's own", row.at(0), row.at(1)));
      }
      columns.push_back({row.at(0), row.at(1), row.at(1)});
    }
    return columns;
  }

  void read(ReadPlan const& plan, CopySink const& sink) override {
    std::vector<std::string> names;
    for (auto const& column : plan.columns) names.push_back(column.name);
    std::string keys;
    for (auto const& key : plan.keys) {
      keys += fmt::format("{}{} IS NOT NULL", keys.empty() ? " WHERE " : " AND ", quote_identifier(key));
    }
    std::string rows;
    std::uint64_t until_check = pieces_between_checks;
    session_->copy_out(
        fmt::format("COPY (SELECT {} FROM {}{}) TO STDOUT", quoted_list(names), quoted_table(table_), keys),
        [&](std::string_view row) {
          rows += row;
          if (rows.size() >= std::size_t{64} * 1024) sink(std::exchange(rows, {}));
          if (--until_check != 0) return;
          until_check = pieces_between_checks;
          if (plan.check) plan.check();
        });
    if (!rows.empty()) sink(rows);
  }

  std::string place_of(ReadPlan const&, std::uint64_t row) override {
    return fmt::format("{}, row {}", quoted_table(table_), row);
  }

 private:
  std::unique_ptr<DatabaseSession> const session_;
  SourceTable const table_;
};

class TableAsSource final : public Source {
 public:
  TableAsSource(Computes& computes, SourceTable table) : computes_(computes), table_(std::move(table)) {}

  // What is committed moves the end of the log.
  std::string mark() override {
    return computes_.open_session(table_.branch_uid, table_.database, SessionOf::owner)
        ->query("SELECT pg_current_wal_insert_lsn()")
        .at(0)
        .at(0);
  }
  std::unique_ptr<SourceRows> open(Json const&) override {
    return std::make_unique<TableRows>(computes_.open_session(table_.branch_uid, table_.database, SessionOf::owner),
                                       table_);
  }

 private:
  Computes& computes_;
  SourceTable const table_;
};

}  // namespace

std::unique_ptr<Source> make_table_source(Computes& computes, SourceTable table) {
  return std::make_unique<TableAsSource>(computes, std::move(table));
}

}  // namespace lakebase::emulator
