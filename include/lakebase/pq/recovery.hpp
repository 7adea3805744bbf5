#pragma once

#include <string_view>

#include <lakebase/pq/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// What to do about a connection that was not made.
enum class ConnectRecovery {
  retry,         ///< The server is starting, stopping, moving or being woken: retry soon.
  retry_slowly,  ///< There are too many connections: retry after a second or more, and open no others.
  retry_name,    ///< The host name is not known yet: retry for a short time, then use another resolver.
  new_token,     ///< The token was refused: mint a new one and retry once.
  never,         ///< It will fail again.
};

/// What to do about a statement that failed.
enum class StatementRecovery {
  replay,     ///< The transaction was rolled back by the server and may be run again: 40001, 40P01.
  reconnect,  ///< The session is lost; what may be repeated depends on what was under way.
  reroute,    ///< The server or transaction is read-only; `Error::retryable` tells whether the primary may help. 25006.
  never,      ///< The statement or its caller has to change.
};

/// Reads the failure of a login. The text decides if there is no SQLSTATE, or if it says more than that.
[[nodiscard]] LAKEBASE_PQ_EXPORT ConnectRecovery classify_connect(std::string_view sqlstate, std::string_view message);
/// Reads the failure of a statement. `broken`: the connection did not survive it, which no SQLSTATE shows.
[[nodiscard]] LAKEBASE_PQ_EXPORT StatementRecovery classify_statement(std::string_view sqlstate, bool broken);

/// One sentence on what to do, for people; empty if nothing is known that would help.
[[nodiscard]] LAKEBASE_PQ_EXPORT std::string_view hint_for(std::string_view sqlstate, std::string_view message);

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
