#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <lakebase/pq/copy.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/param.hpp>
#include <lakebase/pq/pipeline.hpp>
#include <lakebase/pq/result.hpp>
#include <lakebase/pq/row_stream.hpp>
#include <lakebase/pq/session_hold.hpp>
#include <lakebase/pq/statement_options.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// What a connection and a transaction on it have in common: running statements.
///
/// Thread safety: for one thread at a time.
/// Exceptions: all calls throw PgError with the server's first error, ConnectionError if the session was lost, and
/// StatementTimeout or Cancelled by their options.
/// Lifetime: what is made here (streams, copies, pipelines, and transactions) keeps the session open, or a pool's
/// connection lent, as long as it exists: `for (Row row : pool.acquire()->stream("SELECT …"))` is right.
class LAKEBASE_PQ_EXPORT Statements {
 public:
  /// Runs a statement. Without parameters `sql` may hold several, of which the last one's result is returned.
  Result exec(std::string_view sql, Params const& params = {}, StatementOptions const& options = {});

  /// Prepares a statement under a name, for this session. Does nothing if the same text was prepared under it.
  ///
  /// The name repairs itself: if the server has dropped it, or refuses it because a migration changed what it returns,
  /// it is prepared anew with the same text. Outside of a transaction the caller does not notice. Inside, the
  /// transaction has failed; the error is retryable, and the name works in the next one.
  void prepare(std::string const& name, std::string_view sql, StatementOptions const& options = {});
  /// Runs a prepared statement.
  Result exec_prepared(std::string const& name, Params const& params = {}, StatementOptions const& options = {});

  /// Reads rows as they come, holding one at a time: `for (Row row : connection.stream("SELECT …"))`. No other
  /// statement can run before the stream has ended or is destroyed.
  RowStream stream(std::string_view sql, Params const& params = {}, StatementOptions const& options = {});
  /// Starts `COPY … FROM STDIN`.
  CopyIn copy_in(std::string_view sql, StatementOptions const& options = {});
  /// Starts `COPY … TO STDOUT`.
  CopyOut copy_out(std::string_view sql, StatementOptions const& options = {});
  /// Sends many statements in one round trip.
  Pipeline pipeline();

  /// Quotes a name for SQL. @throws PgError for text that is not in the session's encoding
  [[nodiscard]] std::string quote_identifier(std::string_view name) const;
  /// Quotes a string for SQL, if a parameter cannot be used. @throws PgError as above
  [[nodiscard]] std::string quote_literal(std::string_view text) const;

 protected:
  explicit Statements(detail::SessionHold session) noexcept : session_(std::move(session)) {}
  ~Statements() = default;
  Statements(Statements&&) noexcept = default;
  Statements& operator=(Statements&&) noexcept = default;

  detail::SessionHold session_;
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
