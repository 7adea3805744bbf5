#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "engine/errors.hpp"
#include "engine/journal.hpp"
#include "postgres/state.hpp"

namespace lakebase::emulator {

/// The state could not be brought onto the disk, and is as it was.
class StateNotSaved : public ServiceError {
 public:
  explicit StateNotSaved(std::string const& why);
};

/// Keeps the state in `state.json`, a `Journal`: a change is written, and not the state.
///
/// The snapshot is `{"format":2,"state":{…}}`. A change is a list of edits, each of one record:
///
///     {"at":["projects","shop","branches","dev"],"set":{"is_protected":true}}
///     {"at":["operations","projects/shop/operations/8f3a"],"gone":true}
///
/// `at` are collections and keys, from the state down; `set` holds the members that have another value now, all of them
/// where the record is new. Files of format 1, of earlier emulators, are a snapshot without changes.
///
/// Not for more than one thread at a time.
class StateStore {
 public:
  using Log = std::function<void(std::string_view)>;

  /// @param is_temporary see `Journal`
  StateStore(std::filesystem::path file, bool is_temporary, WriteStep step, Log log)
      : file_(std::move(file)),
        is_temporary_(is_temporary),
        journal_(file_, is_temporary, std::move(step)),
        log_(std::move(log)) {}

  /// An empty state where there is no file yet. @throws std::runtime_error where the file is not one of ours
  State load();
  /// Writes what differs from what was saved last: on return it is on the disk, unless it is temporary.
  /// @throws StateNotSaved
  void save(State const& state);
  /// Leaves a file without changes, which is shorter and sooner read, where that can be had.
  void close();

 private:
  void write_snapshot();

  std::filesystem::path const file_;
  bool const is_temporary_;
  Journal journal_;
  Log log_;
  State saved_;
};

}  // namespace lakebase::emulator
