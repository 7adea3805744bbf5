#include "client/api_client.hpp"

#include "client/api_call.hpp"
#include "client/session.hpp"

namespace lakebase::inline v0::detail {

ApiClient::ApiClient(Config const& config) : session_(std::make_shared<Session>(config)) {}

ApiClient::ApiClient(std::shared_ptr<Session> session, CallOptions options)
    : session_(std::move(session)), options_(std::move(options)) {}

std::string ApiClient::send(Request const& request) const {
  return ApiCall{*session_, request, options_}.run();
}

std::shared_ptr<ApiClient const> ApiClient::with(CallOptions options) const {
  return std::shared_ptr<ApiClient const>{new ApiClient{session_, std::move(options)}};
}

std::shared_ptr<Clock> const& ApiClient::shared_clock() const noexcept {
  return session_->clock();
}

Config const& ApiClient::config() const noexcept {
  return session_->config();
}

}  // namespace lakebase::inline v0::detail
