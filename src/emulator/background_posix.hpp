#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace lakebase::emulator {

// An emulator in the background is found by its data folder: the folder's lock tells that it runs, and its process; the
// file `environment` tells that it serves.

/// The state of a folder's emulator.
struct Background {
  enum class State { none, starting, serving };
  State state = State::none;
  /// The process id, as text; empty: unknown.
  std::string process;
  /// The `export_lines`, if it serves.
  std::string exports;
};
Background look_for(std::filesystem::path const& folder);

/// Creates the folder of an emulator if it does not exist.
/// @throws std::runtime_error if it cannot be created, or holds other files than an emulator's
void make_data_folder(std::filesystem::path const& folder);

/// Runs `serve` in a process and session of its own, with its log in the folder, unless an emulator serves the folder
/// already. The folder must exist. `serve` calls its argument once it serves, and returns the exit status of its
/// process. This function returns once an emulator serves. To be called before there are threads.
/// @throws std::runtime_error with the end of the log, if the emulator did not start
Background start_in_background(std::filesystem::path const& folder,
                               std::function<int(std::function<void()> const& serving)> const& serve);

/// Stops the emulator of a folder, and waits for its end. False if there was none.
/// @throws std::runtime_error if it does not stop
bool stop_background(std::filesystem::path const& folder);

}  // namespace lakebase::emulator
