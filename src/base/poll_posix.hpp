#pragma once

#include <poll.h>

#include <chrono>
#include <optional>
#include <span>
#include <stop_token>

#include <lakebase/export.hpp>

#include "base/file_descriptor_posix.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

enum class PollOutcome { ready, timeout, stopped };

/// Waits for descriptors until a deadline or a stop request. Those two are checked first, so that a loop of waits ends
/// in time however busy its descriptors are. One thread at a time.
class LAKEBASE_EXPORT Poller {
 public:
  /// Opens the pipe by which a stop request wakes a wait, which the first wait with a stop token does otherwise. False
  /// if no descriptor is left.
  bool open() noexcept;

  /// Waits until one of the files is ready, as their `revents` tell; an error on one of them counts as ready. The first
  /// element is the poller's own, whatever it holds. Negative descriptors are skipped; if there are no others, this
  /// returns `ready` at once, and the next read reports the error. No deadline: for ever.
  /// @throws std::system_error if no descriptor is left for the pipe that wakes the wait
  PollOutcome wait(std::span<pollfd> files, std::optional<std::chrono::steady_clock::time_point> deadline,
                   std::stop_token const& stop);

 private:
  void silence() const noexcept;

  std::optional<Pipe> bell_{};  // a stop request writes into it
};

/// Whether a read would return at once, if only with the end or an error. Costs one system call.
LAKEBASE_EXPORT bool has_input(int file) noexcept;

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
