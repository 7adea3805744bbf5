#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "data_plane/server/compute.hpp"
#include "system/thread_group_posix.hpp"

namespace lakebase::emulator {

/// Suspends idle computes, and keeps the configuration of standbys in step with their primaries.
class Housekeeper {
 public:
  explicit Housekeeper(std::function<std::vector<std::shared_ptr<Compute>>()> computes);
  Housekeeper(Housekeeper const&) = delete;
  Housekeeper& operator=(Housekeeper const&) = delete;
  ~Housekeeper() { stop(); }

  /// Tells that something has changed, so that it looks again.
  void poke();
  void stop();

 private:
  void run();

  std::function<std::vector<std::shared_ptr<Compute>>()> computes_;
  std::mutex mutex_;
  std::condition_variable poked_;
  bool news_ = false;
  bool stopping_ = false;
  ThreadGroup thread_;
};

}  // namespace lakebase::emulator
