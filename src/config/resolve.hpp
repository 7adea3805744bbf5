#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <lakebase/config.hpp>

#include "config/host.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Where a setting came from.
struct Source {
  enum class Kind { unset, code, environment, file, host_url };
  Kind kind = Kind::unset;
  /// The variable, or the file.
  std::string name{};
};

/// A configuration with everything filled in that can be known without asking anybody.
struct ResolvedConfig {
  /// `host` is normalised; `environment` is always set.
  Config values{};
  Host host{};
  /// In the order of `attributes()`.
  std::vector<Source> sources{};
  std::vector<std::string> warnings{};
  /// For those who look closely: what was found and not used.
  std::vector<std::string> notes{};
  /// What became of the configuration file, for messages.
  std::string file_note{};

  Source const& source_of(std::string_view attribute) const;
  /// `Config: host=https://x, token=***. Env: DATABRICKS_HOST`; empty where nothing is set.
  std::string debug_text() const;
  /// Every place that was looked at for settings.
  std::string places_text() const;
};

/// Explicit settings, then the environment, then the profile; validated. Touches files, never the network.
/// @throws ConfigError
ResolvedConfig resolve_config(Config const& config);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
