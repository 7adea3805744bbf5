#include "mcp/protocol/transport/workers.hpp"

#include <system_error>
#include <utility>

namespace lakebase::mcp {

void Workers::enqueue(std::function<void()> task) {
  std::lock_guard const lock{mutex_};
  tasks_.push_back(std::move(task));
  if (tasks_.size() > idle_ && threads_.size() < most_) {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (std::system_error const&) {
      // Those that are there take it in their turn.
      if (threads_.empty()) throw;
    }
  }
  ready_.notify_one();
}

void Workers::finish() {
  std::vector<std::jthread> ending;
  {
    std::lock_guard const lock{mutex_};
    finishing_ = true;
    ending.swap(threads_);
  }
  ready_.notify_all();
}

void Workers::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    ++idle_;
    ready_.wait(lock, [this] { return finishing_ || !tasks_.empty(); });
    --idle_;
    if (tasks_.empty()) return;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
}

}  // namespace lakebase::mcp
