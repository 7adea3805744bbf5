#include "data_plane/server/housekeeper.hpp"

#include <algorithm>

namespace lakebase::emulator {

Housekeeper::Housekeeper(std::function<std::vector<std::shared_ptr<Compute>>()> computes)
    : computes_(std::move(computes)) {
  thread_.start([this] { run(); });
}

void Housekeeper::poke() {
  std::lock_guard lock{mutex_};
  news_ = true;
  poked_.notify_all();
}

void Housekeeper::stop() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
    poked_.notify_all();
  }
  thread_.join_all();
}

void Housekeeper::run() {
  for (;;) {
    auto next = std::chrono::steady_clock::now() + std::chrono::hours{1};
    for (auto const& compute : computes_()) {
      compute->refresh();
      if (auto due = compute->suspend_if_idle()) next = std::min(next, *due);
    }
    std::unique_lock lock{mutex_};
    poked_.wait_until(lock, next, [this] { return news_ || stopping_; });
    if (stopping_) return;
    news_ = false;
  }
}

}  // namespace lakebase::emulator
