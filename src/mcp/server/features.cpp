#include "mcp/server/features.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <lakebase/version.hpp>

#include "mcp/server/completion.hpp"
#include "mcp/server/prompts.hpp"
#include "mcp/server/resources.hpp"
#include "mcp/tools/branch_tool.hpp"
#include "mcp/tools/credential_tool.hpp"
#include "mcp/tools/database_tool.hpp"
#include "mcp/tools/describe_tool.hpp"
#include "mcp/tools/diff_tool.hpp"
#include "mcp/tools/doctor_tool.hpp"
#include "mcp/tools/query_tool.hpp"
#include "mcp/tools/snapshot_tool.hpp"
#include "mcp/tools/sync_tool.hpp"
#include "mcp/tools/try_change_tool.hpp"

namespace lakebase::mcp {
namespace {

constexpr char const* instructions =
    "Lakebase is managed PostgreSQL on Databricks. An Autoscaling project has branches, which are copies that cost "
    "little, "
    "and each branch an endpoint to connect to; a Provisioned instance is a server of its own. Look before you change: "
    "describe_lakebase and query_lakebase only read. Change a schema by try_lakebase_change, which runs a script on a "
    "branch first. If something does not connect, doctor_lakebase says why.";

/// What a tool does to the world.
enum class Effect { reads, adds, destroys };

struct Offer {
  Tool tool;
  Effect effect = Effect::reads;
  bool is_idempotent = false;
  /// Whether it is left out with --read-only: it changes something, or gives away what others change something with.
  bool is_for_writers = true;
};

Json annotations_of(Offer const& offer) {
  Json annotations{{"title", offer.tool.title},
                   {"readOnlyHint", offer.effect == Effect::reads},
                   {"openWorldHint", true},
                   {"idempotentHint", offer.is_idempotent}};
  if (offer.effect != Effect::reads) annotations["destructiveHint"] = offer.effect == Effect::destroys;
  return annotations;
}

/// A tool of one action, under the name that it had before several became one.
Offer older(Tool tool, char const* name, char const* action, Effect effect) {
  tool.description = fmt::format("The older name of {} with the action {}.", tool.name, action);
  tool.name = name;
  return {std::move(tool), effect, true, effect != Effect::reads};
}

std::vector<Offer> offers(Workspace& workspace) {
  bool const writes = workspace.options().allows_writes && !workspace.options().is_read_only;
  std::vector<Offer> all;
  all.push_back({database_tool(workspace), Effect::destroys});
  all.push_back({branch_tool(workspace), Effect::destroys});
  all.push_back({sync_tool(workspace), Effect::destroys});
  all.push_back({credential_tool(workspace), Effect::adds});
  all.push_back({query_tool(workspace), writes ? Effect::destroys : Effect::reads, !writes, false});
  all.push_back({describe_tool(workspace), Effect::reads, true, false});
  all.push_back({diff_tool(workspace), Effect::reads, true, false});
  all.push_back({doctor_tool(workspace), Effect::reads, true, false});
  all.push_back({snapshot_tool(workspace), Effect::destroys});
  all.push_back({try_change_tool(workspace), Effect::destroys});
  constexpr auto put = "create_or_update";
  all.push_back(older(database_tool(workspace, put), "create_or_update_lakebase_database", put, Effect::adds));
  all.push_back(older(database_tool(workspace, "get"), "get_lakebase_database", "get", Effect::reads));
  all.push_back(older(database_tool(workspace, "delete"), "delete_lakebase_database", "delete", Effect::destroys));
  all.push_back(older(branch_tool(workspace, put), "create_or_update_lakebase_branch", put, Effect::adds));
  all.push_back(older(branch_tool(workspace, "delete"), "delete_lakebase_branch", "delete", Effect::destroys));
  return all;
}

/// How many calls there were in the last minute.
class Limit {
 public:
  explicit Limit(int most) : most_(static_cast<std::size_t>(most)) {}
  void take() {
    std::lock_guard const lock{mutex_};
    auto const now = std::chrono::steady_clock::now();
    while (!times_.empty() && times_.front() + std::chrono::minutes{1} < now) times_.pop_front();
    if (times_.size() >= most_) {
      throw Refusal{
          fmt::format("There were {} calls in the last minute, which is the limit of this server: wait, or have it "
                      "started with a higher --calls-per-minute.",
                      most_)};
    }
    times_.push_back(now);
  }

 private:
  std::size_t const most_;
  std::mutex mutex_;
  std::deque<std::chrono::steady_clock::time_point> times_;
};

Tool limited(Tool tool, std::shared_ptr<Limit> const& limit) {
  if (!limit) return tool;
  tool.run = [run = std::move(tool.run), limit](Call& call) {
    limit->take();
    return run(call);
  };
  return tool;
}

bool is_wanted(ToolOptions const& options, std::string const& name) {
  return options.tools.empty() || std::find(options.tools.begin(), options.tools.end(), name) != options.tools.end();
}

}  // namespace

Features lakebase_features(Workspace& workspace) {
  auto const& options = workspace.options();
  auto all = offers(workspace);
  std::vector<std::string> known;
  for (auto const& offer : all) known.push_back(offer.tool.name);
  for (auto const& name : options.tools) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw std::invalid_argument(
        fmt::format("--tools: there is no tool '{}'; there are {}", name, fmt::join(known, ", ")));
  }
  Features features{.name = "lakebase-mcp", .version = LAKEBASE_VERSION, .instructions = instructions};
  auto const limit = options.calls_per_minute > 0 ? std::make_shared<Limit>(options.calls_per_minute) : nullptr;
  for (auto& offer : all) {
    if ((options.is_read_only && offer.is_for_writers) || !is_wanted(options, offer.tool.name)) continue;
    offer.tool.annotations = annotations_of(offer);
    features.tools.push_back(told(limited(std::move(offer.tool), limit)));
  }
  features.resource_templates = resource_templates(workspace);
  features.prompts = prompts();
  features.complete = [&workspace](Call& call) { return completions(workspace, call); };
  return features;
}

}  // namespace lakebase::mcp
