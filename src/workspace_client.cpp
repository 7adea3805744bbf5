#include <lakebase/workspace_client.hpp>

#include "client/api_client.hpp"

namespace lakebase::inline v0 {

WorkspaceClient::WorkspaceClient(Config const& config)
    : api_(std::make_shared<detail::ApiClient const>(config)), postgres(api_), current_user(api_) {}

Config const& WorkspaceClient::config() const& noexcept {
  return api_->config();
}

}  // namespace lakebase::inline v0
