#pragma once

#include <string>
#include <string_view>

#include <lakebase/config.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

enum class Cloud { aws, azure, gcp };

/// The endpoints of one of Azure's clouds; URLs end with `/`.
struct AzureEndpoints {
  std::string_view name;
  std::string_view active_directory;
  std::string_view resource_manager;
  std::string_view service_management;
};

/// The cloud by the settings, else by `host`, which has no scheme and no port.
Cloud cloud_of(Config const& config, std::string_view host);
/// For `PUBLIC`, `USGOVERNMENT`, `CHINA`, and spellings like `AzurePublicCloud`; else by the host.
AzureEndpoints const& azure_endpoints(Config const& config, std::string_view host);
/// The application id of Databricks in Entra ID, for which tokens are requested.
std::string_view azure_application_id(Config const& config, std::string_view host);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
