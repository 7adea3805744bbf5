#include "pq/session/cancel.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "pq/session/libpq_newer.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using Moment = std::chrono::steady_clock::time_point;

std::string text_of(char const* text) {
  return text == nullptr ? std::string{} : std::string{text};
}

// What the session was dialled with.
std::string setting(PQconninfoOption const* options, std::string_view keyword) {
  for (auto const* option = options; option != nullptr && option->keyword != nullptr; ++option) {
    if (keyword == option->keyword) return text_of(option->val);
  }
  return {};
}

void put_number(CancelRequest& request, std::size_t at, std::uint32_t number) {
  for (std::size_t i = 0; i < 4; ++i) {
    request.message[at + i] = static_cast<unsigned char>(number >> (24U - 8U * static_cast<unsigned>(i)));
  }
}

CancelRequest request_for(PGconn* connection, CancelKey const& key) {
  constexpr std::uint32_t cancel_code = 80877102;
  CancelRequest request;
  request.address = text_of(PQhostaddr(connection));
  request.port = text_of(PQport(connection));
  request.host = text_of(PQhost(connection));
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> const options{PQconninfo(connection), &PQconninfoFree};
  auto const mode = setting(options.get(), "sslmode");
  request.root_file = setting(options.get(), "sslrootcert");
  request.with_tls = PQsslInUse(connection) != 0;
  request.check_host = mode == "verify-full";
  // As libpq does it: whoever names authorities means to have the certificate checked.
  request.check_chain = request.check_host || mode == "verify-ca" || !request.root_file.empty();
  put_number(request, 0, static_cast<std::uint32_t>(request.message.size()));
  put_number(request, 4, cancel_code);
  put_number(request, 8, static_cast<std::uint32_t>(key.pid));
  put_number(request, 12, static_cast<std::uint32_t>(key.secret));
  return request;
}

CancelOutcome send_by_libpq(PGconn* connection, SocketWaiter& waiter, Moment until) {
  std::unique_ptr<PGcancelConn, decltype(&PQcancelFinish)> const request{PQcancelCreate(connection), &PQcancelFinish};
  if (!request || PQcancelStart(request.get()) == 0) return CancelOutcome::not_sent;
  bool sent = false;
  auto next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
    bool const writing = next == PGRES_POLLING_WRITING;
    SocketEvents const events{.read = !writing, .write = writing};
    sent = PQcancelStatus(request.get()) == CONNECTION_AWAITING_RESPONSE;
    if (waiter.wait(PQcancelSocket(request.get()), events, until, {}) != Readiness::ready) {
      return sent ? CancelOutcome::unanswered : CancelOutcome::not_sent;
    }
    next = PQcancelPoll(request.get());
  }
  // A server that hangs up without a goodbye of TLS makes libpq complain, but has taken the request.
  return sent || next == PGRES_POLLING_OK ? CancelOutcome::taken : CancelOutcome::not_sent;
}

}  // namespace

CancelOutcome send_cancel(PGconn* connection, std::optional<CancelKey> const& key, SocketWaiter& waiter,
                          Moment until) noexcept {
  try {
    if (libpq_sends_cancels()) return send_by_libpq(connection, waiter, until);
    if (!key || key->pid != PQbackendPID(connection)) return CancelOutcome::not_sent;
    return send_cancel_request(request_for(connection, *key), waiter, until);
  } catch (...) {
    return CancelOutcome::not_sent;
  }
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
