#pragma once

#include <memory>
#include <string>

#include <lakebase/error.hpp>
#include <lakebase/pq/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// What PostgreSQL reports about an error; empty if it reports nothing.
struct PgFacts {
  /// Five characters, e.g. `23505`; empty if no server responded, or it sent none.
  std::string sqlstate{};
  /// `ERROR`, `FATAL` or `PANIC`.
  std::string severity{};
  /// The server's DETAIL.
  std::string detail{};
  /// Where in PL/pgSQL or in a COPY the error occurred.
  std::string context{};
  /// Of the object that the error is about.
  std::string schema{};
  /// Of the object that the error is about.
  std::string table{};
  /// Of the object that the error is about.
  std::string column{};
  /// The constraint that was violated.
  std::string constraint{};
  /// Where in the statement, in characters from 1; 0 if that is not known.
  int position = 0;
  /// Name of the host that was connected to.
  std::string host{};
  /// The server's own function that found the error; the same in every language of messages.
  std::string routine{};
};

/// The root of what goes wrong with PostgreSQL: the server refused a statement or a login, or the connection broke. The
/// facts of `Error` hold too: `message()` is the server's first error, `hint()` says what to do, `attempts()` how many
/// connection attempts were made, `retryable()` whether the same may succeed later. Never holds a password.
///
/// SQLSTATEs that programs branch on have a type of their own below it, whichever way the statement was run: by `exec`,
/// prepared, in a stream, a pipeline or a copy, or at COMMIT.
class LAKEBASE_PQ_EXPORT PgError : public Error {
 public:
  /// An error with these facts.
  PgError(PgFacts pg, ErrorFacts facts);
  ~PgError() override;

  /// Five characters; empty if there is none.
  [[nodiscard]] std::string const& sqlstate() const noexcept { return pg_->sqlstate; }
  /// Name of the host that was connected to.
  [[nodiscard]] std::string const& host() const noexcept { return pg_->host; }
  /// Everything that the server reported.
  [[nodiscard]] PgFacts const& pg() const noexcept { return *pg_; }

 private:
  std::shared_ptr<PgFacts const> pg_;
};

/// Declares an error type that adds nothing but its name.
#define LAKEBASE_PQ_ERROR(name, parent)           \
  class LAKEBASE_PQ_EXPORT name : public parent { \
   public:                                        \
    using parent::parent;                         \
    ~name() override;                             \
  }

/// 23xxx: a row breaks a rule of its table. Thrown by whatever runs the statement, and by `Transaction::commit` if the
/// constraint is deferred. Other constraints than those below, e.g. EXCLUDE (23P01), are this type itself.
class LAKEBASE_PQ_EXPORT ConstraintViolation : public PgError {
 public:
  using PgError::PgError;
  ~ConstraintViolation() override;

  /// Name of the constraint or unique index; empty for NOT NULL before PostgreSQL 18.
  [[nodiscard]] std::string const& constraint() const noexcept { return pg().constraint; }
  /// Name of the table, without its schema, which is `pg().schema`. Empty for the constraint of a domain.
  [[nodiscard]] std::string const& table() const noexcept { return pg().table; }
  /// Name of the column for NOT NULL; empty for others: their constraint says which columns it is about.
  [[nodiscard]] std::string const& column() const noexcept { return pg().column; }
};

/// 23505: there is a row with this key already.
LAKEBASE_PQ_ERROR(UniqueViolation, ConstraintViolation);
/// 23503, or 23001 from PostgreSQL 18 on: the row refers to none, or others still refer to it.
LAKEBASE_PQ_ERROR(ForeignKeyViolation, ConstraintViolation);
/// 23502: NULL in a column that has to have a value.
LAKEBASE_PQ_ERROR(NotNullViolation, ConstraintViolation);
/// 23514: the row does not meet a CHECK, or is in no partition of its table.
LAKEBASE_PQ_ERROR(CheckViolation, ConstraintViolation);

