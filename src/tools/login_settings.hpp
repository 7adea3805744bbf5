#pragma once

#include <string>
#include <vector>

#include <lakebase/config.hpp>

namespace lakebase::tools {

/// A setting that a login consists of, and where it is from.
struct LoginSetting {
  std::string name;      ///< `token`
  std::string variable;  ///< `DATABRICKS_TOKEN`
  std::string value;
  bool is_secret = false;
  std::string source_kind;  ///< `environment variable`, `config file`, `flag`
  std::string source;       ///< The variable, the file, the flag.

  /// The value, or stars in the place of a secret.
  [[nodiscard]] std::string shown() const { return is_secret ? "********" : value; }
};

/// The settings of a client that are set, by their order in the SDKs. `profile_flag`: whether the profile was named on
/// the command line.
std::vector<LoginSetting> login_settings(Config const& config, bool profile_flag);

}  // namespace lakebase::tools
