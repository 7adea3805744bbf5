#pragma once

#include <memory>
#include <optional>

#include <libpq-fe.h>

#include "pq/steps/cancel_key_posix.hpp"
#include "pq/steps/cancel_request_posix.hpp"
#include "pq/steps/libpq_newer.hpp"
#include "pq/steps/step.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// A cancel request that libpq 17 or later sends.
class LibpqCancelStep {
 public:
  LibpqCancelStep(PGconn* connection, Moment until) noexcept : connection_(connection), until_(until) {}

  [[nodiscard]] std::optional<Wait> next(Woken woken);
  [[nodiscard]] CancelOutcome outcome() const noexcept { return outcome_; }

 private:
  PostgresPollingStatusType go_on();

  PGconn* connection_;
  Moment until_;
  std::unique_ptr<PGcancelConn, void (*)(PGcancelConn*)> request_{nullptr, nullptr};
  CancelOutcome outcome_ = CancelOutcome::not_sent;
};

/// Requests the server to cancel the statement that runs on `connection`, over a connection of its own, which is as
/// secure as the session's. Is done by `until`, whatever the server does. libpq 17 and later do it themselves; before
/// that `key` is needed, and without one nothing is sent. `PQcancel` is never used: it sends plain text, and waits
/// without end for a server that does not hang up. See docs/adr/0006-cancel.md. `connection` must outlive it.
class CancelStep {
 public:
  CancelStep(PGconn* connection, std::optional<CancelKey> const& key, Moment until);

  [[nodiscard]] std::optional<Wait> next(Woken woken) noexcept;
  /// The outcome so far.
  [[nodiscard]] CancelOutcome outcome() const noexcept;

 private:
  // One of these two, or none if no request can be sent.
  std::optional<LibpqCancelStep> by_libpq_{};
  std::optional<CancelRequestStep> by_ourselves_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
