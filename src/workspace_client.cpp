#include <lakebase/workspace_client.hpp>

#include "client/api_client.hpp"
#include "client/raw_request.hpp"

namespace lakebase::inline v0 {

WorkspaceClient::WorkspaceClient(Config const& config)
    : WorkspaceClient(FromApi{}, std::make_shared<detail::ApiClient const>(config)) {}

WorkspaceClient::WorkspaceClient(FromApi /*tag*/, std::shared_ptr<detail::ApiClient const> api)
    : api_(std::move(api)),
      postgres(PostgresClient::FromApi{}, api_),
      current_user(CurrentUserClient::FromApi{}, api_) {}

WorkspaceClient WorkspaceClient::with(CallOptions options) const {
  return WorkspaceClient{FromApi{}, api_->with(std::move(options))};
}

std::string WorkspaceClient::call(std::string_view verb, std::string_view path, CallRequest const& request) const {
  return api_->send(detail::raw_request(verb, path, request));
}

Config const& WorkspaceClient::config() const& noexcept {
  return api_->config();
}

}  // namespace lakebase::inline v0
