#include "cli/session/session.hpp"

#include <lakebase/error.hpp>
#include <lakebase/version.hpp>

namespace lakebase::cli {

WorkspaceClient workspace(Settings const& settings, std::stop_token stop) {
  Config config;
  config.profile = settings.profile;
  config.product = "lakebase-cli";
  config.product_version = LAKEBASE_VERSION;
  if (settings.shows_requests) {
    config.log_level = LogLevel::debug;
    config.log = log_to_stderr();
  }
  WorkspaceClient const client{config};
  return client.with({.stop = std::move(stop)});
}

std::string message_of(std::exception const& error) {
  // The service's own words. What the library adds to them speaks of calls in C++.
  if (auto const* const of_service = dynamic_cast<ApiError const*>(&error)) return of_service->message();
  if (auto const* const failed = dynamic_cast<OperationFailed const*>(&error)) return failed->message();
  return error.what();
}

}  // namespace lakebase::cli
