#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>

#include <pthread.h>

namespace lakebase::emulator {

/// Threads that handle no signals and have small stacks. A library must leave the signals, SIGPIPE among them, to its
/// program.
class ThreadGroup {
 public:
  ThreadGroup() = default;
  ThreadGroup(ThreadGroup const&) = delete;
  ThreadGroup& operator=(ThreadGroup const&) = delete;
  ~ThreadGroup() { join_all(); }

  /// Runs `work`, which must not throw, on a new thread. @throws std::system_error if none can be started
  void start(std::function<void()> work);
  /// Joins the threads that have ended.
  void reap();
  void join_all();

 private:
  struct Thread {
    std::function<void()> work;
    std::atomic<bool> ended{false};
    pthread_t handle{};
  };
  static void* run(void* thread);

  std::mutex mutex_;
  std::list<Thread> threads_;
};

}  // namespace lakebase::emulator
