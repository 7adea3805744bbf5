#include <lakebase/database_client.hpp>

#include "call/call.hpp"
#include "database/service.hpp"

namespace lakebase {
inline namespace v0 {

DatabaseClient::DatabaseClient(Config const& config)
    : api_(std::make_shared<detail::ApiClient const>(config, detail::database_service)) {}

DatabaseClient::DatabaseClient(FromApi /*tag*/, std::shared_ptr<detail::ApiClient const> api) : api_(std::move(api)) {}

DatabaseClient DatabaseClient::with(CallOptions options) const {
  return DatabaseClient{FromApi{}, api_->with(std::move(options))};
}

CallOptions const& DatabaseClient::options() const& noexcept {
  return api_->options();
}

std::shared_ptr<Clock> DatabaseClient::clock() const {
  return api_->shared_clock();
}

Config const& DatabaseClient::config() const& noexcept {
  return api_->config();
}

detail::OperationHandle DatabaseClient::resume_handle(std::string_view instance_name) const {
  return detail::resume_operation(api_, instance_name, detail::instance_protocol, true);
}

}  // namespace v0
}  // namespace lakebase