/// 40001: other transactions came in between; the same one may succeed if it is run again, as `ConnectionPool::run`
/// does.
LAKEBASE_PQ_ERROR(SerializationFailure, PgError);
/// 40P01: this transaction and others waited for each other; run again, it may succeed.
LAKEBASE_PQ_ERROR(DeadlockDetected, PgError);
/// 42501: the role may not do this. If a login is refused with it, that is a ConnectionError.
LAKEBASE_PQ_ERROR(InsufficientPrivilege, PgError);
/// 42P01: there is no such table, view, sequence or index in the schemas of `search_path`.
LAKEBASE_PQ_ERROR(UndefinedTable, PgError);
/// 42703: there is no such column.
LAKEBASE_PQ_ERROR(UndefinedColumn, PgError);
/// 25006: the server or the transaction only reads; `hint()` says which, and `retryable()` whether the primary may
/// help.
LAKEBASE_PQ_ERROR(ReadOnlyTransaction, PgError);

/// 57014: the server cancelled the statement, and this call had not requested that: a bound or stop request of
/// StatementOptions throws StatementTimeout or Cancelled. A statement that waited for a lock for longer than
/// `lock_timeout` fails with 55P03, which is a plain PgError; a session that is ended, e.g. by
/// `idle_in_transaction_session_timeout`, is a ConnectionError.
class LAKEBASE_PQ_EXPORT QueryCanceled : public PgError {
 public:
  using PgError::PgError;
  ~QueryCanceled() override;

  /// Who cancelled it.
  enum class Reason {
    user_request,       ///< `pg_cancel_backend`, or a cancel request over the wire by somebody else.
    statement_timeout,  ///< The server's own setting.
    other,              ///< A function raised 57014, or `lc_messages` is not English.
  };
  /// Read from the server's message, since one SQLSTATE stands for all of them.
  [[nodiscard]] Reason reason() const noexcept;
};

/// No connection could be made, or one broke. A connection that threw this cannot be used any more.
class LAKEBASE_PQ_EXPORT ConnectionError : public PgError {
 public:
  using PgError::PgError;
  /// `maybe_ran`: see below.
  ConnectionError(bool maybe_ran, PgFacts pg, ErrorFacts facts);
  ~ConnectionError() override;

  /// Whether the server can have carried out the statement that was under way. False is certain; true is not.
  [[nodiscard]] bool maybe_ran() const noexcept { return maybe_ran_; }

 private:
  bool maybe_ran_ = false;
};

/// No server responds at the host, and the service says why: the endpoint was deleted, or its branch or project. Its
/// host name will not come back; look up another endpoint, e.g. by `source_for`.
class LAKEBASE_PQ_EXPORT EndpointGone : public ConnectionError {
 public:
  using ConnectionError::ConnectionError;
  ~EndpointGone() override;
};

/// 53300, or the proxy's own words for it: all connections that the endpoint, the database or the role may have are in
/// use, and none became free in time. Thrown by what connects; a function that raises 53300 in a live session is a
/// PgError.
LAKEBASE_PQ_ERROR(TooManyConnections, ConnectionError);

/// The connection broke while COMMIT was under way: the transaction is either committed or rolled back, and it is not
/// known which. Never repeat it blindly: `settle` can find out.
class LAKEBASE_PQ_EXPORT CommitUnknown : public ConnectionError {
 public:
  /// `transaction_id` as PostgreSQL writes an xid8; empty if it was not requested or the transaction wrote nothing.
  CommitUnknown(std::string transaction_id, PgFacts pg, ErrorFacts facts);
  ~CommitUnknown() override;

  /// What `settle` needs; empty unless `TransactionOptions::track_commit` was set.
  [[nodiscard]] std::string const& transaction_id() const noexcept { return *transaction_id_; }

 private:
  std::shared_ptr<std::string const> transaction_id_;
};

/// The bound of this call, `StatementOptions::timeout`, passed while its statement was running; the server's own
/// `statement_timeout` is QueryCanceled. The statement was cancelled; a connection that did not react to
/// that is broken; see `Connection::alive`.
class LAKEBASE_PQ_EXPORT StatementTimeout : public PgError {
 public:
  using PgError::PgError;
  ~StatementTimeout() override;
};

/// No connection of a pool became free in time.
class LAKEBASE_PQ_EXPORT PoolTimeout : public Error {
 public:
  using Error::Error;
  ~PoolTimeout() override;
};

/// The pool was closed, or it belongs to the parent of this forked process.
class LAKEBASE_PQ_EXPORT PoolClosed : public Error {
 public:
  using Error::Error;
  ~PoolClosed() override;
};

#undef LAKEBASE_PQ_ERROR

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
