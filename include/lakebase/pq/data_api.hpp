#pragma once

// Transactions of a DataApiClient over connections of PostgreSQL, where the schema has no function for them.

#include <string>
#include <utility>

#include <lakebase/data_api/transaction.hpp>
#include <lakebase/pq/connection.hpp>
#include <lakebase/pq/error.hpp>
#include <lakebase/pq/pool.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {

inline std::string run_script(Transaction& transaction, data_api::TransactionScript const& script) {
  transaction.exec(script.function);
  return transaction.exec(script.call, {script.statements}).value<std::string>();
}

/// Calls `run`, and lets what PostgreSQL refuses be a DataApiError, as it is where the schema has the function.
template <class Run>
std::string with_data_api_errors(Run const& run) {
  try {
    return run();
  } catch (ConnectionError const&) {
    throw;
  } catch (PgError const& error) {
    if (error.sqlstate().empty()) throw;
    data_api::detail::throw_sql_error(error.sqlstate(), error.message(), error.pg().detail);
  }
}

}  // namespace detail

/// Carries out transactions of a DataApiClient in this pool, as `ConnectionPool::run` does, with the rights of the role
/// that the pool logs in as; it must be allowed to create temporary objects, which every role is unless that was
/// revoked. The pool has to outlive the runner.
///
/// The runner throws data_api::DataApiError for what PostgreSQL refuses, and else as `ConnectionPool::run`.
[[nodiscard]] inline data_api::TransactionRunner transaction_runner(ConnectionPool& pool) {
  return [&pool](data_api::TransactionScript const& script) {
    return detail::with_data_api_errors(
        [&] { return pool.run([&](Transaction& transaction) { return detail::run_script(transaction, script); }); });
  };
}

/// The same on this connection, as `Connection::transact`: for one thread at a time. The connection has to outlive the
/// runner.
[[nodiscard]] inline data_api::TransactionRunner transaction_runner(Connection& connection) {
  return [&connection](data_api::TransactionScript const& script) {
    return detail::with_data_api_errors([&] {
      return connection.transact([&](Transaction& transaction) { return detail::run_script(transaction, script); });
    });
  };
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
