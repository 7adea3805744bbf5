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
  /// @param is_temporary nobody will read the file after the end of the process, whatever ends it: it need not be on
  /// the
  ///                     disk, which takes time
  StateStore(std::filesystem::path file, bool is_temporary, WriteStep step)
      : file_(std::move(file)), is_temporary_(is_temporary), step_(std::move(step)) {}

  /// An empty state where there is no file yet. @throws std::runtime_error where the file is not one of ours
  State load();
  /// Replaces the file: on return the state is on the disk, unless it is temporary. @throws StateNotSaved
  void save(State const& state);

 private:
  std::filesystem::path const file_;
  bool const is_temporary_;
  WriteStep const step_;
  std::string saved_;
};

}  // namespace lakebase::emulator
