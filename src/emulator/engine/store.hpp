#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/errors.hpp"
#include "engine/journal.hpp"
#include "engine/record_edits.hpp"

namespace lakebase::emulator {

/// The state could not be saved, and is as it was.
class StateNotSaved : public ServiceError {
 public:
  explicit StateNotSaved(std::string const& why);
};

// The texts of the store. A snapshot's `state`, and whether it is of an earlier format.
struct Snapshot {
  Json state;
  bool is_old = false;
};
/// @throws std::exception if it is no snapshot that this emulator can read
Snapshot read_snapshot(std::string const& text);
std::string snapshot_text(Json const& state);
std::string edits_text(Json const& edits);

/// Keeps a state, which is a record with `Records` in it, in a `Journal`, so that a change is written and not the
/// state.
///
/// The snapshot is `{"format":2,"state":{…}}`, and a change is a list of edits; see record_edits.hpp. Files of format
/// 1, of earlier emulators, are a snapshot without changes.
///
/// Not thread-safe.
template <class State>
class Store {
 public:
  using Log = std::function<void(std::string_view)>;

  /// @param is_temporary see `Journal`
  Store(std::filesystem::path file, bool is_temporary, WriteStep step, Log log)
      : file_(std::move(file)),
        is_temporary_(is_temporary),
        journal_(file_, is_temporary, std::move(step)),
        log_(std::move(log)) {}

  /// An empty state if there is no file yet. @throws std::runtime_error if the file is not one of ours
  State load();
  /// Writes what differs from what was saved last. On return it is on the disk, unless the store is temporary.
  /// @throws StateNotSaved
  void save(State const& state);
  /// Shortens the file to a snapshot if possible, so that the next start reads it faster.
  void close();

 private:
  void write_snapshot() { journal_.replace(snapshot_text(described::to_json(saved_))); }
  void shorten();

  std::filesystem::path const file_;
  bool const is_temporary_;
  Journal journal_;
  Log log_;
  State saved_;
};

template <class State>
State Store<State>::load() {
  auto const contents = journal_.read();
  saved_ = {};
  if (contents.snapshot.empty()) return saved_;
  if (contents.torn != 0) {
    log_(fmt::format("{}: cut off {} bytes of a change that was not acknowledged", file_.string(), contents.torn));
  }
  try {
    auto const snapshot = read_snapshot(contents.snapshot);
    if (snapshot.is_old) journal_.require_snapshot();
    State state;
    described::from_json(snapshot.state, state);
    for (auto const& change : contents.changes) {
      for (auto const& edit : Json::parse(change)) {
        described::apply(edit, edit.at("at").template get<std::vector<std::string>>(), state);
      }
    }
    saved_ = std::move(state);
  } catch (std::exception const& error) {
    throw std::runtime_error(fmt::format("{} cannot be read: {}", file_.string(), error.what()));
  }
  return saved_;
}

template <class State>
void Store<State>::save(State const& state) {
  Json edits = Json::array();
  described::add_edits(&saved_, state, Json::array(), edits);
  try {
    // A snapshot of what was saved before: it changes nothing, whether it succeeds or not.
    if (journal_.needs_snapshot()) write_snapshot();
    if (!edits.empty()) journal_.append(edits_text(edits));
  } catch (std::exception const& error) {
    throw StateNotSaved(error.what());
  }
  saved_ = state;
  if (journal_.is_long()) shorten();
}

// A failure is only logged: the change is on the disk already.
template <class State>
void Store<State>::shorten() {
  try {
    write_snapshot();
  } catch (std::exception const& error) {
    log_(fmt::format("{} cannot be shortened: {}", file_.string(), error.what()));
  }
}

template <class State>
void Store<State>::close() {
  if (!is_temporary_ && !journal_.needs_snapshot() && journal_.has_changes()) shorten();
}

}  // namespace lakebase::emulator
