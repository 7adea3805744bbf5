#include "support/client_over.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "support/secret_watch.hpp"

namespace lakebase::tests {

Config config_over(std::shared_ptr<Transport> transport, std::shared_ptr<Clock> clock) {
  return Config{.host = "https://example.cloud.databricks.com",
                .token = "planted-token",
                .log = watched_log(),
                .log_level = LogLevel::debug,
                .transport = std::move(transport),
                .clock = std::move(clock),
                .environment = [](std::string_view) { return std::optional<std::string>{}; }};
}

PostgresClient client_over(std::shared_ptr<testing::ScriptedTransport> const& wire) {
  return PostgresClient{config_over(wire)};
}

std::shared_ptr<testing::ScriptedTransport> script(std::initializer_list<testing::ScriptedAnswer> answers) {
  return std::make_shared<testing::ScriptedTransport>(answers);
}

}  // namespace lakebase::tests
