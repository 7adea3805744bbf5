#pragma once

#include <utility>

#include <lakebase/pq/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

class Session;

/// A share in a session. A connection has one, and so has all that is made from it: the session is closed, or returned
/// to its pool, when the last one is destroyed.
class SessionHold {
 public:
  SessionHold() noexcept = default;
  /// Takes over the share that a session is made with.
  explicit SessionHold(Session* session) noexcept : session_(session) {}
  ~SessionHold() {
    if (session_ != nullptr) drop(session_);
  }
  SessionHold(SessionHold&& other) noexcept : session_(std::exchange(other.session_, nullptr)) {}
  SessionHold& operator=(SessionHold other) noexcept {
    std::swap(session_, other.session_);
    return *this;
  }

  /// Another share.
  [[nodiscard]] LAKEBASE_PQ_EXPORT SessionHold share() const noexcept;

  [[nodiscard]] Session* get() const noexcept { return session_; }
  Session& operator*() const noexcept { return *session_; }
  Session* operator->() const noexcept { return session_; }
  explicit operator bool() const noexcept { return session_ != nullptr; }

 private:
  LAKEBASE_PQ_EXPORT static void drop(Session* session) noexcept;

  Session* session_ = nullptr;
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
