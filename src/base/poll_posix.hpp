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

/// Waits for descriptors, for no longer than a deadline, and not past a stop request: those two are looked at first, so
/// that a loop that waits again and again ends with them, however busy its descriptors are. One thread at a time.
class LAKEBASE_EXPORT Poller {
 public:
  /// Opens what a stop request wakes a wait by; the first wait with a stop token does it if nobody has before. False if
  /// no descriptor is left.
  bool open() noexcept;

  /// Waits until one of the files is ready, as their `revents` tell; an error on one of them counts as ready. The first
  /// place is the poller's own, whatever it holds, and one below zero is passed over; if all others are, there is
  /// nothing to wait for, and the next read tells. No deadline: for ever.
  /// @throws std::system_error if no descriptor is left to be woken by
  PollOutcome wait(std::span<pollfd> files, std::optional<std::chrono::steady_clock::time_point> deadline,
                   std::stop_token const& stop);

 private:
  void silence() const noexcept;

  std::optional<Pipe> bell_{};  // a stop request writes into it
};

/// Whether something can be read at once, if only the end or an error. Costs one system call.
LAKEBASE_EXPORT bool has_input(int file) noexcept;

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
