#include "config/resolve.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/workspace_client.hpp>

#include "config/attributes.hpp"
#include "config/cloud.hpp"
#include "support/temporary_folder.hpp"
#include "support/variables.hpp"

namespace lakebase::detail {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::Variables;

class ResolveTest : public ::testing::Test {
 protected:
  ResolvedConfig resolve(Config config = {}, Variables variables = {}) {
    variables.try_emplace("HOME", home.path());
    config.environment = tests::environment(std::move(variables));
    return resolve_config(config);
  }
  std::string error_of(Config config = {}, Variables variables = {}) {
    try {
      variables.try_emplace("HOME", home.path());
      config.environment = tests::environment(std::move(variables));
      WorkspaceClient const client{config};
    } catch (ConfigError const& error) {
      return error.what();
    }
    return "no error";
  }
  void write_profiles(std::string_view text) { home.write(".databrickscfg", text); }

  tests::TemporaryFolder home;
};

TEST_F(ResolveTest, CodeBeatsEnvironmentBeatsProfilePerAttribute) {
  write_profiles("[p]\nhost = https://file\ntoken = file-token\ncluster_id = file-cluster\nworkspace_id = none\n");
  auto const config = resolve(
      {.token = "code-token"},
      {{"DATABRICKS_HOST", "env.example"}, {"DATABRICKS_TOKEN", "env-token"}, {"DATABRICKS_CONFIG_PROFILE", "p"}});
  EXPECT_EQ(config.values.host, "https://env.example");
  EXPECT_EQ(config.values.token, "code-token");
  EXPECT_EQ(config.values.cluster_id, "file-cluster");
  EXPECT_EQ(config.values.workspace_id, std::nullopt);
  EXPECT_EQ(config.source_of("host").name, "DATABRICKS_HOST");
  EXPECT_EQ(config.source_of("token").kind, Source::Kind::code);
  EXPECT_EQ(config.source_of("cluster_id").kind, Source::Kind::file);
  EXPECT_THAT(config.warnings, ::testing::ElementsAre(HasSubstr("DATABRICKS_HOST overrules host")));
}

TEST_F(ResolveTest, EmptyCountsAsUnset) {
  auto const config = resolve({.host = "", .token = ""}, {{"DATABRICKS_HOST", "x.com"}, {"DATABRICKS_TOKEN", "  t\n"}});
  EXPECT_EQ(config.values.host, "https://x.com");
  EXPECT_EQ(config.values.token, "t");
}

TEST_F(ResolveTest, EveryVariableIsRead) {
  for (auto const& attribute : attributes()) {
    for (auto const variable : attribute.variables) {
      if (variable.empty() || attribute.name == "config_file" || attribute.name == "profile") continue;
      std::string const value = attribute.name == "host" ? "https://x.com" : "1";
      Variables variables{{std::string{variable}, value}};
      if (attribute.name != "host") variables["DATABRICKS_HOST"] = "x.com";
      auto const config = resolve({}, variables);
      EXPECT_TRUE(is_set(config.values, attribute)) << variable;
      EXPECT_EQ(config.source_of(attribute.name).name, variable);
    }
  }
}

TEST_F(ResolveTest, EveryProfileKeyIsRead) {
  for (auto const& attribute : attributes()) {
    for (auto const key : {attribute.name, attribute.other_key}) {
      if (key.empty() || attribute.name == "config_file" || attribute.name == "profile") continue;
      write_profiles("[DEFAULT]\n" + std::string{key} + " = 1\n");
      EXPECT_TRUE(is_set(resolve().values, attribute)) << key;
    }
  }
}

TEST_F(ResolveTest, ValuesAreParsedAndErrorsNameTheirSource) {
  EXPECT_EQ(resolve({}, {{"ARM_USE_MSI", "False"}}).values.azure_use_msi, false);
  EXPECT_EQ(resolve({}, {{"ARM_USE_MSI", "yes"}}).values.azure_use_msi, true);
  EXPECT_EQ(resolve({.scopes = {"b a", "a,c"}}).values.scopes, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_THAT(error_of({}, {{"ARM_USE_MSI", "maybe"}}), HasSubstr("ARM_USE_MSI"));
  EXPECT_THAT(error_of({}, {{"DATABRICKS_RATE_LIMIT", "1.5"}}), HasSubstr("DATABRICKS_RATE_LIMIT"));
  write_profiles("[DEFAULT]\nhttp_timeout_seconds = inf\n");
  EXPECT_THAT(error_of(), HasSubstr("http_timeout_seconds"));
  EXPECT_THAT(error_of({.host = "x", .token = "a", .retry_timeout_seconds = -1}), HasSubstr("retry_timeout_seconds"));
  EXPECT_THAT(error_of({.host = "x", .token = "planted\r\nX: y"}), HasSubstr("token has a line break"));
}

TEST_F(ResolveTest, WhatIsSentHasNoControlCharacter) {
  for (char const c : {'\x01', '\x1b', '\x7f', '\0'}) {
    auto const secret = std::string{"planted"} + c + "A";
    for (auto const& [name, config] :
         {std::pair{"token", Config{.host = "x", .token = secret}},
          std::pair{"password", Config{.host = "x", .username = "u", .password = secret}},
          std::pair{"client_secret", Config{.host = "x", .client_id = "id", .client_secret = secret}}}) {
      auto const error = error_of(config);
      EXPECT_THAT(error, HasSubstr(std::string{name} + " has a line break or control character inside"));
      EXPECT_THAT(error, Not(HasSubstr("planted")));
    }
  }
  EXPECT_EQ(error_of({.host = "x", .token = "dapi\tA"}), "no error");
}

TEST_F(ResolveTest, AnErrorAboutAHostShowsNoUserAndNoPath) {
  for (auto const* host : {"https://user:plan/ted@host", "https://user:plan?ted@host", "ftp://user:planted@host",
                           "https://user:plan#ted@host", "https://user:planted@host:x", "https://host:x/planted"}) {
    auto const error = error_of({.host = host, .token = "abcd"});
    EXPECT_NE(error, "no error") << host;
    EXPECT_THAT(error, Not(HasSubstr("plan"))) << host;
  }
}

TEST_F(ResolveTest, NumbersHaveBounds) {
  Config const base{.host = "x", .token = "abcd"};
  for (auto const member : {&Config::rate_limit, &Config::max_connection_pools, &Config::max_connections_per_pool,
                            &Config::max_response_bytes, &Config::debug_truncate_bytes, &Config::retry_timeout_seconds,
                            &Config::oauth_callback_port}) {
    auto config = base;
    config.*member = -1;
    EXPECT_NE(error_of(config), "no error");
    config.*member = 0;
    EXPECT_EQ(error_of(config), "no error");
  }
  auto config = base;
  config.oauth_callback_port = 65536;
  EXPECT_THAT(error_of(config), HasSubstr("oauth_callback_port"));
  config = base;
  config.http_timeout_seconds = -0.5;
  EXPECT_THAT(error_of(config), HasSubstr("http_timeout_seconds"));
}

TEST_F(ResolveTest, UnknownKeysAreNotedAndDoubleOnesWarnedOf) {
  write_profiles("[DEFAULT]\nhost = https://x.com\ntoken = a\ntoken = b\ncolour = red\n");
  auto const config = resolve();
  EXPECT_EQ(config.values.token, "b");
  EXPECT_THAT(config.notes, ::testing::ElementsAre(HasSubstr("colour")));
  EXPECT_THAT(config.warnings, ::testing::ElementsAre(HasSubstr("token is set twice")));
}

TEST_F(ResolveTest, ProfilesAreChosen) {
  write_profiles("[DEFAULT]\nhost=https://d\ntoken=t\n[p]\nhost=https://p\ntoken=t\n");
  EXPECT_EQ(resolve().values.host, "https://d");
  EXPECT_EQ(resolve().values.profile, "DEFAULT");
  EXPECT_EQ(resolve({.profile = "p"}).values.host, "https://p");
  EXPECT_EQ(resolve({}, {{"DATABRICKS_CONFIG_PROFILE", "p"}}).values.host, "https://p");
  EXPECT_EQ(resolve({.host = "https://code"}).values.token, std::nullopt) << "the file is not needed";
  write_profiles("[p]\nhost=https://p\n[__settings__]\ndefault_profile = p\n");
  EXPECT_EQ(resolve().values.host, "https://p");
  EXPECT_THAT(error_of({.profile = "q"}), HasSubstr("has no q profile configured"));
  EXPECT_THAT(error_of({.profile = "__settings__"}), HasSubstr("not a profile"));
  EXPECT_THAT(error_of({.profile = "p", .config_file = "/nonexistent"}),
              HasSubstr("profile p is requested, but /nonexistent"));
  EXPECT_EQ(resolve({.config_file = "~/.databrickscfg"}).values.host, "https://p");
}

TEST_F(ResolveTest, AnUnknownProfileIsNamedWithTheOnesThereAre) {
  write_profiles("[DEFAULT]\n[p]\nhost=https://p\n[q]\nhost=https://q\n[__settings__]\ndefault_profile = p\n");
  EXPECT_THAT(error_of({.profile = "prod"}), HasSubstr("has no prod profile configured. Its profiles are: p, q."));
  write_profiles("");
  EXPECT_THAT(error_of({.profile = "prod"}), HasSubstr("The file has no profiles"));
}

TEST_F(ResolveTest, AProfileNamedInCodeIsNotOverruledByAnotherHostOfTheEnvironment) {
  write_profiles("[prod]\nhost=https://prod.example/\ntoken=abcd\n");
  auto const text = error_of({.profile = "prod"}, {{"DATABRICKS_HOST", "https://test.example"}});
  EXPECT_THAT(text,
              HasSubstr("profile prod, named in code, is for the host https://prod.example, but DATABRICKS_HOST is "
                        "https://test.example"));
  EXPECT_THAT(text, HasSubstr("Unset DATABRICKS_HOST, or set Config::host"));
  EXPECT_EQ(error_of({.profile = "prod"}, {{"DATABRICKS_HOST", "prod.example"}}), "no error") << "the same host";
  EXPECT_EQ(
      resolve({}, {{"DATABRICKS_CONFIG_PROFILE", "prod"}, {"DATABRICKS_HOST", "https://test.example"}}).values.host,
      "https://test.example")
      << "both from the environment, whose host comes first";
  EXPECT_EQ(resolve({.host = "https://code.example", .profile = "prod"}, {{"DATABRICKS_HOST", "https://test.example"}})
                .values.host,
            "https://code.example");
}

TEST_F(ResolveTest, NoConfigurationBeginsWithTheRemedyAndTellsTheRestOnLinesOfTheirOwn) {
  auto const text = error_of();
  auto const first = text.substr(0, text.find('\n'));
  EXPECT_THAT(first, HasSubstr("cannot configure default credentials. Set DATABRICKS_HOST and DATABRICKS_TOKEN, or run "
                               "`databricks auth login`"));
  EXPECT_LT(first.size(), 300U);
  EXPECT_THAT(text, HasSubstr("\n  Looked at: "));
  EXPECT_THAT(text, HasSubstr("\n  Not applicable: pat: host is not set\n"));
}

TEST_F(ResolveTest, NoConfigurationIsOneErrorThatNamesEveryPlace) {
  auto const text = error_of();
  for (auto const* part :
       {"default auth: cannot configure default credentials", "databricks-client-unified-authentication",
        "DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CONFIG_PROFILE", "settings in code",
        ".databrickscfg (does not exist)", "pat: host is not set", "databricks auth login"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(error_of({}, {{"DATABRICKS_HOST", "x"}}), HasSubstr("Config: host=https://x. Env: DATABRICKS_HOST"));
  EXPECT_THAT(error_of({}, {{"DATABRICKS_TOKEN", "planted"}}), HasSubstr("Config: token=***. Env: DATABRICKS_TOKEN"));
  EXPECT_THAT(error_of({}, {{"DATABRICKS_TOKEN", "planted"}}), Not(HasSubstr("planted")));
}

TEST_F(ResolveTest, AmbiguousCredentialsAreRefused) {
  EXPECT_THAT(error_of({}, {{"DATABRICKS_HOST", "x"},
                            {"DATABRICKS_TOKEN", "a"},
                            {"DATABRICKS_USERNAME", "u"},
                            {"DATABRICKS_PASSWORD", "p"}}),
              HasSubstr("validate: more than one authorization method configured: basic and pat"));
  EXPECT_EQ(error_of({.auth_type = "pat"},
                     {{"DATABRICKS_HOST", "x"}, {"DATABRICKS_TOKEN", "abcd"}, {"DATABRICKS_USERNAME", "u"}}),
            "no error");
  EXPECT_EQ(error_of({.oidc_token_filepath = "f", .client_id = "c"}, {{"DATABRICKS_HOST", "x"}}), "no error");
  auto const mine =
      resolve({.client_id = "c", .client_secret = "s"}, {{"DATABRICKS_HOST", "x"}, {"DATABRICKS_TOKEN", "a"}});
  EXPECT_EQ(mine.values.token, std::nullopt) << "credentials in code overrule others of the environment";
}

TEST_F(ResolveTest, HostsAreChecked) {
  EXPECT_THAT(error_of({.host = "http://x.com", .token = "abcd"}), HasSubstr("plain http"));
  EXPECT_EQ(error_of({.host = "http://x.com", .token = "abcd", .allow_plain_http = true}), "no error");
  EXPECT_EQ(error_of({.host = "http://127.0.0.2:8080", .token = "abcd"}), "no error");
  EXPECT_THAT(error_of({.host = "https://accounts.cloud.databricks.com", .token = "abcd"}),
              HasSubstr("console of an account"));
  EXPECT_EQ(resolve({.host = "https://x.com/?o=55"}).values.workspace_id, "55");
  EXPECT_EQ(resolve({.host = "https://x.com/?o=55", .workspace_id = "1"}).values.workspace_id, "1");
}

TEST_F(ResolveTest, UnknownAuthTypesAreNamedWithTheKnownOnes) {
  EXPECT_THAT(error_of({.host = "x", .auth_type = "magic"}),
              HasSubstr("auth_type magic is unknown; there are pat, basic"));
  EXPECT_THAT(error_of({.host = "x", .auth_type = "oauth-m2m"}), HasSubstr("oauth-m2m auth: client_id is not set"));
}

TEST(Cloud, IsToldByHostOrSettings) {
  EXPECT_EQ(cloud_of({}, "x.cloud.databricks.com"), Cloud::aws);
  EXPECT_EQ(cloud_of({}, "adb-1.2.azuredatabricks.net"), Cloud::azure);
  EXPECT_EQ(cloud_of({}, "x.gcp.databricks.com"), Cloud::gcp);
  EXPECT_EQ(cloud_of({.cloud = "gcp"}, "vanity.example"), Cloud::gcp);
  EXPECT_EQ(cloud_of({.azure_workspace_resource_id = "/subscriptions/x"}, ""), Cloud::azure);
  EXPECT_EQ(azure_endpoints({.azure_environment = "AzureUSGovernmentCloud"}, "").name, "USGOVERNMENT");
  EXPECT_EQ(azure_endpoints({}, "x.databricks.azure.cn").name, "CHINA");
  EXPECT_EQ(azure_application_id({}, "x.dev.azuredatabricks.net"), "62a912ac-b58e-4c1d-89ea-b2dbfc7358fc");
}

}  // namespace
}  // namespace lakebase::detail
