#include "tools/query.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <lakebase/error.hpp>
#include <lakebase/pq/error.hpp>

namespace lakebase::tools {
namespace {

constexpr std::size_t rows_at_once = 50;
constexpr char const* name_of_statement = "lakebase_statement";

class Run {
 public:
  Run(pq::Connection& session, QueryOptions const& options)
      : session_(session), options_(options), ends_(std::chrono::steady_clock::now() + options.limit) {}

  QueryResult run(std::string const& statement, pq::Params const& parameters) {
    if (!options_.may_write) exec("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
    auto transaction = session_.begin({.read_only = !options_.may_write}, bounds());
    // After a query, PostgreSQL does not let a read-only transaction become another.
    transaction.exec("SELECT 1", {}, bounds());
    // Several statements cannot be prepared.
    transaction.prepare(name_of_statement, statement, bounds());
    if (!fetch(transaction, statement, parameters)) {
      take(run_prepared(transaction, parameters));
      if (result_.command.empty()) throw InvalidArgument{"the statement is empty"};
    }
    name_types(transaction);
    if (options_.may_write) {
      transaction.commit(bounds());
    } else {
      transaction.rollback(bounds());
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] pq::StatementOptions bounds() const {
    auto const left = ends_ - std::chrono::steady_clock::now();
    return {.timeout = std::max<std::chrono::nanoseconds>(left, std::chrono::milliseconds{1}), .stop = options_.stop};
  }
  void exec(std::string_view sql) { session_.exec(sql, {}, bounds()); }

  /// Reads the rows of a query by a cursor, no more than are wanted. False if it is no query.
  bool fetch(pq::Transaction& transaction, std::string const& statement, pq::Params const& parameters) {
    transaction.exec("SAVEPOINT lakebase_cursor", {}, bounds());
    try {
      transaction.exec(fmt::format("DECLARE lakebase_rows NO SCROLL CURSOR FOR {}\n", without_end(statement)),
                       parameters, bounds());
    } catch (pq::PgError const& error) {
      // Syntax: it is no query. Not offered: it changes something on the way.
      if (error.sqlstate() != "42601" && error.sqlstate() != "0A000") throw;
      transaction.exec("ROLLBACK TO SAVEPOINT lakebase_cursor", {}, bounds());
      return false;
    }
    take(transaction.exec("FETCH FORWARD 0 FROM lakebase_rows", {},
                          bounds()));  // the columns, if there are no rows, too
    auto const next = fmt::format("FETCH FORWARD {} FROM lakebase_rows", rows_at_once);
    for (bool is_over = false; !is_over && !result_.is_cut;) {
      std::size_t count = 0;
      // One at a time, as each may be large. All of a batch are read: to leave early would cancel it.
      auto rows = transaction.stream(next, {}, bounds());
      for (pq::Row const row : rows) {
        take(row);
        ++count;
      }
      is_over = count < rows_at_once;
    }
    result_.command = fmt::format("SELECT {}", result_.rows.size());
    result_.affected_rows = result_.rows.size();
    return true;
  }

  pq::Result run_prepared(pq::Transaction& transaction, pq::Params const& parameters) {
    try {
      return transaction.exec_prepared(name_of_statement, parameters, bounds());
    } catch (InvalidArgument const&) {
      throw InvalidArgument{"COPY moves rows past a statement's result: read them with SELECT, write them with INSERT"};
    }
  }

  /// The statement without a semicolon at its end, which could not be inside of another one.
  static std::string_view without_end(std::string_view statement) {
    auto const last = statement.find_last_not_of("; \t\r\n");
    return last == std::string_view::npos ? statement : statement.substr(0, last + 1);
  }

  void take(pq::Result const& rows) {
    if (result_.columns.empty()) {
      for (int i = 0; i < rows.columns(); ++i) {
        result_.columns.push_back({std::string{rows.column_name(i)}, "", 0});
      }
    }
    result_.command = rows.command();
    result_.affected_rows = rows.affected_rows();
    for (auto const row : rows) take(row);
  }

  void take(pq::Row const& row) {
    if (result_.is_cut) return;
    std::vector<std::optional<std::string>> values;
    for (std::size_t i = 0; i < result_.columns.size(); ++i) {
      auto const field = row[static_cast<int>(i)];
      result_.columns[i].oid = field.oid();
      bytes_ += field.text().size();
      values.push_back(field.is_null() ? std::nullopt : std::optional{std::string{field.text()}});
    }
    result_.is_cut = result_.rows.size() == options_.most_rows || bytes_ > options_.most_bytes;
    if (!result_.is_cut) result_.rows.push_back(std::move(values));
  }

  void name_types(pq::Transaction& transaction) {
    if (result_.rows.empty() || !transaction.open()) return;
    try {
      transaction.exec("SAVEPOINT lakebase_types", {}, bounds());
      for (auto& column : result_.columns) {
        column.type = transaction.query_value<std::string>("SELECT pg_catalog.format_type($1::oid, NULL)",
                                                           {static_cast<std::int64_t>(column.oid)}, bounds());
      }
    } catch (pq::PgError const&) {
      // The statement has ended the transaction: the values are there all the same.
    }
  }

  pq::Connection& session_;
  QueryOptions const& options_;
  std::chrono::steady_clock::time_point ends_;
  std::size_t bytes_ = 0;
  QueryResult result_{};
};

}  // namespace

QueryResult query(pq::Connection& session, std::string_view statement, pq::Params const& parameters,
                  QueryOptions const& options) {
  return Run{session, options}.run(std::string{statement}, parameters);
}

}  // namespace lakebase::tools
