#include "config/cloud.hpp"

#include <array>

#include "base/ascii.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view azure_application = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";

struct Zone {
  std::string_view suffix;
  Cloud cloud;
  std::string_view application{};
  std::string_view azure{};
};

// The first matching suffix counts.
constexpr std::array zones{
    Zone{".dev.databricks.com", Cloud::aws},
    Zone{".staging.cloud.databricks.com", Cloud::aws},
    Zone{".cloud.databricks.us", Cloud::aws},
    Zone{".cloud.databricks.com", Cloud::aws},
    Zone{".dev.azuredatabricks.net", Cloud::azure, "62a912ac-b58e-4c1d-89ea-b2dbfc7358fc", "PUBLIC"},
    Zone{".staging.azuredatabricks.net", Cloud::azure, "4a67d088-db5c-48f1-9ff2-0aace800ae68", "PUBLIC"},
    Zone{".azuredatabricks.net", Cloud::azure, azure_application, "PUBLIC"},
    Zone{".databricks.azure.us", Cloud::azure, azure_application, "USGOVERNMENT"},
    Zone{".databricks.azure.cn", Cloud::azure, azure_application, "CHINA"},
    Zone{".dev.gcp.databricks.com", Cloud::gcp},
    Zone{".staging.gcp.databricks.com", Cloud::gcp},
    Zone{".gcp.databricks.com", Cloud::gcp},
};

constexpr std::array endpoints{
    AzureEndpoints{"PUBLIC", "https://login.microsoftonline.com/", "https://management.azure.com/",
                   "https://management.core.windows.net/"},
    AzureEndpoints{"USGOVERNMENT", "https://login.microsoftonline.us/", "https://management.usgovcloudapi.net/",
                   "https://management.core.usgovcloudapi.net/"},
    AzureEndpoints{"CHINA", "https://login.chinacloudapi.cn/", "https://management.chinacloudapi.cn/",
                   "https://management.core.chinacloudapi.cn/"},
};

Zone const* zone_of(std::string_view host) {
  for (auto const& zone : zones) {
    if (host.ends_with(zone.suffix)) return &zone;
  }
  return nullptr;
}

std::string azure_name(std::string_view text) {
  auto name = upper(trim(text));
  if (name.starts_with("AZURE")) name.erase(0, 5);
  if (name.ends_with("CLOUD")) name.erase(name.size() - 5);
  return name;
}

}  // namespace

Cloud cloud_of(Config const& config, std::string_view host) {
  if (!config.azure_workspace_resource_id.value_or("").empty()) return Cloud::azure;
  auto const named = upper(config.cloud.value_or(""));
  if (named == "AWS") return Cloud::aws;
  if (named == "AZURE") return Cloud::azure;
  if (named == "GCP") return Cloud::gcp;
  auto const* const zone = zone_of(host);
  return zone == nullptr ? Cloud::aws : zone->cloud;
}

AzureEndpoints const& azure_endpoints(Config const& config, std::string_view host) {
  auto name = azure_name(config.azure_environment.value_or(""));
  auto const* const zone = zone_of(host);
  if (name.empty() && zone != nullptr) name = zone->azure;
  for (auto const& row : endpoints) {
    if (row.name == name) return row;
  }
  return endpoints.front();
}

std::string_view azure_application_id(Config const&, std::string_view host) {
  auto const* const zone = zone_of(host);
  return zone == nullptr || zone->application.empty() ? azure_application : zone->application;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
