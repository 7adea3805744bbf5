#include "pq/cancel.hpp"

#include <array>
#include <memory>

namespace lakebase::inline v0::pq::detail {

#if defined(LIBPQ_HAS_ASYNC_CANCEL)

void send_cancel(PGconn* connection, SocketWaiter& waiter, std::chrono::steady_clock::time_point deadline) noexcept {
  std::unique_ptr<PGcancelConn, decltype(&PQcancelFinish)> const request{PQcancelCreate(connection), &PQcancelFinish};
  if (!request || PQcancelStart(request.get()) == 0) return;
  auto next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
    bool const writing = next == PGRES_POLLING_WRITING;
    SocketEvents const events{.read = !writing, .write = writing};
    if (waiter.wait(PQcancelSocket(request.get()), events, deadline, {}) != Readiness::ready) return;
    next = PQcancelPoll(request.get());
  }
}

#else

void send_cancel(PGconn* connection, SocketWaiter&, std::chrono::steady_clock::time_point) noexcept {
  std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> const request{PQgetCancel(connection), &PQfreeCancel};
  std::array<char, 256> complaint{};
  if (request) PQcancel(request.get(), complaint.data(), static_cast<int>(complaint.size()));
}

#endif

}  // namespace lakebase::inline v0::pq::detail
