#include "data_plane/front/session_limits.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace lakebase::emulator {
namespace {

using namespace std::chrono_literals;

constexpr Duration longest_session_idle = 24h;
constexpr Duration longest_session_life = 72h;
/// Then a client is cut off that has not taken its last message.
constexpr auto session_farewell_limit = 5s;

}  // namespace

SessionLimits::SessionLimits(Timekeeper& time)
    : time_(time),
      entry_(time.add({.next = [this] { return next(); }, .run = [this] { run(); }, .pause = Duration::zero()})) {}

SessionLimits::Watch::Watch(std::shared_ptr<SessionLimits> limits, std::function<void(Ending)> end)
    : limits_(std::move(limits)), session_(std::make_shared<Session>()) {
  session_->opened = limits_->time_.now();
  session_->end = std::move(end);
  note_traffic(session_->opened);
  limits_->enter(session_);
}

SessionLimits::Watch::~Watch() {
  limits_->leave(session_);
}

void SessionLimits::enter(SessionPtr const& session) {
  auto const due = end_of(*session).due;
  std::lock_guard const lock{mutex_};
  sessions_.insert(session);
  next_ = std::min(next_.value_or(due), due);
}

void SessionLimits::leave(SessionPtr const& session) {
  std::lock_guard const lock{mutex_};
  sessions_.erase(session);
  if (session->told) left_.notify_all();
}

SessionLimits::End SessionLimits::end_of(Watch::Session const& session) {
  End const idle{TimePoint{Duration{session.last_traffic}} + longest_session_idle, Ending::idle};
  End const old{session.opened + longest_session_life, Ending::old};
  return old.due <= idle.due ? old : idle;
}

std::optional<TimePoint> SessionLimits::next() {
  std::lock_guard const lock{mutex_};
  return next_;
}

void SessionLimits::run() {
  std::vector<std::pair<SessionPtr, Ending>> ending;
  std::unique_lock lock{mutex_};
  next_.reset();
  for (auto const& session : sessions_) {
    auto const end = end_of(*session);
    if (session->told) continue;
    if (end.due <= time_.now()) {
      session->told = true;
      ending.emplace_back(session, end.ending);
    } else {
      next_ = std::min(next_.value_or(end.due), end.due);
    }
  }
  lock.unlock();
  for (auto const& [session, how] : ending) session->end(how);
  lock.lock();
  // Whoever moves the time ahead finds them ended.
  left_.wait_for(lock, session_farewell_limit, [&] {
    std::erase_if(ending, [&](auto const& one) { return !sessions_.contains(one.first); });
    return ending.empty();
  });
  lock.unlock();
  for (auto const& [session, how] : ending) session->end(Ending::at_once);
}

}  // namespace lakebase::emulator
