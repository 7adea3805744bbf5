#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <lakebase/pq/error.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/statements.hpp>

namespace lakebase::inline v0::pq {

/// PostgreSQL's levels of isolation.
enum class Isolation { read_committed, repeatable_read, serializable };

/// How a transaction begins.
struct TransactionOptions {
  /// Unset: the session's default.
  std::optional<Isolation> isolation{};
  /// Such a transaction commits nothing, so it may be repeated whatever happened to it.
  bool read_only = false;
  /// For serializable read-only ones: wait at the start instead of failing later.
  bool deferrable = false;
  /// Ask for the transaction's id before COMMIT, so that `settle` can find out what became of it. One round trip more.
  bool track_commit = false;
};

/// A transaction. Rolls back where it is let go without `commit`. Keeps its session open, or a pool's connection lent,
/// until it has ended.
class [[nodiscard]] LAKEBASE_PQ_EXPORT Transaction : public Statements {
 public:
  ~Transaction();
  /// Takes over the transaction.
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;

  /// @throws CommitUnknown where the connection broke in between; PgError where the server rolled back instead, which
  ///         is certain then
  void commit(StatementOptions const& options = {});
  /// Does nothing where the connection is broken, as the server has rolled back by itself.
  void rollback(StatementOptions const& options = {});
  /// Whether neither has been called.
  [[nodiscard]] bool open() const noexcept { return static_cast<bool>(session_); }

 private:
  friend class Connection;
  Transaction(detail::SessionHold session, TransactionOptions const& options,
              StatementOptions const& statement_options);

  TransactionOptions options_;
};

}  // namespace lakebase::inline v0::pq
