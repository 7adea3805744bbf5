#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/time.hpp"
#include "engine/records.hpp"

namespace lakebase::emulator {

struct OperationRecord {
  std::string name;
  /// See `OperationPlan`.
  Json metadata = Json::object();
  bool done = false;
  /// Null if it failed.
  Json response;
  /// Null if it did not fail.
  Json error;
  std::optional<TimePoint> finish_time;
  /// The change is in the state already, and `cleanups` carry it out: after a restart it goes on instead of failing.
  bool committed = false;
  /// What undoes the operation if it is interrupted, or, once it is committed, completes it. See `Recovery`.
  std::vector<Json> cleanups;
  /// Of an operation that removes its target outside of the state: by this `Recovery` finds out whether it is gone, and
  /// removes it from the state, too. Null: the state tells.
  Json removal;

  // A name in the file is older than that of its member.
  template <class Field>
  static void describe(Field&& field) {
    field("name", &OperationRecord::name);
    field("metadata", &OperationRecord::metadata);
    field("done", &OperationRecord::done);
    field("response", &OperationRecord::response);
    field("error", &OperationRecord::error);
    field("finish_time", &OperationRecord::finish_time);
    field("committed", &OperationRecord::committed);
    field("chores", &OperationRecord::cleanups);
    field("removal", &OperationRecord::removal);
  }
};

using Operations = Records<OperationRecord>;

// How long a finished operation can be read, also when its resource is gone. A waiting client polls at least every 10
// s, so that minutes would do for it; a day is for jobs that resume an operation by its name, perhaps on the next
// morning. The number bounds what a flood of short-lived branches takes in memory and in each snapshot (some 5 MB); at
// ten operations a second it lasts for eight minutes.
inline constexpr std::size_t most_operations_kept = 5000;
inline constexpr Duration longest_operation_kept = std::chrono::hours{24};

/// `<target>/operations/<id>`
std::string operation_name(std::string_view target, std::string_view id);
/// The name of the resource that an operation works on.
std::string target_of_operation(std::string_view operation);

/// Forgets finished operations that are too old or too many, the oldest first. Passes over those that run, and stops at
/// the first finished one that stays, so that the cost does not grow with their number: one that began later and ended
/// sooner is forgotten only with the one before it.
void forget_old(Operations& operations, TimePoint now);
/// @throws std::logic_error if it is not there
OperationRecord& running_in(Operations& operations, std::string_view name);
/// Notes the end of an operation.
void note_end(OperationRecord& operation, TimePoint now);

/// The names of those that are not done.
std::vector<std::string> running(Operations const& operations);

/// An operation as the service shows it.
Json operation_json(OperationRecord const& operation, bool done);

/// Something that one operation at a time works on.
struct Lock {
  std::string key;
  /// Its name in messages: `project 'shop'`.
  std::string what;
};

/// Which operation works on what.
class Locks {
 public:
  bool is_free(std::string const& key) const { return !holders_.contains(key); }
  /// @throws ServiceError aborted if an operation holds any of them
  void require_free(std::vector<Lock> const& locks) const;
  /// The operation holds all of them from now on. @throws ServiceError aborted if another one holds any of them
  void take(std::vector<Lock> const& locks, std::string const& operation);
  void release_all_of(std::string_view operation) {
    std::erase_if(holders_, [&](auto const& held) { return held.second == operation; });
  }

 private:
  std::map<std::string, std::string> holders_;
};

/// Makes operations look unfinished for a number of polls. Thread-safe.
class Polls {
 public:
  /// @param wanted how many polls of each operation see it running, even if it is done; 0: polls see the truth
  explicit Polls(int wanted) : wanted_(wanted) {}
  /// Whether this poll sees the operation done.
  bool shows_done(OperationRecord const& operation, TimePoint now);
  /// The call that started the operation has shown it done already.
  void note_shown_done(std::string const& operation);
  /// Forgets the counts of operations that are gone, once there are many.
  void forget_gone(Operations const& operations);

 private:
  int const wanted_;
  std::mutex mutex_;
  std::map<std::string, int> counts_;
};

}  // namespace lakebase::emulator
