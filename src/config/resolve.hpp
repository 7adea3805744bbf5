#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <lakebase/config.hpp>

#include "config/host.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The source of a setting.
struct Source {
  enum class Kind { unset, code, environment, file, host_url };
  Kind kind = Kind::unset;
  /// The variable, or the file.
  std::string name{};
};

/// A configuration with everything filled in that can be known without a request.
struct ResolvedConfig {
  /// `host` is normalised; `environment` is always set.
  Config values{};
  Host host{};
  /// In the order of `attributes()`.
  std::vector<Source> sources{};
  std::vector<std::string> warnings{};
  /// For debugging: what was found and not used.
  std::vector<std::string> notes{};
  /// How the configuration file was used, for messages.
  std::string file_note{};

  Source const& source_of(std::string_view attribute) const;
  /// `Config: host=https://x, token=***. Env: DATABRICKS_HOST`; empty if nothing is set.
  std::string debug_text() const;
  /// Every place where settings were looked for.
  std::string places_text() const;
};

/// Explicit settings, then the environment, then the profile; validated. Touches files, never the network.
/// @throws ConfigError
ResolvedConfig resolve_config(Config const& config);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
