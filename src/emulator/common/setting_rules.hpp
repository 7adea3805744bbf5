#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase::emulator {

/// What becomes of a setting that an endpoint's `pg_settings` name.
enum class SettingDecision {
  accepted,
  emulator,     ///< The emulator sets it, or depends on what it is.
  runs_code,    ///< It names a program or a library that the server runs.
  names_file,   ///< It names a file or a folder, or says how files are made.
  unsafe,       ///< It can damage the data, or lets privileges be passed by.
  logs,         ///< It says what is logged, where statements and with them passwords could get to.
  per_session,  ///< PostgreSQL takes it within a session or a transaction only.
  fixed,        ///< Nobody can set it.
};

/// What a setting is known by: PostgreSQL takes its name in any case of letters.
std::string setting_key(std::string_view name);

/// None for a name that is no setting of PostgreSQL 14 to 18 or of a module that comes with it, in any case of letters.
/// A name with a dot is decided by what is before the dot.
std::optional<SettingDecision> setting_decision(std::string_view name);

/// The most bytes of one setting, and of all of an endpoint together: what a command line has room for.
inline constexpr std::size_t longest_setting = 8192;
inline constexpr std::size_t longest_settings = std::size_t{256} * 1024;

/// @throws DataPlaneError for the first setting that is not accepted, that PostgreSQL could not read, that is too long,
/// or whose name stands there twice, in whatever case of letters
void check_setting_names(std::map<std::string, std::string> const& pg_settings);

}  // namespace lakebase::emulator
