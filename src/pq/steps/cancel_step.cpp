#include "pq/steps/cancel_step.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

std::string text_of(char const* text) {
  return text == nullptr ? std::string{} : std::string{text};
}

// A setting that the session was dialled with.
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
  // As in libpq: naming authorities implies that the certificate is checked.
  request.check_chain = request.check_host || mode == "verify-ca" || !request.root_file.empty();
  put_number(request, 0, static_cast<std::uint32_t>(request.message.size()));
  put_number(request, 4, cancel_code);
  put_number(request, 8, static_cast<std::uint32_t>(key.pid));
  put_number(request, 12, static_cast<std::uint32_t>(key.secret));
  return request;
}

}  // namespace

std::optional<Wait> LibpqCancelStep::next(Woken woken) {
  if (woken.by != Readiness::ready) return std::nullopt;
  auto const state = go_on();
  if (state == PGRES_POLLING_OK) outcome_ = CancelOutcome::taken;
  if (state == PGRES_POLLING_FAILED || state == PGRES_POLLING_OK) {
    // If the server hangs up without closing TLS, libpq reports an error, but the request was taken.
    if (outcome_ == CancelOutcome::no_response) outcome_ = CancelOutcome::taken;
    return std::nullopt;
  }
  bool const sent = PQcancelStatus(request_.get()) == CONNECTION_AWAITING_RESPONSE;
  outcome_ = sent ? CancelOutcome::no_response : CancelOutcome::not_sent;
  bool const writing = state == PGRES_POLLING_WRITING;
  return Wait{.socket = PQcancelSocket(request_.get()), .read = !writing, .write = writing, .until = until_};
}

PostgresPollingStatusType LibpqCancelStep::go_on() {
  if (request_) return PQcancelPoll(request_.get());
  request_ = {PQcancelCreate(connection_), &PQcancelFinish};
  return request_ && PQcancelStart(request_.get()) == 1 ? PGRES_POLLING_WRITING : PGRES_POLLING_FAILED;
}

CancelStep::CancelStep(PGconn* connection, std::optional<CancelKey> const& key, Moment until) {
  if (libpq_sends_cancels()) {
    by_libpq_.emplace(connection, until);
  } else if (key && key->pid == PQbackendPID(connection)) {
    by_ourselves_.emplace(request_for(connection, *key), until);
  }
}

std::optional<Wait> CancelStep::next(Woken woken) noexcept {
  try {
    if (by_libpq_) return by_libpq_->next(woken);
    return by_ourselves_ ? by_ourselves_->next(woken) : std::nullopt;
  } catch (...) {  // no memory
    return std::nullopt;
  }
}

CancelOutcome CancelStep::outcome() const noexcept {
  if (by_libpq_) return by_libpq_->outcome();
  return by_ourselves_ ? by_ourselves_->outcome() : CancelOutcome::not_sent;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
