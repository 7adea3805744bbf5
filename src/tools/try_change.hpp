#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/pq/connection.hpp>
#include <lakebase/pq/schema_diff.hpp>
#include <lakebase/wait_options.hpp>
#include <lakebase/workspace_client.hpp>

namespace lakebase::tools {

/// One statement of a script that was run.
struct RanStatement {
  std::string statement{};
  std::chrono::nanoseconds elapsed{};
  /// What the server calls it; of a statement that was explained, `EXPLAIN`.
  std::string command{};
  /// As `EXPLAIN ANALYZE` prints it; of statements that have one.
  std::optional<std::string> plan{};
};

struct RunOptions {
  /// Whether statements that have a plan are explained while they run.
  bool with_plans = false;
  /// Of each statement.
  std::chrono::nanoseconds limit = std::chrono::minutes{5};
  std::stop_token stop{};
};

/// Runs a script in one transaction: all of it, or nothing.
/// @throws Error that names the statement, if one fails
std::vector<RanStatement> run_script(pq::Connection& session, std::string_view script, RunOptions const& options);

struct Trial {
  std::vector<RanStatement> statements{};
  pq::SchemaDiff diff{};
};

struct TrialOptions {
  std::optional<std::string> database{};
  std::chrono::nanoseconds limit = std::chrono::minutes{5};
  WaitOptions wait{};
  /// Is told what begins: `making a branch`, `running the script`.
  std::function<void(std::string const& step)> begins{};
};

/// Runs a script on a new branch of a branch, and deletes that again, whatever happens. The branch has an expiry of an
/// hour, in case this process ends before.
/// @throws Error, as `run_script`
Trial try_change(WorkspaceClient const& client, std::string_view branch, std::string_view script,
                 TrialOptions const& options);

}  // namespace lakebase::tools
