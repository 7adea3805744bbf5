#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <poll.h>

#include "fake_server.hpp"
#include "pq/session/dial.hpp"
#include "pq/steps/step.hpp"

// For tests that feed a step by hand with what woke it.

namespace lakebase::tests {

/// Some moment of the tests' own, far from all real ones.
inline constexpr pq::detail::Moment some_moment{std::chrono::hours{1'000'000}};

inline constexpr pq::detail::Woken begin{};
inline constexpr pq::detail::Woken ready{.by = pq::detail::Readiness::ready, .at = some_moment};
inline constexpr pq::detail::Woken timeout{.by = pq::detail::Readiness::timeout, .at = some_moment};
inline constexpr pq::detail::Woken stopped{.by = pq::detail::Readiness::stopped, .at = some_moment};

/// Whether what a step waits for comes within a time.
inline bool comes(pq::detail::Wait const& wait, std::chrono::milliseconds within = std::chrono::seconds{10}) {
  pollfd descriptor{wait.socket, static_cast<short>((wait.read ? POLLIN : 0) | (wait.write ? POLLOUT : 0)), 0};
  return wait.socket < 0 || ::poll(&descriptor, 1, static_cast<int>(within.count())) > 0;
}

/// Lets what a step waits for come, as long as `goes_on` says so of its wait. Returns what it waits for then.
template <class Step, class GoesOn>
std::optional<pq::detail::Wait> feed(Step& step, std::optional<pq::detail::Wait> wait, GoesOn&& goes_on) {
  while (wait && goes_on(*wait)) {
    if (comes(*wait, std::chrono::milliseconds{10})) wait = step.next(ready);
  }
  return wait;
}

/// To the end.
template <class Step>
void feed(Step& step, std::optional<pq::detail::Wait> wait) {
  feed(step, wait, [](pq::detail::Wait const&) { return true; });
}

inline pq::detail::Dial dial_to(FakeServer const& server) {
  return {.parameters = server.source(nullptr).parameters,
          .secret = {"planted-token-1", true},
          .deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20}};
}

/// A session that is logged in.
inline std::unique_ptr<pq::detail::Session> session_at(FakeServer const& server) {
  return std::move(pq::detail::dial(dial_to(server)).session);
}

/// Begins a statement.
inline void send(pq::detail::Session& session, std::string const& sql) {
  session.start([&](PGconn* connection) { return PQsendQuery(connection, sql.c_str()); });
}

/// Answers a statement once so many requests to cancel have come.
inline std::optional<std::string> end_when_cancelled(FakeServer const& server, char transaction_status = 'I',
                                                     int cancels = 1) {
  while (server.cancels() < cancels) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  return error_message("ERROR", "57014", "canceling statement due to user request") +
         message('Z', std::string(1, transaction_status));
}

}  // namespace lakebase::tests
