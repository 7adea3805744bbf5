#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase::emulator {

/// Whether a setting in an endpoint's `pg_settings` is accepted, or why not.
enum class SettingDecision {
  accepted,
  emulator,     ///< The emulator sets it, or depends on its value.
  runs_code,    ///< It names a program or a library that the server runs.
  names_file,   ///< It names a file or a folder, or says how files are made.
  unsafe,       ///< It can damage the data, or weaken privileges.
  logs,         ///< It says what is logged, where statements and with them passwords could get to.
  per_session,  ///< PostgreSQL takes it within a session or a transaction only.
  fixed,        ///< Nobody can set it.
};

/// The name by which settings are compared: PostgreSQL takes a name in any case of letters.
std::string setting_key(std::string_view name);

/// The decision on a name in any case of letters; none if it is no setting of PostgreSQL 14 to 18 or of a module that
/// comes with it. For a name with a dot, what is before the dot decides.
std::optional<SettingDecision> setting_decision(std::string_view name);

/// The most bytes of one setting, and of all settings of an endpoint together: what a command line has room for.
inline constexpr std::size_t longest_setting = 8192;
inline constexpr std::size_t longest_settings = std::size_t{256} * 1024;

/// @throws DataPlaneError for the first setting that is not accepted, that PostgreSQL could not read, that is too long,
/// or whose name occurs twice, in whatever case of letters
void check_setting_names(std::map<std::string, std::string> const& pg_settings);

}  // namespace lakebase::emulator
