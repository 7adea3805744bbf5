#include "data_plane/housekeeper.hpp"

#include <algorithm>
#include <utility>

namespace lakebase::emulator {

Housekeeper::Housekeeper(Timekeeper& time, std::function<std::vector<std::shared_ptr<Compute>>()> computes)
    : time_(time),
      computes_(std::move(computes)),
      entry_(time.add({.next = [this] { return next(); }, .run = [this] { run(); }, .pause = Duration::zero()})) {}

void Housekeeper::poke() {
  {
    std::lock_guard lock{mutex_};
    news_ = true;
  }
  time_.poke();
}

std::optional<TimePoint> Housekeeper::next() {
  std::lock_guard lock{mutex_};
  return news_ ? time_.now() : next_;
}

void Housekeeper::run() {
  {
    std::lock_guard lock{mutex_};
    news_ = false;
  }
  std::optional<TimePoint> next;
  for (auto const& compute : computes_()) {
    compute->refresh();
    if (auto const due = compute->suspend_if_idle()) next = std::min(next.value_or(*due), *due);
  }
  std::lock_guard lock{mutex_};
  next_ = next;
}

}  // namespace lakebase::emulator
