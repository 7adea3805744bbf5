#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <libpq-fe.h>

#include <lakebase/pq/connection_parameters.hpp>
#include <lakebase/pq/credential_provider.hpp>

#include "pq/session/pg_facts.hpp"
#include "pq/session/session.hpp"
#include "pq/steps/cancel_key_posix.hpp"
#include "pq/steps/step.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// One attempt to log in.
struct Dial {
  ConnectionParameters parameters{};
  /// Used instead of a lookup of the host; empty: libpq looks it up, which blocks.
  std::vector<std::string> addresses{};
  LoginSecret secret{};
  Moment deadline{};
  std::stop_token stop{};
  NoticeHandler on_notice{};
};

/// The result of an attempt: a session, or a failure.
struct Dialled {
  std::unique_ptr<Session> session{};
  Failure failure{};
  /// Whether the server had requested the password.
  bool password_sent = false;
  /// Whether a stop request ended it.
  bool stopped = false;
};

/// One attempt to log in, as a step. Its constructor looks the host up if there are no addresses, which blocks.
class DialStep {
 public:
  explicit DialStep(Dial what);

  [[nodiscard]] std::optional<Wait> next(Woken woken);
  /// The result, once the step is done.
  [[nodiscard]] Dialled take() noexcept { return std::move(result_); }

 private:
  using Handle = std::unique_ptr<PGconn, decltype(&PQfinish)>;

  static Handle start(Dial const& what);
  bool ended() const;
  std::nullopt_t fail(std::string message);
  std::nullopt_t finish();

  Dial what_;
  Handle handle_;
  CancelKeyTap tap_;
  PostgresPollingStatusType wanted_ = PGRES_POLLING_WRITING;
  bool begun_ = false;
  Dialled result_{};
};

/// Makes one attempt, in this thread. @throws Cancelled
Dialled dial(Dial const& what);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
