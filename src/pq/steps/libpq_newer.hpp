#pragma once

#include <libpq-fe.h>

// What newer libpqs add to the one whose headers this library is built with. The symbols are weak: built once with the
// headers of libpq 14 to 16, this library runs on those, where they are null, and makes use of libpq 17 and later where
// a program finds that one instead. Weak references are looked up at load time only in position-independent code, which
// src/pq/CMakeLists.txt asks for.

#if !defined(LIBPQ_HAS_ASYNC_CANCEL)

extern "C" {

typedef struct pg_cancel_conn PGcancelConn;

// libpq 17: a request to cancel that goes over TLS where its session does, and blocks nowhere.
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

/// Whether the libpq at hand has `PQcancelCreate` and what belongs to it.
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
