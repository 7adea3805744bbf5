#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace lakebase::emulator {

/// Threads that start when there is work for them and end after a while without. They handle no signals.
class ElasticPool {
 public:
  explicit ElasticPool(std::size_t most_threads) : most_threads_(most_threads) {}
  ~ElasticPool() { finish(); }
  ElasticPool(ElasticPool const&) = delete;
  ElasticPool& operator=(ElasticPool const&) = delete;

  /// @throws std::system_error if there is no thread and none can be started; the job is dropped then
  void enqueue(std::function<void()> job);
  /// Runs all enqueued jobs to their end, and joins all threads. Later jobs are dropped.
  void finish();

 private:
  void add_thread();
  void work(std::list<std::thread>::iterator self);

  std::size_t const most_threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable all_gone_;
  std::deque<std::function<void()>> jobs_;
  std::list<std::thread> threads_;
  std::list<std::thread> ended_;
  std::size_t idle_ = 0;
  bool finishing_ = false;
};

}  // namespace lakebase::emulator
