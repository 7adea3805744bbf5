#pragma once

#include <filesystem>
#include <string>

#include "data_plane/private_file_posix.hpp"
#include "errors.hpp"
#include "state.hpp"

namespace lakebase::emulator {

/// The state could not be brought onto the disk, and is as it was.
class StateNotSaved : public ServiceError {
 public:
  explicit StateNotSaved(std::string const& why);
};

/// Keeps the state in `state.json`. Not for more than one thread at a time.
class StateStore {
 public:
  StateStore(std::filesystem::path file, WriteStep step) : file_(std::move(file)), step_(std::move(step)) {}

  /// An empty state where there is no file yet. @throws std::runtime_error where the file is not one of ours
  State load();
  /// Replaces the file: on return the state is on the disk. @throws StateNotSaved
  void save(State const& state);

 private:
  std::filesystem::path const file_;
  WriteStep const step_;
  std::string saved_;
};

}  // namespace lakebase::emulator
