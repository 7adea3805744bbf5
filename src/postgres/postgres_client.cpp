#include <lakebase/postgres_client.hpp>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "call/call.hpp"
#include "postgres/service.hpp"

namespace lakebase {
inline namespace v0 {

PostgresClient::PostgresClient(Config const& config)
    : api_(std::make_shared<detail::ApiClient const>(config, detail::postgres_service)) {}

PostgresClient::PostgresClient(FromApi /*tag*/, std::shared_ptr<detail::ApiClient const> api) : api_(std::move(api)) {}

PostgresClient PostgresClient::with(CallOptions options) const {
  return PostgresClient{FromApi{}, api_->with(std::move(options))};
}

CallOptions const& PostgresClient::options() const& noexcept {
  return api_->options();
}

std::shared_ptr<Clock> PostgresClient::clock() const {
  return api_->shared_clock();
}

Config const& PostgresClient::config() const& noexcept {
  return api_->config();
}

detail::OperationHandle PostgresClient::resume_handle(std::string_view operation_name, bool has_result) const {
  if (!detail::names_operation(operation_name)) {
    throw InvalidArgument{fmt::format("\"{}\" is not the name of an operation", operation_name.substr(0, 128))};
  }
  return detail::resume_operation(api_, operation_name, api_->service().operations, has_result);
}

}  // namespace v0
}  // namespace lakebase
