#include <lakebase/pq/transaction.hpp>

#include <utility>

#include <libpq-fe.h>

#include "pq/session/session.hpp"
#include "pq/session/watched.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

std::string begin_text(TransactionOptions const& options) {
  std::string text = "BEGIN";
  if (options.isolation) {
    switch (*options.isolation) {
      case Isolation::read_committed:
        text += " ISOLATION LEVEL READ COMMITTED";
        break;
      case Isolation::repeatable_read:
        text += " ISOLATION LEVEL REPEATABLE READ";
        break;
      case Isolation::serializable:
        text += " ISOLATION LEVEL SERIALIZABLE";
        break;
    }
  }
  if (options.read_only) text += " READ ONLY";
  if (options.deferrable) text += " DEFERRABLE";
  return text;
}

Result run(detail::Session& session, std::string const& sql, StatementOptions const& options) {
  return detail::watched(session, {.sql = sql},
                         [&] { return session.run(options, [&](PGconn* c) { return PQsendQuery(c, sql.c_str()); }); });
}

// The transaction's id; empty if it has written nothing.
std::string assigned_id(detail::Session& session, StatementOptions const& options) {
  auto const result = run(session, "SELECT pg_current_xact_id_if_assigned()::text", options);
  return result.value<std::optional<std::string>>().value_or("");
}

[[noreturn]] void throw_rolled_back(detail::Session const& session) {
  detail::Failure failure = detail::failure_saying(
      "the transaction was rolled back instead of committed, as one of its statements had failed", session.host());
  failure.pg.sqlstate = failure.facts.error_code = "25P02";
  throw PgError{std::move(failure.pg), std::move(failure.facts)};
}

}  // namespace

Transaction::Transaction(detail::SessionHold session, TransactionOptions const& options,
                         StatementOptions const& statement_options)
    : Statements(std::move(session)), options_(options) {
  if (PQtransactionStatus(session_->native()) != PQTRANS_IDLE && !session_->broken()) {
    session_->require_usable();
    throw InvalidArgument("the connection is in a transaction already");
  }
  run(*session_, begin_text(options), statement_options);
}

Transaction::Transaction(Transaction&&) noexcept = default;

Transaction::~Transaction() {
  // A destructor cannot report a failure: a session whose transaction cannot be ended is given up.
  if (session_) session_->roll_back();
}

void Transaction::commit(StatementOptions const& options) {
  if (!session_) throw InvalidArgument("the transaction has ended");
  if (session_->outside_transaction()) {
    session_ = {};
    throw InvalidArgument(
        "the transaction was ended by one of its statements, such as COMMIT or ROLLBACK; those after it were committed "
        "one by one. End a transaction by commit() and rollback() only");
  }
  std::string id;
  if (options_.track_commit && !options_.read_only) id = assigned_id(*session_, options);
  auto const hold = std::move(session_);
  auto& session = *hold;
  Result result;
  try {
    result = run(session, "COMMIT", options);
  } catch (ConnectionError const& error) {
    if (!error.maybe_ran()) throw;
    auto facts = error.facts();
    facts.retryable = false;
    throw CommitUnknown{std::move(id), error.pg(), std::move(facts)};
  } catch (Error const& error) {
    // A bound was hit. If the session still works, the server has responded to the COMMIT; otherwise its outcome is
    // unknown.
    if (!session.broken()) throw;
    auto facts = error.facts();
    facts.retryable = false;
    throw CommitUnknown{std::move(id), session.broken()->pg(), std::move(facts)};
  }
  if (result.command() == "ROLLBACK") throw_rolled_back(session);
}

void Transaction::rollback(StatementOptions const& options) {
  if (!session_) return;
  auto const hold = std::move(session_);
  auto& session = *hold;
  if (session.broken() || PQstatus(session.native()) != CONNECTION_OK) return;
  if (session.busy()) {
    detail::StatementWait wait{session};
    wait.interrupt(detail::StatementWait::Interrupted::by_stop);
    session.drain(wait);
  }
  if (session.broken() || session.outside_transaction()) return;
  run(session, "ROLLBACK", options);
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
