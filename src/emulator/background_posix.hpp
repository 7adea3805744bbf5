#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace lakebase::emulator {

// An emulator in the background is known by its data folder: the lock of it says that it lives and which process it is,
// and the file `environment` in it that it serves.

/// What is known of the emulator of a folder.
struct Background {
  enum class State { none, starting, serving };
  State state = State::none;
  /// The process, for people; empty: it cannot be known.
  std::string process;
  /// The `export_lines` of one that serves.
  std::string exports;
};
Background look_for(std::filesystem::path const& folder);

/// Makes the folder of an emulator where it is not there.
/// @throws std::runtime_error where it cannot be made, or holds what is no emulator's
void make_data_folder(std::filesystem::path const& folder);

/// Has `serve` run in a process of its own, in a session of its own and with its log in the folder, unless an emulator
/// serves the folder, which is there, already. `serve` calls its argument once it serves, and returns the exit status
/// of the process. Returns in this process when there is one that serves. To be called before there are threads.
/// @throws std::runtime_error with the end of the log, where it did not get to serve
Background start_in_background(std::filesystem::path const& folder,
                               std::function<int(std::function<void()> const& serving)> const& serve);

/// Has the emulator of a folder stop, and waits for that. False: there was none.
/// @throws std::runtime_error where it does not stop
bool stop_background(std::filesystem::path const& folder);

}  // namespace lakebase::emulator
