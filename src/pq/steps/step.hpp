#pragma once

#include <chrono>
#include <optional>

// What talks to a server does so in steps, none of which blocks. A step is an object with
//
//     std::optional<Wait> next(Woken woken);
//
// which does all that can be done at once and then returns what it waits for; null once it is done. The object holds
// the result. The library drives its steps by `drive` (pq/session/drive.hpp), in the thread of the caller. An executor
// of another library, with an event loop, coroutines or many sessions on one thread, drives them like this:
//
//   1. Call `next({})` to begin.
//   2. While a Wait is returned: wait until its socket is ready, its `until` has come, or, if it is `stoppable`, the
//      caller requests a stop. Call `next` with the one that came. After each call the socket may be another one, or
//      closed: do not keep it registered beyond the wait. A negative socket counts as ready.
//   3. Check the stop request and the clock before the socket. Otherwise a peer that keeps sending would keep a step
//      going past its end.
//
// A step is called by one thread at a time, as is the session that it belongs to, and not after it is done. It may be
// destroyed at any moment, but then a session whose statement was not read to its end is not usable: end it by a
// RollBackStep, or destroy it too. `next` throws only if there is no memory or no descriptor left.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

using Moment = std::chrono::steady_clock::time_point;

/// What a step waits for: the first of these.
struct Wait {
  int socket = -1;
  bool read = false;
  bool write = false;
  /// The end of the wait; unset: none.
  std::optional<Moment> until{};
  /// Whether a stop request of the caller also ends it.
  bool stoppable = false;

  friend bool operator==(Wait const&, Wait const&) = default;
};

/// What ended a wait. A socket with an error counts as ready, and so does one that is closed already.
enum class Readiness { ready, timeout, stopped };

/// What a step is told about its last wait; by default, that it begins.
struct Woken {
  Readiness by = Readiness::ready;
  /// The time; unset: the steady clock's, read only if the step needs it.
  std::optional<Moment> at{};

  [[nodiscard]] Moment now() const noexcept { return at ? *at : std::chrono::steady_clock::now(); }
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
