#pragma once

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/config.hpp>
#include <lakebase/error.hpp>

#include "call/api_client.hpp"
#include "http/curl_transport.hpp"
#include "support/identity_server.hpp"
#include "support/skipping_clock.hpp"
#include "support/temporary_folder.hpp"
#include "support/variables.hpp"

namespace lakebase::tests {

/// A client that logs in at a fake identity server over real sockets.
class StrategyTest : public ::testing::Test {
 protected:
  StrategyTest() {
    server.on("GET /api", {.body = "{}"});
    variables["HOME"] = home.path();
    variables["PATH"] = home.path() / "bin";
  }

  Config config(Config base = {}) {
    if (!base.host && !base.azure_workspace_resource_id) base.host = server.url();
    base.clock = clock;
    base.environment = environment(variables);
    base.transport = std::make_shared<Rerouting>(detail::make_curl_transport({}), server.url());
    base.log = [this](LogRecord const& record) {
      std::lock_guard const lock{log_mutex};
      log.append(record.message).append("\n");
    };
    base.log_level = LogLevel::debug;
    base.debug_headers = true;
    return base;
  }

  /// The text of the error that a first call ends with; empty where it succeeds.
  std::string error_of(Config base) {
    try {
      detail::ApiClient{config(std::move(base))}.send(detail::Request::get("/api"));
    } catch (Error const& error) {
      return error.what();
    }
    return {};
  }

  /// What the last call sent in a header.
  std::string sent(std::string const& header) const {
    auto const text = server.requests("GET /api").back();
    auto const at = text.find("\r\n" + header + ": ");
    if (at == std::string::npos) return {};
    auto const begin = at + header.size() + 4;
    return text.substr(begin, text.find("\r\n", begin) - begin);
  }

  void TearDown() override { EXPECT_EQ(log.find("planted"), std::string::npos) << log; }

  TemporaryFolder home;
  Variables variables;
  IdentityServer server;
  std::shared_ptr<SkippingClock> clock = std::make_shared<SkippingClock>();
  std::mutex log_mutex;
  std::string log;
};

}  // namespace lakebase::tests
