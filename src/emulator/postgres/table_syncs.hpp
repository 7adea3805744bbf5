#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/json.hpp"
#include "common/time.hpp"
#include "postgres/forward_declarations.hpp"

namespace lakebase::emulator {

struct SyncedTableRecord;

/// What is kept of the syncs of a synced table.
struct SyncRecord {
  /// Its pipeline was started, and has not ended yet.
  bool requested = false;
  bool full_refresh = false;
  /// Of the last start, and how it ended: QUEUED, RUNNING, COMPLETED or FAILED.
  std::string update_id;
  std::string update_state;
  TimePoint update_time;
  /// Whether the table has rows of a sync, and of which one.
  bool has_synced = false;
  std::int64_t version = 0;
  TimePoint start_time;
  TimePoint end_time;
  /// Why the last one failed; empty: it did not.
  std::string failure;

  template <class Field>
  static void describe(Field&& field) {
    field("requested", &SyncRecord::requested);
    field("full_refresh", &SyncRecord::full_refresh);
    field("update_id", &SyncRecord::update_id);
    field("update_state", &SyncRecord::update_state);
    field("update_time", &SyncRecord::update_time);
    field("has_synced", &SyncRecord::has_synced);
    field("version", &SyncRecord::version);
    field("start_time", &SyncRecord::start_time);
    field("end_time", &SyncRecord::end_time);
    field("failure", &SyncRecord::failure);
  }
};

/// Copies rows into synced tables when that is due: once they are created, when their pipelines are started, and those
/// that are continuous when their sources change, for which they are looked at each second.
///
/// Thread-safe. Each call of `run_one` syncs one table, so that as many are synced at once as threads call it.
class TableSyncs {
 public:
  explicit TableSyncs(Workspace& workspace) : workspace_(workspace) {}

  /// The pipelines of the synced tables: `/api/2.0/pipelines/…`.
  void routes(Router& router);

  /// When the next table that nobody syncs now is due; none: not until something changes.
  std::optional<TimePoint> next_due() const;
  /// Syncs one of those that are due, if there is any.
  void run_one();
  /// Has those that run end soon; nothing is due any more.
  void stop() { stopping_ = true; }

  /// What a synced table's status says of it, besides what does not change.
  Json status(SyncedTableRecord const& table) const;

 private:
  struct Job;
  /// A sync under way.
  struct Run {
    std::atomic<std::uint64_t> copied{0};
  };
  /// What was last seen of a source.
  struct Look {
    TimePoint time{};
    std::string mark{};
    /// Why it will be attempted again; empty: it was seen.
    std::string trouble{};
  };

  bool has_source(SyncedTableRecord const& table) const;
  std::optional<TimePoint> due_time(SyncedTableRecord const& table, TimePoint now) const;
  std::optional<Job> claim();
  void release(Job const& job, Look look);
  void carry_out(Job const& job, Look& look);
  void note(Job const& job, std::function<void(SyncRecord&)> const& change);
  Json start(Call const& call);
  Json pipeline(std::string const& id) const;
  Json update(std::string const& id, std::string const& update_id) const;

  Workspace& workspace_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Run>> runs_;  // by uids, as below
  std::map<std::string, Look> looks_;
};

}  // namespace lakebase::emulator
