#pragma once

#include <string>

#include <lakebase/pq/error.hpp>

#include "pq/session/session.hpp"

// Prepared statements that repair themselves: what the server has dropped or refuses to run is prepared again, unless a
// transaction has failed by it.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Prepares a statement, unless the same text is prepared under the name.
void prepare_statement(Session& session, std::string const& name, std::string const& sql, StatementWait& wait);

/// Prepares the statement of that name again if it is known not to work. `certain`: if that is doubtful, looks it up on
/// the server, even outside of a transaction.
void make_ready(Session& session, std::string const& name, StatementWait& wait, bool certain);

/// Whether the error is about the name and not about the statement itself. Then the name's next use prepares it again.
bool note_failure(Session& session, std::string const& name, PgError const& error);

/// Throws the error, marked as retryable.
[[noreturn]] void throw_retryable(PgError const& error);

/// Runs a function that uses a prepared statement. If the name fails outside of a transaction, where that undoes
/// nothing, the function is run once more with the name prepared again; inside of one, the error is retryable.
template <class Function>
auto with_name(Session& session, std::string const& name, StatementWait& wait, Function&& function) {
  make_ready(session, name, wait, false);
  bool const outside = session.outside_transaction();
  try {
    return function();
  } catch (PgError const& error) {
    if (!note_failure(session, name, error)) throw;
    if (!outside) throw_retryable(error);
  }
  make_ready(session, name, wait, false);
  return function();
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
