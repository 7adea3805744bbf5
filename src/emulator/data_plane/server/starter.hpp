#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "data_plane/server/compute.hpp"
#include "system/thread_group_posix.hpp"

namespace lakebase::emulator {

/// Starts computes that nobody waits for yet: one after the other, and only once no branch has been created for a
/// moment, so that many branches in a row are created faster. A connection meanwhile starts the compute itself.
class Starter {
 public:
  Starter();
  Starter(Starter const&) = delete;
  Starter& operator=(Starter const&) = delete;
  ~Starter() { stop(); }

  /// While it lives, and for a moment longer, no start begins.
  class Hold {
   public:
    explicit Hold(Starter& starter);
    Hold(Hold const&) = delete;
    Hold& operator=(Hold const&) = delete;
    ~Hold();

   private:
    Starter& starter_;
  };

  void add(std::shared_ptr<Compute> compute);
  /// Waits for a start that is under way; the others are dropped.
  void stop();

 private:
  using Lock = std::unique_lock<std::mutex>;

  void run();
  std::shared_ptr<Compute> next(Lock& lock);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Compute>> waiting_;
  int holds_ = 0;
  std::chrono::steady_clock::time_point quiet_since_{};
  bool stopping_ = false;
  ThreadGroup thread_;
};

}  // namespace lakebase::emulator
