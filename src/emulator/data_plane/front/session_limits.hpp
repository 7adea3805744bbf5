#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "common/timekeeper.hpp"

namespace lakebase::emulator {

/// Ends the sessions that have been idle for a day, and those that are three days old, as the service does; by the
/// emulator's time. Thread-safe.
class SessionLimits {
 public:
  /// How a session is to end: with the words for an idle one, with those for an old one, or without any, because the
  /// client does not take them.
  enum class Ending { idle, old, at_once };

  explicit SessionLimits(Timekeeper& time);
  SessionLimits(SessionLimits const&) = delete;
  SessionLimits& operator=(SessionLimits const&) = delete;

  /// A session, from when it is served until the client has been told of its end.
  class Watch {
   public:
    /// @param end makes the session end, without waiting for that; called from another thread, perhaps when the watch
    /// is over already
    Watch(std::shared_ptr<SessionLimits> limits, std::function<void(Ending)> end);
    ~Watch();
    Watch(Watch const&) = delete;
    Watch& operator=(Watch const&) = delete;

    void note_traffic(TimePoint when) noexcept { session_->last_traffic = when.time_since_epoch().count(); }

   private:
    friend class SessionLimits;
    struct Session {
      TimePoint opened;
      std::function<void(Ending)> end;
      std::atomic<Duration::rep> last_traffic;
      bool told = false;
    };
    std::shared_ptr<SessionLimits> limits_;
    std::shared_ptr<Session> session_;
  };

  void stop() { entry_.remove(); }

 private:
  using SessionPtr = std::shared_ptr<Watch::Session>;
  struct End {
    TimePoint due;
    Ending ending;
  };

  static End end_of(Watch::Session const& session);
  void enter(SessionPtr const& session);
  void leave(SessionPtr const& session);
  std::optional<TimePoint> next();
  void run();

  Timekeeper& time_;
  std::mutex mutex_;
  std::condition_variable left_;
  std::set<SessionPtr> sessions_;
  /// No session is due before: traffic only puts that off.
  std::optional<TimePoint> next_;
  Timekeeper::Entry entry_;
};

}  // namespace lakebase::emulator
