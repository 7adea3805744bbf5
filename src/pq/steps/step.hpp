#pragma once

#include <chrono>
#include <optional>

// What talks to a server does so in steps, none of which blocks. A step is an object with
//
//     std::optional<Wait> next(Woken woken);
//
// which does all that can be done at once and returns what it waits for then; null once it is done. The object says
// what came of it. The library drives its steps by `drive` (pq/session/drive.hpp), in the thread of the caller. An
// executor of another library, with an event loop, coroutines or many sessions on one thread, drives them so:
//
//   1. Call `next({})` to begin.
//   2. While a Wait is returned: wait until its socket is ready, its `until` has come, or, if it is `stoppable`, the
//      caller wants an end. Call `next` with the one that came. The socket may be another one after each call, and it
//      may be closed then: do not keep it registered beyond the wait. One that is below zero counts as ready.
//   3. Look for the stop request and at the clock before the socket. A peer that always has something to say would keep
//      a step past its end otherwise.
//
// A step is called by one thread at a time, as is the session that it belongs to, and not after it is done. It may be
// destroyed at any moment, but a session whose statement was not read to its end is of no use then: end it by a
// RollBackStep, or destroy it too. What `next` throws is a lack of memory or of descriptors.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

using Moment = std::chrono::steady_clock::time_point;

/// What a step waits for: any of these.
struct Wait {
  int socket = -1;
  bool read = false;
  bool write = false;
  /// No longer than this; unset: without end.
  std::optional<Moment> until{};
  /// Whether a stop request of the caller ends it too.
  bool stoppable = false;

  friend bool operator==(Wait const&, Wait const&) = default;
};

/// What ended a wait. An error on a socket counts as ready, and so does a socket that is closed already.
enum class Readiness { ready, timeout, stopped };

/// What a step is told of the wait that it asked for last; by default, at its begin.
struct Woken {
  Readiness by = Readiness::ready;
  /// The time; unset: the steady clock's, read only if the step needs it.
  std::optional<Moment> at{};

  [[nodiscard]] Moment now() const noexcept { return at ? *at : std::chrono::steady_clock::now(); }
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
