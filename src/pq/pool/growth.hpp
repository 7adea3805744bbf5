#pragma once

#include <chrono>

#include "pq/pool/pooled_connection.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// How many connections a pool has, and whether it may open one more. Has no lock, no clock and no socket of its own.
///
/// As long as the server is not known to be awake, one connection is opened at a time: one caller wakes the server, or
/// finds out that it is down, and the others wait for that. After "too many connections" the pool does not grow for a
/// second.
class Growth {
 public:
  static constexpr std::chrono::nanoseconds crowd_pause = std::chrono::seconds{1};

  explicit Growth(int max_size) noexcept : max_size_(max_size) {}

  /// Whether a connection may be opened at `now`.
  bool may_open(Moment now) const noexcept;
  /// Takes a place for a connection that is about to be opened. Its outcome is `opened`, `failed` or `crowded`.
  void start() noexcept;
  void opened() noexcept;
  /// It could not be opened; its place is free again.
  void failed() noexcept;
  /// The server has too many connections; its place is free again, but must not be used for a while.
  void crowded(Moment now) noexcept;
  /// `count` open connections were closed.
  void closed(int count) noexcept { open_ -= count; }
  /// The server has ended a session: it may be asleep.
  void lost() noexcept { awake_ = false; }

  int max_size() const noexcept { return max_size_; }
  /// How many are open or being opened.
  int open() const noexcept { return open_; }
  int opening() const noexcept { return opening_; }
  /// Whether the server is known to be awake.
  bool awake() const noexcept { return awake_; }
  /// Until when the pool must not grow.
  Moment paused_until() const noexcept { return paused_until_; }

 private:
  int max_size_;
  int open_ = 0;
  int opening_ = 0;
  bool awake_ = false;
  Moment paused_until_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
