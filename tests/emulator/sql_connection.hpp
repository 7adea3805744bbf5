#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include <lakebase/testing/emulator.hpp>

namespace lakebase::tests {

struct SqlError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A connection to a host of an emulator, by libpq alone.
class Connection {
 public:
  /// @throws SqlError
  Connection(testing::Emulator const& emulator, std::string const& host, std::string const& user,
             std::string const& password, std::string const& sslmode = "verify-full",
             std::string const& database = "databricks_postgres")
      : connection_(nullptr, &PQfinish) {
    auto const port = std::to_string(emulator.postgres_port());
    auto const ca = emulator.ca_certificate().string();
    char const* const keywords[] = {"host", "port", "user", "password", "dbname", "sslmode", "sslrootcert", nullptr};
    char const* const values[] = {host.c_str(),     port.c_str(),    user.c_str(), password.c_str(),
                                  database.c_str(), sslmode.c_str(), ca.c_str(),   nullptr};
    connection_.reset(PQconnectdbParams(keywords, values, 0));
    if (PQstatus(connection_.get()) != CONNECTION_OK) throw SqlError(PQerrorMessage(connection_.get()));
  }

  /// Runs statements. @return the first value. @throws SqlError
  std::string query(std::string const& sql) const {
    auto const result = run(sql);
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }
  /// @return the rows, with commas and newlines between values and rows. @throws SqlError
  std::string rows(std::string const& sql) const {
    auto const result = run(sql);
    std::string text;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      if (row > 0) text += '\n';
      for (int column = 0; column < PQnfields(result.get()); ++column) {
        if (column > 0) text += ',';
        bool const is_null = PQgetisnull(result.get(), row, column) == 1;
        text += is_null ? "NULL" : PQgetvalue(result.get(), row, column);
      }
    }
    return text;
  }

  /// Runs one statement with parameters. @return the first column. @throws SqlError
  std::vector<std::string> column(std::string const& sql, std::vector<std::string> const& parameters) const {
    std::vector<char const*> values;
    for (auto const& parameter : parameters) values.push_back(parameter.c_str());
    Result const result{PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                                     values.data(), nullptr, nullptr, 0),
                        &PQclear};
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw SqlError(PQerrorMessage(connection_.get()));
    std::vector<std::string> all;
    for (int row = 0; row < PQntuples(result.get()); ++row) all.emplace_back(PQgetvalue(result.get(), row, 0));
    return all;
  }

 private:
  using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;
  Result run(std::string const& sql) const {
    Result result{PQexec(connection_.get(), sql.c_str()), &PQclear};
    auto const status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw SqlError(PQerrorMessage(connection_.get()));
    return result;
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

}  // namespace lakebase::tests
