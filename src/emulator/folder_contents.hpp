#pragma once

#include <filesystem>

namespace lakebase::emulator {

// Files that the emulator itself, and not one of its planes, keeps in its data folder.

/// The `export_lines` of the emulator that serves the folder. It holds a token, and is readable for its owner only.
inline constexpr char const* environment_file = "environment";
/// The ports of the last run.
inline constexpr char const* ports_file = "ports";
/// How many runs there were with a seed.
inline constexpr char const* seed_file = "seed";
/// How the time was moved; see `Jump`.
inline constexpr char const* clock_file = "clock";
/// The log of an emulator in the background.
inline constexpr char const* log_file = "emulator.log";

/// Checks that a folder is an emulator's, or can become one: it does not exist, is empty, or holds only what emulators
/// create. Changes nothing.
/// @throws std::runtime_error if it holds something else
void require_no_strangers(std::filesystem::path const& folder);

}  // namespace lakebase::emulator
