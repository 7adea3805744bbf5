#include <lakebase/current_user_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

CurrentUserClient::CurrentUserClient(Config const& config)
    : api_(std::make_shared<detail::ApiClient const>(config, detail::Service{})) {}

CurrentUserClient::CurrentUserClient(FromApi /*tag*/, std::shared_ptr<detail::ApiClient const> api)
    : api_(std::move(api)) {}

CurrentUserClient CurrentUserClient::with(CallOptions options) const {
  return CurrentUserClient{FromApi{}, api_->with(std::move(options))};
}

iam::User CurrentUserClient::me() const {
  return detail::fetch<iam::User>(api_, detail::Request::get("/api/2.0/preview/scim/v2/Me"));
}

}  // namespace v0
}  // namespace lakebase
