#include "cli/session/session.hpp"

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

}  // namespace lakebase::cli
