#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lakebase::mcp {

/// Threads that are started as they are needed, so that a start is cheap and nobody waits behind one who is slow.
class Workers {
 public:
  explicit Workers(std::size_t most) : most_(most) {}
  /// Waits for all that was enqueued.
  ~Workers() { finish(); }
  Workers(Workers const&) = delete;
  Workers& operator=(Workers const&) = delete;

  void enqueue(std::function<void()> task);
  void finish();

 private:
  void work();

  std::size_t const most_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> tasks_;
  std::size_t idle_ = 0;
  bool finishing_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace lakebase::mcp
