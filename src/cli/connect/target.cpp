#include "cli/connect/target.hpp"

#include <string_view>

#include <fmt/format.h>

#include "cli/base/failure.hpp"

namespace lakebase::cli {
namespace {

using tools::Target;

/// Fills in what the path lacks.
void fill_in(std::string& id, std::string const& flag, std::string_view what) {
  if (flag.empty()) return;
  if (!id.empty() && id != flag) {
    throw Failure{fmt::format("--{0} flag conflicts with {0} in path: {1} vs {2}", what, flag, id)};
  }
  id = flag;
}

}  // namespace

tools::Target read_target(CommandLine const& line) {
  bool const provisioned = line.is_on("provisioned");
  bool const autoscaling = line.is_on("autoscaling");
  if (provisioned && autoscaling) {
    throw Failure{
        "if any flags in the group [provisioned autoscaling] are set none of the others can be; "
        "[autoscaling provisioned] were all set"};
  }
  if (line.positionals().size() > 1) throw Failure{"expected at most one positional argument for target"};
  auto const path = line.positionals().empty() ? std::string{} : line.positionals()[0];
  auto const project = line.value("project").value_or("");
  auto const branch = line.value("branch").value_or("");
  auto const endpoint = line.value("endpoint").value_or("");
  bool const has_parts = !project.empty() || !branch.empty() || !endpoint.empty();
  if (provisioned && has_parts) {
    throw Failure{"cannot use --project, --branch, or --endpoint flags with --provisioned"};
  }
  if (tools::is_path(path)) {
    if (provisioned) throw Failure{"cannot use --provisioned flag with an autoscaling resource path"};
    auto target = tools::parse_target(path);
    fill_in(target.project, project, "project");
    fill_in(target.branch, branch, "branch");
    fill_in(target.endpoint, endpoint, "endpoint");
    return target;
  }
  if (!path.empty()) {
    if (has_parts) {
      throw Failure{"cannot use --project, --branch, or --endpoint flags with a provisioned instance name"};
    }
    if (autoscaling) throw Failure{"cannot use --autoscaling flag with a provisioned instance name"};
    return {.product = Target::Product::provisioned, .instance = path};
  }
  if (has_parts) {
    if (project.empty()) throw Failure{"--project is required when using --branch or --endpoint"};
    return {.product = Target::Product::autoscaling, .project = project, .branch = branch, .endpoint = endpoint};
  }
  if (provisioned) return {.product = Target::Product::provisioned};
  if (autoscaling) return {.product = Target::Product::autoscaling};
  return {};
}

}  // namespace lakebase::cli
