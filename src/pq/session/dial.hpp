#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <lakebase/pq/connection_parameters.hpp>
#include <lakebase/pq/credential_provider.hpp>

#include "pq/session/pg_facts.hpp"
#include "pq/session/session.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// One attempt to log in.
struct Dial {
  ConnectionParameters parameters{};
  /// Instead of a lookup of the host; empty: libpq looks it up, which blocks.
  std::vector<std::string> addresses{};
  LoginSecret secret{};
  std::chrono::steady_clock::time_point deadline{};
  std::stop_token stop{};
  NoticeHandler on_notice{};
};

/// What came of it: a session, or a failure.
struct Dialled {
  std::unique_ptr<Session> session{};
  Failure failure{};
  /// The server had asked for the password.
  bool password_sent = false;
};

/// Tries once. @throws Cancelled
Dialled dial(Dial const& what);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
