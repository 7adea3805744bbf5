#include "tools/login_settings.hpp"

#include <array>
#include <optional>
#include <string_view>

#include "tools/environment.hpp"

namespace lakebase::tools {
namespace {

struct Attribute {
  std::string_view name;
  char const* variable;
  std::optional<std::string> Config::*value;
  bool is_secret = false;
};

// What a login may consist of.
constexpr std::array attributes = {
    Attribute{"host", "DATABRICKS_HOST", &Config::host},
    Attribute{"account_id", "DATABRICKS_ACCOUNT_ID", &Config::account_id},
    Attribute{"workspace_id", "DATABRICKS_WORKSPACE_ID", &Config::workspace_id},
    Attribute{"token", "DATABRICKS_TOKEN", &Config::token, true},
    Attribute{"username", "DATABRICKS_USERNAME", &Config::username},
    Attribute{"password", "DATABRICKS_PASSWORD", &Config::password, true},
    Attribute{"client_id", "DATABRICKS_CLIENT_ID", &Config::client_id},
    Attribute{"client_secret", "DATABRICKS_CLIENT_SECRET", &Config::client_secret, true},
    Attribute{"profile", "DATABRICKS_CONFIG_PROFILE", &Config::profile},
    Attribute{"config_file", "DATABRICKS_CONFIG_FILE", &Config::config_file},
    Attribute{"google_service_account", "DATABRICKS_GOOGLE_SERVICE_ACCOUNT", &Config::google_service_account},
    Attribute{"google_credentials", "GOOGLE_CREDENTIALS", &Config::google_credentials, true},
    Attribute{"azure_workspace_resource_id", "DATABRICKS_AZURE_RESOURCE_ID", &Config::azure_workspace_resource_id},
    Attribute{"azure_client_secret", "ARM_CLIENT_SECRET", &Config::azure_client_secret, true},
    Attribute{"azure_client_id", "ARM_CLIENT_ID", &Config::azure_client_id},
    Attribute{"azure_tenant_id", "ARM_TENANT_ID", &Config::azure_tenant_id},
    Attribute{"azure_environment", "ARM_ENVIRONMENT", &Config::azure_environment},
    Attribute{"databricks_cli_path", "DATABRICKS_CLI_PATH", &Config::databricks_cli_path},
    Attribute{"auth_type", "DATABRICKS_AUTH_TYPE", &Config::auth_type},
    Attribute{"metadata_service_url", "DATABRICKS_METADATA_SERVICE_URL", &Config::metadata_service_url, true},
};

}  // namespace

std::vector<LoginSetting> login_settings(Config const& config, bool profile_flag) {
  std::vector<LoginSetting> settings;
  for (auto const& attribute : attributes) {
    auto const& value = config.*attribute.value;
    if (!value || value->empty()) continue;
    LoginSetting setting{std::string{attribute.name}, attribute.variable, *value, attribute.is_secret, "", ""};
    if (attribute.name == "profile" && profile_flag) {
      setting.source_kind = "flag";
      setting.source = "--profile";
    } else if (variable(attribute.variable) == value) {
      setting.source_kind = "environment variable";
      setting.source = attribute.variable;
    } else {
      setting.source_kind = "config file";
      setting.source = config.config_file.value_or("~/.databrickscfg");
    }
    settings.push_back(std::move(setting));
  }
  return settings;
}

}  // namespace lakebase::tools
