#pragma once

#include <libpq-fe.h>

// Functions of newer libpqs than the one whose headers this library is built with. The symbols are weak: built with the
// headers of libpq 14 to 16, this library runs with those, where the symbols are null, and uses the functions if libpq
// 17 or later is loaded instead. Weak references are resolved at load time only in position-independent code, which
// src/pq/CMakeLists.txt sets.

#if !defined(LIBPQ_HAS_ASYNC_CANCEL)

extern "C" {

typedef struct pg_cancel_conn PGcancelConn;

// libpq 17: a cancel request that uses TLS if its session does, and never blocks.
[[gnu::weak]] PGcancelConn* PQcancelCreate(PGconn* connection);
[[gnu::weak]] int PQcancelStart(PGcancelConn* request);
[[gnu::weak]] PostgresPollingStatusType PQcancelPoll(PGcancelConn* request);
[[gnu::weak]] ConnStatusType PQcancelStatus(PGcancelConn const* request);
[[gnu::weak]] int PQcancelSocket(PGcancelConn const* request);
[[gnu::weak]] void PQcancelFinish(PGcancelConn* request);

}  // extern "C"

#endif

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Whether the loaded libpq has `PQcancelCreate` and its companions.
inline bool libpq_sends_cancels() noexcept {
#if defined(LIBPQ_HAS_ASYNC_CANCEL)
  return true;
#else
  return PQcancelCreate != nullptr;
#endif
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
