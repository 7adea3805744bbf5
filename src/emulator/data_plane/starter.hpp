#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "common/timekeeper.hpp"
#include "data_plane/server/compute.hpp"

namespace lakebase::emulator {

/// Starts computes that nobody waits for yet: one after the other, and only once no branch has been created for a
/// moment, so that many branches in a row are created faster. Of many, only those that came last are started, because a
/// branch that never runs costs next to nothing. A connection starts the compute itself.
class Starter {
 public:
  explicit Starter(Timekeeper& time);
  Starter(Starter const&) = delete;
  Starter& operator=(Starter const&) = delete;

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

  /// If too many wait, the one that has waited for longest is dropped.
  void add(std::shared_ptr<Compute> compute);
  /// Waits for a start that is under way; the others are dropped.
  void stop() { entry_.remove(); }

 private:
  std::optional<TimePoint> next();
  void run();

  Timekeeper& time_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Compute>> waiting_;
  int holds_ = 0;
  TimePoint quiet_since_{};
  Timekeeper::Entry entry_;
};

}  // namespace lakebase::emulator
