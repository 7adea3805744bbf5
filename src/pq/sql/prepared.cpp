#include "pq/sql/prepared.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include <libpq-fe.h>

#include "pq/session/throw_failure.hpp"
#include "pq/session/watched.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using State = PreparedNames::State;

// The statement that the server has under a name.
std::optional<std::string> text_on_server(Session& session, std::string const& name, StatementWait& wait) {
  char const* const values[] = {name.c_str()};
  auto const result = session.run(wait, [&](PGconn* c) {
    return PQsendQueryParams(c, "SELECT statement FROM pg_catalog.pg_prepared_statements WHERE name = $1", 1, nullptr,
                             values, nullptr, nullptr, 0);
  });
  return result.empty() ? std::nullopt : std::optional{result.value<std::string>()};
}

void settle_doubt(Session& session, std::string const& name, PreparedNames::Entry& entry, StatementWait& wait) {
  auto text = text_on_server(session, name, wait);
  entry.state = text ? State::ready : State::gone;
  if (text) entry.text = *std::move(text);
}

void deallocate(Session& session, std::string const& name, StatementWait& wait) {
  std::unique_ptr<char, decltype(&PQfreemem)> const quoted{
      PQescapeIdentifier(session.native(), name.c_str(), name.size()), &PQfreemem};
  if (!quoted) return;
  auto const sql = std::string{"DEALLOCATE "} + quoted.get();
  auto const others = session.prepared();  // DEALLOCATE casts doubt on all names, but this one is known
  bool const outside = session.outside_transaction();
  try {
    session.run(wait, [&](PGconn* c) { return PQsendQuery(c, sql.c_str()); });
  } catch (PgError const& error) {
    if (!note_failure(session, name, error)) throw;
    if (!outside) throw_retryable(error);
    return;
  }
  session.prepared() = others;
}

void send_prepare(Session& session, std::string const& name, std::string const& sql, StatementWait& wait) {
  watched(session, {.sql = sql, .parametrised = true, .operation = "PREPARE"}, [&] {
    return session.run(wait, [&](PGconn* c) { return PQsendPrepare(c, name.c_str(), sql.c_str(), 0, nullptr); });
  });
  session.prepared().set(name, sql, State::ready);
}

bool in_failed_transaction(Session const& session) {
  return PQtransactionStatus(session.native()) == PQTRANS_INERROR;
}

// The name was taken already, by whomever. That is fine if it stands for the same statement.
void take_over(Session& session, std::string const& name, std::string const& sql, StatementWait& wait, bool outside,
               PgError const& error) {
  if (session.prepared().find(name) != nullptr) throw PgError{error};
  if (!outside) {
    session.prepared().set(name, sql, State::doubtful);
    throw_retryable(error);
  }
  if (text_on_server(session, name, wait) != sql) throw PgError{error};
  session.prepared().set(name, sql, State::ready);
}

}  // namespace

void prepare_statement(Session& session, std::string const& name, std::string const& sql, StatementWait& wait) {
  session.require_usable();
  auto* const known = session.prepared().find(name);
  if (known != nullptr && !in_failed_transaction(session)) {
    if (known->state == State::doubtful) settle_doubt(session, name, *known, wait);
    if (known->state == State::ready && known->text == sql) return;
    if (known->state == State::outdated) deallocate(session, name, wait);
  }
  bool const outside = session.outside_transaction();
  try {
    send_prepare(session, name, sql, wait);
  } catch (PgError const& error) {
    if (error.sqlstate() != "42P05") throw;
    take_over(session, name, sql, wait, outside, error);
  }
}

void make_ready(Session& session, std::string const& name, StatementWait& wait, bool certain) {
  session.require_usable();
  auto* const known = session.prepared().find(name);
  if (known == nullptr || known->state == State::ready || in_failed_transaction(session)) return;
  if (known->state == State::doubtful) {
    // Outside of a transaction the statement itself shows it, and its failure does no harm.
    if (session.outside_transaction() && !certain) return;
    settle_doubt(session, name, *known, wait);
  }
  if (known->state == State::ready) return;
  auto const text = known->text;
  if (known->state == State::outdated) deallocate(session, name, wait);
  send_prepare(session, name, text, wait);
}

bool note_failure(Session& session, std::string const& name, PgError const& error) {
  auto* const known = session.prepared().find(name);
  // If there is a context, the error comes from something that the statement called.
  if (known == nullptr || !error.pg().context.empty()) return false;
  bool const gone = error.sqlstate() == "26000";
  // The server's function tells in every language; its message counts in case a pooler drops the function.
  bool const outdated = error.sqlstate() == "0A000" &&
                        (error.pg().routine == "RevalidateCachedQuery" ||
                         error.message().find("cached plan must not change result type") != std::string::npos);
  if (gone) known->state = State::gone;
  if (outdated) known->state = State::outdated;
  return gone || outdated;
}

void throw_retryable(PgError const& error) {
  auto facts = error.facts();
  facts.retryable = true;
  throw_failure({error.pg(), std::move(facts)});
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
