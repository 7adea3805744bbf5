#pragma once

#include <initializer_list>
#include <memory>

#include <lakebase/config.hpp>
#include <lakebase/postgres_client.hpp>
#include <lakebase/testing/fake_clock.hpp>
#include <lakebase/testing/scripted_transport.hpp>

namespace lakebase::tests {

/// A configuration that reaches nothing but this transport and this clock, whatever the machine's environment says.
Config config_over(std::shared_ptr<Transport> transport,
                   std::shared_ptr<Clock> clock = std::make_shared<testing::FakeClock>());

PostgresClient client_over(std::shared_ptr<testing::ScriptedTransport> const& wire);

std::shared_ptr<testing::ScriptedTransport> script(std::initializer_list<testing::ScriptedAnswer> answers);

}  // namespace lakebase::tests
