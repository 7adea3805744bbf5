#include "data_plane/starter.hpp"

#include <cstddef>
#include <utility>

namespace lakebase::emulator {
namespace {

using namespace std::chrono_literals;

/// Longer than a client takes to notice that a branch is ready and to request the next one.
constexpr auto quiet_time = 200ms;
constexpr std::size_t most_waiting = 2;

}  // namespace

Starter::Starter(Timekeeper& time)
    : time_(time),
      entry_(time.add({.next = [this] { return next(); }, .run = [this] { run(); }, .pause = Duration::zero()})) {}

Starter::Hold::Hold(Starter& starter) : starter_(starter) {
  std::lock_guard lock{starter_.mutex_};
  ++starter_.holds_;
}

Starter::Hold::~Hold() {
  {
    std::lock_guard lock{starter_.mutex_};
    --starter_.holds_;
    starter_.quiet_since_ = starter_.time_.now();
  }
  starter_.time_.poke();
}

void Starter::add(std::shared_ptr<Compute> compute) {
  compute->want_start();
  std::shared_ptr<Compute> dropped;
  {
    std::lock_guard lock{mutex_};
    std::erase(waiting_, compute);
    waiting_.push_back(std::move(compute));
    if (waiting_.size() > most_waiting) {
      dropped = std::move(waiting_.front());
      waiting_.pop_front();
    }
  }
  if (dropped) dropped->forget_start();
  time_.poke();
}

std::optional<TimePoint> Starter::next() {
  std::lock_guard lock{mutex_};
  if (holds_ > 0 || waiting_.empty()) return std::nullopt;
  return quiet_since_ + quiet_time;
}

void Starter::run() {
  std::shared_ptr<Compute> compute;
  {
    std::lock_guard lock{mutex_};
    if (holds_ > 0 || waiting_.empty()) return;
    compute = std::move(waiting_.front());
    waiting_.pop_front();
  }
  compute->start_if_wanted();
}

}  // namespace lakebase::emulator
