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

/// A deadline passed while a statement was running. The statement was cancelled; a connection that did not react to
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

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
