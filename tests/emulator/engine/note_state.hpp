#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/engine_functions.hpp"

namespace lakebase::emulator::tests {

/// A state that has nothing to do with the service: notes, each with a paper outside of the state.
struct NoteRecord {
  std::string id;
  std::string text{};
  bool creating = false;

  template <class Field>
  static void describe(Field&& field) {
    field("id", &NoteRecord::id);
    field("text", &NoteRecord::text);
    field("creating", &NoteRecord::creating);
  }
};

struct NoteState {
  Records<NoteRecord> notes;
  Operations operations;
  std::vector<Json> cleanups;
  Locks locks;

  template <class Field>
  static void describe(Field&& field) {
    field("notes", &NoteState::notes);
    field("operations", &NoteState::operations);
    field("cleanups", &NoteState::cleanups);
  }
};

using NotePlan = OperationPlan<NoteState>;
using KeptNotes = KeptState<NoteState>;

/// The papers. A cleanup is `{"paper":"<id>"}`, and removes one; `removal` is the id of one.
class Papers final : public Recovery<NoteState> {
 public:
  struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  struct Lost : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

  void add(std::string const& id) {
    std::lock_guard const lock{mutex_};
    papers_.insert(id);
  }
  void remove(std::string const& id) {
    std::lock_guard const lock{mutex_};
    papers_.erase(id);
  }
  bool has(std::string const& id) const {
    std::lock_guard const lock{mutex_};
    return papers_.contains(id);
  }
  /// From now on, no paper can be cleaned up; or each can.
  void jam(bool jammed) {
    std::lock_guard const lock{mutex_};
    jammed_ = jammed;
  }

  /// From now on, cleaning up this paper takes until `release`.
  void hold(std::string const& id) {
    std::lock_guard const lock{mutex_};
    held_ = id;
  }
  void wait_until_held() const {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return holding_ > 0; });
  }
  void release() {
    std::lock_guard const lock{mutex_};
    held_.clear();
    changed_.notify_all();
  }
  /// How often cleaning up was attempted.
  int attempts() const {
    std::lock_guard const lock{mutex_};
    return attempts_;
  }

  static Json cleanup_of(std::string const& id) { return Json{{"paper", id}}; }

  OperationFailure failure_of(std::exception_ptr const& caught) const override {
    try {
      std::rethrow_exception(caught);
    } catch (Refused const& error) {
      return {Json{{"error_code", "BAD_REQUEST"}, {"message", error.what()}}, true, false};
    } catch (Lost const& error) {
      return {Json{{"error_code", "INTERNAL_ERROR"}, {"message", error.what()}}, false, true};
    } catch (ServiceError const& error) {
      return {error.envelope()};
    } catch (std::exception const& error) {
      return {Json{{"error_code", "INTERNAL_ERROR"}, {"message", error.what()}}};
    }
  }
  std::vector<Json> clean_up(std::vector<Json> const& cleanups, NoteState const&) const override {
    std::unique_lock lock{mutex_};
    ++attempts_;
    for (auto const& cleanup : cleanups) {
      if (held_.empty() || cleanup.at("paper") != held_) continue;
      ++holding_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return held_.empty(); });
      --holding_;
    }
    if (jammed_) return cleanups;
    for (auto const& cleanup : cleanups) papers_.erase(cleanup.at("paper").get<std::string>());
    return {};
  }
  bool concerns(Json const& cleanup, std::string const& key, NoteState const&) const override {
    return cleanup.at("paper") == key;
  }
  bool is_gone(std::string const&, Json const& removal, NoteState const&) const override {
    return !has(removal.get<std::string>());
  }
  Json remove_target(OperationRecord const& operation, NoteState& state) const override {
    state.notes.erase(target_of_operation(operation.name).substr(6));
    return Json{{"removed", true}};
  }
  void resume(NoteState&) const override {}

 private:
  mutable std::mutex mutex_;
  mutable std::set<std::string> papers_;
  bool jammed_ = false;
  std::string held_;
  mutable std::condition_variable changed_;
  mutable int holding_ = 0;
  mutable int attempts_ = 0;
};

}  // namespace lakebase::emulator::tests
