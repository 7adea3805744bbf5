#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "common/time.hpp"
#include "postgres/forward_declarations.hpp"

namespace lakebase::emulator {

struct CdfConfigRecord;
struct FeedPlan;

/// Writes change data feeds to files: once a feed is created, and then each second in which somebody uses the compute.
/// A compute that sleeps is not woken for it, as nothing changes there.
///
/// Thread-safe. Each call of `run_one` carries on one feed.
class CdfFeeds {
 public:
  explicit CdfFeeds(Workspace& workspace) : workspace_(workspace) {}

  /// When the next feed that nobody carries on is due; none: not until something changes.
  std::optional<TimePoint> next_due() const;
  /// Carries on one of those that are due, if there is any.
  void run_one();
  /// Nothing is due any more.
  void stop() { stopping_ = true; }

  /// Ends a feed in PostgreSQL, after the run that is under way. @param and_files removes its files
  void end(ResourceName const& name, bool and_files);

 private:
  struct Job;
  struct Look {
    TimePoint time{};
    /// When the compute was last used, by this look.
    TimePoint used{};
    bool has_more = false;
    bool failed = false;
  };

  std::optional<TimePoint> due_time(BranchRecord const& branch, CdfConfigRecord const& config, TimePoint now) const;
  std::optional<Job> claim();
  void release(std::int64_t feed, Look const& look);
  bool carry_on(Job const& job);
  FeedPlan plan_of(State const& state, ResourceName const& name, CdfConfigRecord const& config) const;

  Workspace& workspace_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::condition_variable released_;
  // By the sequences of the configurations.
  std::set<std::int64_t> running_;
  std::set<std::int64_t> ended_;
  std::map<std::int64_t, Look> looks_;
};

}  // namespace lakebase::emulator
