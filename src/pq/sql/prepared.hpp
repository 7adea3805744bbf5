#pragma once

#include <string>

#include <lakebase/pq/error.hpp>

#include "pq/session/session.hpp"

// Prepared statements whose names heal: what the server has dropped or refuses to run is prepared anew, where no
// transaction was harmed by it.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Prepares a statement, unless the same text is prepared under the name.
void prepare_statement(Session& session, std::string const& name, std::string const& sql, StatementWait& wait);

/// Prepares what is known under the name anew where it is known not to work. `certain`: asks the server where that is
/// doubtful, also outside of a transaction.
void make_ready(Session& session, std::string const& name, StatementWait& wait, bool certain);

/// Whether the error says that the name, and not what it stands for, is the trouble. Then the name's next use prepares
/// it anew.
bool note_failure(Session& session, std::string const& name, PgError const& error);

/// The error with the mark that the same may succeed later.
[[noreturn]] void throw_retryable(PgError const& error);

/// Runs a function that uses a prepared statement. Outside of a transaction, where the failure of a name undoes
/// nothing, it is run once more with the name prepared anew; inside, the error is retryable.
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
