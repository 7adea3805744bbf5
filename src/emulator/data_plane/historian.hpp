#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/timekeeper.hpp"
#include "data_plane/server/branch.hpp"

namespace lakebase::emulator {

/// Looks after the history of the branches now and then, and soon after the time was moved.
class Historian {
 public:
  using Branches = std::function<std::vector<std::shared_ptr<Branch>>()>;
  /// How long the past of a branch is kept.
  using Retention = std::function<Duration(std::string const& uid)>;
  using Log = std::function<void(std::string const&)>;

  Historian(Timekeeper& time, Branches branches, Retention retention, Log log);
  Historian(Historian const&) = delete;
  Historian& operator=(Historian const&) = delete;

  /// Where the past of a branch begins, on the machine's clock.
  TimePoint horizon(std::string const& uid) const;
  /// Looks at all of them in this thread.
  void look();
  void stop() { entry_.remove(); }

 private:
  std::optional<TimePoint> next();

  Timekeeper& time_;
  Branches const branches_;
  Retention const retention_;
  Log const log_;
  std::mutex mutex_;
  TimePoint next_;
  Timekeeper::Entry entry_;
};

}  // namespace lakebase::emulator
