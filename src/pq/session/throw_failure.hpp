#pragma once

#include "pq/session/pg_facts.hpp"

// The only place that knows which SQLSTATE has a type of its own.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Throws what the server said of a statement, in a session that lives: PgError, or what is below it for the SQLSTATE.
[[noreturn]] void throw_failure(Failure failure);
/// Throws what ended the attempts to log in: ConnectionError, or what is below it for the failure.
[[noreturn]] void throw_login_failure(Failure failure);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
