#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/pq/connection.hpp>
#include <lakebase/pq/param.hpp>

namespace lakebase::tools {

struct QueryOptions {
  /// Whether the statement may change anything. Otherwise PostgreSQL refuses it, and all is rolled back.
  bool may_write = false;
  std::size_t most_rows = 100;
  /// Of all values together.
  std::size_t most_bytes = std::size_t{1024} * 1024;
  std::chrono::nanoseconds limit = std::chrono::seconds{30};
  std::stop_token stop{};
};

struct QueryColumn {
  std::string name{};
  /// As PostgreSQL writes it: `bigint`, `numeric`.
  std::string type{};
  /// PostgreSQL's number of the type.
  unsigned oid = 0;
};

struct QueryResult {
  std::vector<QueryColumn> columns{};
  /// As PostgreSQL writes the values; none for NULL.
  std::vector<std::vector<std::optional<std::string>>> rows{};
  /// What the server calls it: `SELECT 3`, `INSERT 0 1`.
  std::string command{};
  std::uint64_t affected_rows = 0;
  /// Whether there are more rows, which were left out.
  bool is_cut = false;
};

/// Runs one statement in a transaction of its own. Unless it may write, the transaction is read-only, in a way that the
/// statement cannot undo: it is the only one, and comes after the transaction's first. The session is to be closed
/// afterwards: settings, prepared names and advisory locks go with it.
/// @throws pq::PgError, also for several statements; InvalidArgument for none; Error
QueryResult query(pq::Connection& session, std::string_view statement, pq::Params const& parameters,
                  QueryOptions const& options);

}  // namespace lakebase::tools
