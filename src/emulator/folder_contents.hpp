#pragma once

#include <filesystem>

namespace lakebase::emulator {

// The files of a data folder that the emulator as a whole keeps there.

/// The `export_lines` of the emulator that serves the folder. It holds a token, and is its owner's alone.
inline constexpr char const* environment_file = "environment";
/// The ports of its last life.
inline constexpr char const* ports_file = "ports";
/// What one in the background has to say.
inline constexpr char const* log_file = "emulator.log";

/// Looks whether a folder is an emulator's, or could become one: it is not there, or empty, or holds what emulators
/// make.
/// @throws std::runtime_error where it holds something else; nothing was touched
void require_no_strangers(std::filesystem::path const& folder);

}  // namespace lakebase::emulator
