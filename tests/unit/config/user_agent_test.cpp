#include "config/user_agent.hpp"

#include <map>

#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/version.hpp>

namespace lakebase::detail {
namespace {

Config with(std::map<std::string, std::string, std::less<>> variables) {
  Config config;
  config.environment = [variables = std::move(variables)](std::string_view name) {
    auto const found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  };
  return config;
}

std::string const head = "unknown/0.0.0 databricks-sdk-cpp/" LAKEBASE_VERSION " cpp/20 os/linux";

TEST(UserAgent, NamesProductSdkAndAuthentication) {
  EXPECT_EQ(UserAgent{with({})}.with_auth("pat"), head + " auth/pat");
  EXPECT_EQ(UserAgent{with({})}.base(), head);
}

TEST(UserAgent, NamesWhereTheProgramRuns) {
  auto config = with({{"GITHUB_ACTIONS", "true"},
                      {"TF_BUILD", "True"},
                      {"CLAUDECODE", "1"},
                      {"DATABRICKS_RUNTIME_VERSION", "15.4 LTS/x"},
                      {"DATABRICKS_SDK_UPSTREAM", "up"},
                      {"DATABRICKS_SDK_UPSTREAM_VERSION", "1.0.0"}});
  config.with_user_agent_extra("partner", "acme").with_user_agent_extra("partner", "acme");
  EXPECT_EQ(UserAgent{config}.with_auth("pat"),
            head +
                " auth/pat partner/acme upstream/up upstream-version/1.0.0 runtime/15.4-LTS-x cicd/azure-devops "
                "agent/claude-code");
  EXPECT_EQ(UserAgent{with({{"CLAUDECODE", ""}, {"KIRO", ""}})}.base(), head + " agent/multiple");
  EXPECT_EQ(UserAgent{with({{"AI_AGENT", "my agent"}})}.base(), head + " agent/my-agent");
}

TEST(UserAgent, RefusesWhatCannotStandThere) {
  Config config;
  EXPECT_THROW(config.with_user_agent_extra("a b", "c"), InvalidArgument);
  EXPECT_THROW(config.with_user_agent_extra("a", ""), InvalidArgument);
  auto named = with({});
  named.product = "my app";
  EXPECT_THROW(UserAgent{named}, ConfigError);
  named.product = "app";
  named.product_version = "1.0";
  EXPECT_THROW(UserAgent{named}, ConfigError);
  named.product_version = "1.0.0-rc.1";
  EXPECT_EQ(UserAgent{named}.base().substr(0, 14), "app/1.0.0-rc.1");
}

}  // namespace
}  // namespace lakebase::detail
