#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "common/timekeeper.hpp"
#include "data_plane/server/compute.hpp"

namespace lakebase::emulator {

/// Suspends idle computes, and keeps the configuration of standbys in step with their primaries.
class Housekeeper {
 public:
  Housekeeper(Timekeeper& time, std::function<std::vector<std::shared_ptr<Compute>>()> computes);
  Housekeeper(Housekeeper const&) = delete;
  Housekeeper& operator=(Housekeeper const&) = delete;

  /// Tells that something has changed, so that it looks again.
  void poke();
  void stop() { entry_.remove(); }

 private:
  std::optional<TimePoint> next();
  void run();

  Timekeeper& time_;
  std::function<std::vector<std::shared_ptr<Compute>>()> computes_;
  std::mutex mutex_;
  bool news_ = true;
  std::optional<TimePoint> next_;
  Timekeeper::Entry entry_;
};

}  // namespace lakebase::emulator
