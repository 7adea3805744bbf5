#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <lakebase/error.hpp>
#include <lakebase/workspace_client.hpp>

namespace lakebase::tools {

/// What one step on the way from the configuration to a row has shown.
struct DoctorStep {
  std::string name{};
  bool is_ok = true;
  std::chrono::nanoseconds elapsed{};
  /// What was found, or what is wrong; without secrets.
  std::string detail{};
  /// What to do; empty if it is ok.
  std::string remedy{};
};

struct DoctorOptions {
  /// `projects/p[/branches/b[/endpoints/e]]`, or the name of an instance. Empty: the only project or instance.
  std::string target{};
  std::optional<std::string> database{};
  /// Whose rights are looked at. Empty: that of `search_path` in which tables would be created.
  std::string schema{};
  /// That have to be there.
  std::vector<std::string> extensions{};
  /// Synced tables, `catalog.schema.table`, that have to be filled.
  std::vector<std::string> synced_tables{};
  /// Whether to look at the change data feeds of the database, which are not for instances.
  bool feeds = false;
  /// Whether reading is all that is needed.
  bool reads_only = false;
  /// Whether the profile was named on the command line, for the source of that setting.
  bool profile_flag = false;
  /// Of each step.
  std::chrono::nanoseconds limit = std::chrono::seconds{15};
  /// Of the login, which may have to wake the compute.
  std::chrono::nanoseconds login_limit = std::chrono::seconds{60};
  std::stop_token stop{};
  /// Is told of each step as soon as it is over.
  std::function<void(DoctorStep const&)> on_step{};
};

/// Goes from the configuration to a row of a database, up to the first step that fails. Each step has a deadline.
/// `make_client` makes the client, or throws ConfigError.
/// @throws Cancelled after a stop request
std::vector<DoctorStep> examine(std::function<WorkspaceClient()> const& make_client, DoctorOptions const& options);

/// What to do about an error of a step; `step` is its name. Never empty.
std::string remedy_for(std::string const& step, Error const& error);

}  // namespace lakebase::tools
