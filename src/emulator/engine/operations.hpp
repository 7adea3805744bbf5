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
  /// `Branch` and so on: the type of the metadata.
  std::string type;
  bool done = false;
  /// Null if it failed.
  Json response;
  /// Null if it did not fail.
  Json error;
  std::optional<TimePoint> finish_time;
  /// The change is in the state already, and `cleanups` carry it out: it goes on after a restart instead of failing.
  bool committed = false;
  /// If the operation does not end: what undoes it, or, once it is committed, what completes it. See `Recovery`.
  std::vector<Json> cleanups;
  /// For what the state alone cannot tell: by this `Recovery` sees whether the target, which was to be removed, is
  /// gone. Empty: the state tells.
  std::string probe;
  /// Who owns from then on what the removed one owned.
  std::string new_owner;

  // The names in the file are older than those of some members.
  template <class Field>
  static void describe(Field&& field) {
    field("name", &OperationRecord::name);
    field("type", &OperationRecord::type);
    field("done", &OperationRecord::done);
    field("response", &OperationRecord::response);
    field("error", &OperationRecord::error);
    field("finish_time", &OperationRecord::finish_time);
    field("committed", &OperationRecord::committed);
    field("chores", &OperationRecord::cleanups);
    field("witness", &OperationRecord::probe);
    field("heir", &OperationRecord::new_owner);
  }
};

using Operations = Records<OperationRecord>;

// How long a finished operation can be read, also when its resource is gone. A client polls at least every 10 s while
// it waits, so that minutes would do; who takes an operation up again by its name, in a job that follows or after a
// night, gets a day. The number bounds what a flood of short-lived branches takes in memory and in each snapshot (some
// 5 MB); at ten operations a second it lasts for eight minutes.
inline constexpr std::size_t most_operations_kept = 5000;
inline constexpr Duration longest_operation_kept = std::chrono::hours{24};

/// `<target>/operations/<id>`
std::string operation_name(std::string_view target, std::string_view id);
/// The name of the resource that an operation works on.
std::string target_of_operation(std::string_view operation);

/// Forgets finished operations that are too old or too many, the oldest first. Looks no further than to the first that
/// stays, so that it costs the same however many there are: one that began later and ended sooner goes with that one.
void forget_old(Operations& operations, TimePoint now);
/// @throws std::logic_error if it is not there
OperationRecord& running_in(Operations& operations, std::string_view name);
/// Notes the end of an operation.
void note_end(OperationRecord& operation, TimePoint now);

/// `google.protobuf.Empty`
Json empty_response();
/// An operation as the service shows it.
Json operation_json(OperationRecord const& operation, bool done);

/// Which operations of `/operations/…` are running on what: at most one a key at a time.
class Locks {
 public:
  bool is_free(std::string const& key) const { return !holders_.contains(key); }
  /// The operation has it from now on.
  void take(std::string const& key, std::string const& operation) { holders_[key] = operation; }
  void release_all_of(std::string_view operation) {
    std::erase_if(holders_, [&](auto const& held) { return held.second == operation; });
  }

 private:
  std::map<std::string, std::string> holders_;
};

/// Lets operations take more polls than they would. Thread-safe.
class Polls {
 public:
  /// @param wanted how many polls of each are told that it goes on; 0: none but as it is
  explicit Polls(int wanted) : wanted_(wanted) {}
  /// Whether this poll is told that the operation is done.
  bool shows_done(OperationRecord const& operation, TimePoint now);

 private:
  int const wanted_;
  std::mutex mutex_;
  std::map<std::string, int> counts_;
};

}  // namespace lakebase::emulator
