#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include <lakebase/pq/error.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/statements.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

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
  /// Request the transaction's id before COMMIT, so that `settle` can find out its outcome. One more round trip.
  bool track_commit = false;
};

/// A transaction.
///
/// Thread safety: for one thread at a time, as its connection.
/// Exceptions: as the calls of Statements, and what `commit` names; the destructor throws nothing.
/// Lifetime: keeps its session open, or a pool's connection lent, until it has ended. Rolls back if it is destroyed
/// without `commit`.
class [[nodiscard]] LAKEBASE_PQ_EXPORT Transaction : public Statements {
 public:
  ~Transaction();
  /// Takes over the transaction.
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;

  /// @throws CommitUnknown if the connection broke in between; PgError if the server rolled back instead, which is
  ///         certain then; InvalidArgument if a statement, e.g. COMMIT by `exec`, has already ended it
  void commit(StatementOptions const& options = {});
  /// Does nothing if the connection is broken, as the server has rolled back by itself.
  void rollback(StatementOptions const& options = {});
  /// Whether neither has been called.
  [[nodiscard]] bool open() const noexcept { return static_cast<bool>(session_); }

 private:
  friend class Connection;
  Transaction(detail::SessionHold session, TransactionOptions const& options,
              StatementOptions const& statement_options);

  TransactionOptions options_;
};

namespace detail {

template <class T>
inline constexpr bool needs_transaction = false;
template <>
inline constexpr bool needs_transaction<RowStream> = true;
template <>
inline constexpr bool needs_transaction<CopyIn> = true;
template <>
inline constexpr bool needs_transaction<CopyOut> = true;
template <>
inline constexpr bool needs_transaction<Pipeline> = true;
template <>
inline constexpr bool needs_transaction<Transaction> = true;

template <class T>
inline constexpr bool refers_to_rows = false;
template <>
inline constexpr bool refers_to_rows<Row> = true;
template <>
inline constexpr bool refers_to_rows<Field> = true;

/// Whether what a function in a transaction returns can be handed on after its commit.
template <class Returned>
inline constexpr bool outlives_transaction =
    !std::is_reference_v<Returned> && !needs_transaction<std::remove_cvref_t<Returned>> &&
    !refers_to_rows<std::remove_cvref_t<Returned>>;

/// The one error for a function that returns something else.
template <class Returned>
constexpr void require_outliving() noexcept {
  using Value = std::remove_cvref_t<Returned>;
  static_assert(!std::is_reference_v<Returned>,
                "a function of run or transact returns a value, not a reference: leave out the & of its return type");
  static_assert(!needs_transaction<Value>,
                "a stream, copy or pipeline ends with its transaction: use it inside of the function, and return what "
                "was read; or return tx.exec(...), which needs no transaction any more");
  static_assert(!refers_to_rows<Value>,
                "a row or field refers to its Result: return the Result, or a value by as<T>() or value<T>()");
}

}  // namespace detail

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
