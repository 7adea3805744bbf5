#include "data_plane/server/starter.hpp"

#include <utility>

namespace lakebase::emulator {
namespace {

using namespace std::chrono_literals;

/// Longer than a client takes to notice that a branch is ready and to request the next one.
constexpr auto quiet_time = 200ms;

}  // namespace

Starter::Starter() {
  thread_.start([this] { run(); });
}

Starter::Hold::Hold(Starter& starter) : starter_(starter) {
  std::lock_guard lock{starter_.mutex_};
  ++starter_.holds_;
}

Starter::Hold::~Hold() {
  std::lock_guard lock{starter_.mutex_};
  --starter_.holds_;
  starter_.quiet_since_ = std::chrono::steady_clock::now();
  starter_.changed_.notify_all();
}

void Starter::add(std::shared_ptr<Compute> compute) {
  compute->want_start();
  std::lock_guard lock{mutex_};
  waiting_.push_back(std::move(compute));
  changed_.notify_all();
}

void Starter::stop() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join_all();
}

/// Null: it is stopping.
std::shared_ptr<Compute> Starter::next(Lock& lock) {
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || (holds_ == 0 && !waiting_.empty()); });
    if (stopping_) return nullptr;
    auto const due = quiet_since_ + quiet_time;
    if (std::chrono::steady_clock::now() >= due) break;
    changed_.wait_until(lock, due);
  }
  auto compute = std::move(waiting_.front());
  waiting_.pop_front();
  return compute;
}

void Starter::run() {
  Lock lock{mutex_};
  while (auto const compute = next(lock)) {
    lock.unlock();
    compute->start_if_wanted();
    lock.lock();
  }
}

}  // namespace lakebase::emulator
