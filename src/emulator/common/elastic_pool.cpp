#include "common/elastic_pool.hpp"

#include <chrono>
#include <system_error>

#include "common/all_signals_blocked_posix.hpp"

namespace lakebase::emulator {
namespace {
constexpr std::chrono::seconds longest_idleness{10};
}

void ElasticPool::enqueue(std::function<void()> job) {
  std::list<std::thread> ended;
  {
    std::lock_guard const lock{mutex_};
    if (finishing_) return;
    jobs_.push_back(std::move(job));
    ended.swap(ended_);
    if (jobs_.size() <= idle_) {
      wake_.notify_one();
    } else if (threads_.size() < most_threads_) {
      add_thread();
    }
  }
  for (auto& thread : ended) thread.join();
}

// If no more threads can be started, the job waits for one of those that run.
void ElasticPool::add_thread() {
  auto const self = threads_.emplace(threads_.end());
  try {
    AllSignalsBlocked const in_the_thread;
    *self = std::thread([this, self] { work(self); });
  } catch (std::system_error const&) {
    threads_.erase(self);
    if (!threads_.empty()) return;
    jobs_.pop_back();
    throw;
  }
}

void ElasticPool::work(std::list<std::thread>::iterator self) {
  std::unique_lock lock{mutex_};
  for (;;) {
    ++idle_;
    wake_.wait_for(lock, longest_idleness, [&] { return !jobs_.empty() || finishing_; });
    --idle_;
    if (jobs_.empty()) break;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
  ended_.splice(ended_.end(), threads_, self);
  all_gone_.notify_all();
}

void ElasticPool::finish() {
  std::list<std::thread> ended;
  {
    std::unique_lock lock{mutex_};
    finishing_ = true;
    wake_.notify_all();
    all_gone_.wait(lock, [&] { return threads_.empty(); });
    ended.swap(ended_);
  }
  for (auto& thread : ended) thread.join();
}

}  // namespace lakebase::emulator
