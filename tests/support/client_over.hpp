#pragma once

#include <memory>
#include <string>
#include <utility>

#include <lakebase/config.hpp>
#include <lakebase/postgres_client.hpp>
#include <lakebase/testing/fake_clock.hpp>
#include <lakebase/testing/scripted_transport.hpp>

namespace lakebase::tests {

/// A configuration that reaches nothing but this transport and this clock, whatever the machine's environment says.
inline Config config_over(std::shared_ptr<Transport> transport,
                          std::shared_ptr<Clock> clock = std::make_shared<testing::FakeClock>()) {
  return Config{.host = "https://example.cloud.databricks.com",
                .token = "planted-token",
                .transport = std::move(transport),
                .clock = std::move(clock),
                .environment = [](std::string_view) { return std::optional<std::string>{}; }};
}

inline PostgresClient client_over(std::shared_ptr<testing::ScriptedTransport> const& wire) {
  return PostgresClient{config_over(wire)};
}

inline std::shared_ptr<testing::ScriptedTransport> script(std::initializer_list<testing::ScriptedAnswer> answers) {
  return std::make_shared<testing::ScriptedTransport>(answers);
}

}  // namespace lakebase::tests
