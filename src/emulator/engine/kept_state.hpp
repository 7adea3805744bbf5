#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "engine/store.hpp"

namespace lakebase::emulator {

/// A state, in memory for readers and in a file for the next start. Readers never wait for a write.
///
/// Thread-safe.
template <class State>
class KeptState {
 public:
  using Change = std::function<void(State&)>;
  using Log = std::function<void(std::string_view)>;

  /// The parameters are those of `Store`.
  KeptState(std::filesystem::path file, bool is_temporary, WriteStep step, Log log)
      : store_(std::move(file), is_temporary, std::move(step), log), log_(std::move(log)) {}
  KeptState(KeptState const&) = delete;
  KeptState& operator=(KeptState const&) = delete;

  /// The state as of now; later changes do not alter it.
  std::shared_ptr<State const> get() const;

  /// What the file holds. @throws std::runtime_error if it is not one of ours
  State load();
  /// Makes this the state, in memory only; the next change saves it, too.
  void replace(State next);

  /// Changes the state, in the file first. If this throws, the state is as it was.
  /// @throws StateNotSaved, or what the function throws
  void change(Change const& function);
  /// Changes the state even if it cannot be saved now: for changes that the next start would make by itself.
  void settle(Change const& function);
  /// Whether there is something that `settle` could not save.
  bool is_unsaved() const { return is_unsaved_; }
  /// Saves what `settle` could not.
  void catch_up();

  /// Shortens the file. To be called after the last change.
  void close();

 private:
  void save(State const& next);

  /// Held while the state is changed; guards the store, too.
  std::mutex change_mutex_;
  Store<State> store_;
  Log const log_;
  std::atomic<bool> is_unsaved_ = false;
  bool is_failing_ = false;

  mutable std::mutex mutex_;
  std::shared_ptr<State const> state_ = std::make_shared<State const>();
};

template <class State>
std::shared_ptr<State const> KeptState<State>::get() const {
  std::lock_guard const lock{mutex_};
  return state_;
}

template <class State>
State KeptState<State>::load() {
  std::lock_guard const changing{change_mutex_};
  return store_.load();
}

template <class State>
void KeptState<State>::replace(State next) {
  auto replacement = std::make_shared<State const>(std::move(next));
  std::lock_guard const lock{mutex_};
  // The old state is destroyed after the lock is released, by its last owner.
  std::swap(state_, replacement);
}

// Under `change_mutex_`. Logs once that saving fails, and once that it works again.
template <class State>
void KeptState<State>::save(State const& next) {
  try {
    store_.save(next);
  } catch (StateNotSaved const& error) {
    if (!std::exchange(is_failing_, true)) log_(error.what());
    throw;
  }
  if (std::exchange(is_failing_, false)) log_("The state can be saved again.");
  is_unsaved_ = false;
}

template <class State>
void KeptState<State>::change(Change const& function) {
  std::lock_guard const changing{change_mutex_};
  State next = *get();
  function(next);
  save(next);
  replace(std::move(next));
}

template <class State>
void KeptState<State>::settle(Change const& function) {
  std::lock_guard const changing{change_mutex_};
  State next = *get();
  function(next);
  try {
    save(next);
  } catch (StateNotSaved const&) {
    is_unsaved_ = true;
  }
  replace(std::move(next));
}

template <class State>
void KeptState<State>::catch_up() {
  if (is_unsaved_) settle([](State&) {});
}

template <class State>
void KeptState<State>::close() {
  std::lock_guard const changing{change_mutex_};
  store_.close();
}

}  // namespace lakebase::emulator
