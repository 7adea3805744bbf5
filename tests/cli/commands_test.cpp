// The table of commands, held against the manifests of the APIs: that each method has its command, and each parameter
// its place in it.

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "cli/api/command.hpp"
#include "cli/api/run_command.hpp"
#include "cli/base/words.hpp"

namespace lakebase::cli {
namespace {

using testing::Contains;
using testing::ElementsAreArray;
using testing::UnorderedElementsAreArray;

using Names = std::vector<std::string>;

struct Service {
  std::string name;
  std::span<Command const> commands;
  nlohmann::json manifest;
};

Service service(std::string const& name, std::span<Command const> commands) {
  std::ifstream file{LAKEBASE_SURFACE_FOLDER "/" + name + "-api.json"};
  return {name, commands, nlohmann::json::parse(file)};
}

std::vector<Service> services() {
  return {service("postgres", postgres_commands()), service("database", database_commands())};
}

Command const* find(Service const& service, std::string const& method) {
  auto const found = std::find_if(service.commands.begin(), service.commands.end(),
                                  [&](Command const& command) { return command.method == method; });
  return found == service.commands.end() ? nullptr : &*found;
}

/// Names of a method's parameters that `is_one` accepts.
template <class Predicate>
Names parameters(nlohmann::json const& method, Predicate const& is_one) {
  Names names;
  for (auto const& parameter : method.at("params")) {
    if (is_one(parameter)) names.push_back(parameter.at("name"));
  }
  return names;
}

bool is_required(nlohmann::json const& parameter) {
  return parameter.at("required").get<bool>();
}

bool is_text(nlohmann::json const& parameter) {
  return parameter.at("type") == "str" || parameter.at("type") == "FieldMask";
}

Names positionals(Command const& command) {
  auto names = split(command.positionals, ' ');
  names.erase(std::remove(names.begin(), names.end(), "|"), names.end());
  return names;
}

TEST(Commands, EachMethodHasOne) {
  for (auto const& each : services()) {
    Names wanted;
    for (auto const& method : each.manifest.at("methods")) wanted.push_back(method.at("name"));
    Names found;
    for (auto const& command : each.commands) {
      EXPECT_EQ(command.service, each.name);
      found.emplace_back(command.method);
    }
    std::sort(wanted.begin(), wanted.end());
    EXPECT_THAT(found, ElementsAreArray(wanted)) << each.name;
  }
}

TEST(Commands, RequiredTextsArePositionalsInTheirOrder) {
  for (auto const& each : services()) {
    for (auto const& method : each.manifest.at("methods")) {
      auto const* const command = find(each, method.at("name"));
      ASSERT_NE(command, nullptr) << method.at("name");
      auto const texts =
          parameters(method, [](auto const& parameter) { return is_required(parameter) && is_text(parameter); });
      auto names = positionals(*command);
      ASSERT_GE(names.size(), texts.size()) << command->method;
      names.resize(texts.size());
      EXPECT_THAT(names, ElementsAreArray(texts)) << command->method;
      EXPECT_EQ(command->texts, texts.size()) << command->method;
    }
  }
}

TEST(Commands, OtherParametersAreOptions) {
  for (auto const& each : services()) {
    for (auto const& method : each.manifest.at("methods")) {
      auto const* const command = find(each, method.at("name"));
      ASSERT_NE(command, nullptr) << method.at("name");
      auto const optional = parameters(method, [](auto const& parameter) { return !is_required(parameter); });
      Names found;
      for (auto const& option : command->options) found.emplace_back(option.name);
      EXPECT_THAT(found, UnorderedElementsAreArray(optional)) << command->method;
    }
  }
}

TEST(Commands, AModelIsTakenAsJson) {
  for (auto const& each : services()) {
    for (auto const& method : each.manifest.at("methods")) {
      auto const* const command = find(each, method.at("name"));
      ASSERT_NE(command, nullptr) << method.at("name");
      auto const& body = method.at("body");
      bool const has_members = body.is_string() || (body.is_object() && !body.empty());
      EXPECT_EQ(command->takes_json(), has_members) << command->method;
    }
  }
}

TEST(Commands, PositionalsThatAreNoTextAreMembersOfTheModel) {
  for (auto const& each : services()) {
    for (auto const& command : each.commands) {
      auto const names = positionals(command);
      for (std::size_t i = command.texts; i < names.size(); ++i) {
        ASSERT_NE(command.body, nullptr) << command.method;
        EXPECT_THAT(command.body().names(), Contains(names[i])) << command.method;
      }
    }
  }
}

TEST(Commands, UsageNamesNoFlagTwiceAndShowsAnExample) {
  for (auto const& each : services()) {
    for (auto const& command : each.commands) {
      auto const usage = usage_of(command, "lakebase");
      Names flags;
      for (auto const& flag : usage.flags) flags.push_back(flag.name);
      std::sort(flags.begin(), flags.end());
      EXPECT_EQ(std::adjacent_find(flags.begin(), flags.end()), flags.end()) << command.method;
      EXPECT_TRUE(usage.example.starts_with(usage.command)) << usage.example;
      EXPECT_FALSE(command.summary.empty()) << command.method;
    }
  }
}

// What the Databricks CLI 1.14 has, by its own help: command and flags, besides --json, --no-wait, --timeout, --limit.
TEST(Commands, FlagsOfTheDatabricksCliAreThere) {
  struct Line {
    std::string service;
    std::string method;
    std::string flags;
  };
  std::string const instance =
      "capacity enable-pg-native-login enable-readable-secondaries node-count retention-window-in-days stopped "
      "usage-policy-id";
  std::string const table = "database-instance-name logical-database-name";
  std::vector<Line> const lines = {
      {"postgres", "create_branch", "name replace-existing"},
      {"postgres", "create_endpoint", "name replace-existing"},
      {"postgres", "create_database", "name database-id replace-existing"},
      {"postgres", "create_role", "name role-id replace-existing"},
      {"postgres", "create_cdf_config", "name cdf-config-id"},
      {"postgres", "delete_project", "purge"},
      {"postgres", "delete_branch", "purge"},
      {"postgres", "delete_role", "reassign-owned-to"},
      {"postgres", "delete_cdf_config", "force"},
      {"postgres", "generate_database_credential", "ttl expire-time"},
      {"postgres", "list_projects", "page-size page-token show-deleted"},
      {"postgres", "list_branches", "page-size page-token show-deleted"},
      {"postgres", "list_roles", "page-size page-token"},
      {"postgres", "update_project", "name"},
      {"database", "create_database_instance", instance},
      {"database", "update_database_instance", instance},
      {"database", "create_database_catalog", "create-database-if-not-exists"},
      {"database", "update_database_catalog", "create-database-if-not-exists"},
      {"database", "create_database_instance_role",
       "database-instance-name identity-type instance-name membership-role"},
      {"database", "create_database_table", table},
      {"database", "create_synced_database_table", table},
      {"database", "update_synced_database_table", table},
      {"database", "delete_database_instance", "force purge"},
      {"database", "delete_database_instance_role", "allow-missing reassign-owned-to"},
      {"database", "delete_synced_database_table", "purge-data"},
      {"database", "find_database_instance_by_uid", "uid"},
      {"database", "generate_database_credential", "request-id"},
  };
  auto const all = services();
  for (auto const& line : lines) {
    auto const* const command = find(all[line.service == "database" ? 1 : 0], line.method);
    ASSERT_NE(command, nullptr) << line.method;
    Names flags;
    for (auto const& flag : usage_of(*command, "lakebase").flags) flags.push_back(flag.name);
    for (auto const& flag : split(line.flags, ' ')) EXPECT_THAT(flags, Contains(flag)) << line.method;
  }
}

}  // namespace
}  // namespace lakebase::cli
