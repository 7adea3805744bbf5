#include "cli/connect/target.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "cli/base/failure.hpp"

namespace lakebase::cli {
namespace {

constexpr std::string_view projects = "projects/";

/// The parts between slashes, empty ones too.
std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= path.size();) {
    auto const end = std::min(path.find('/', start), path.size());
    parts.emplace_back(path.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

/// `projects/p[/branches/b[/endpoints/e]]`.
Target parse_path(std::string_view path) {
  struct Level {
    std::string_view collection;
    std::string_view after;
    std::string_view what;
    std::string Target::*id;
  };
  constexpr std::array levels = {Level{"projects", "", "project", &Target::project},
                                 Level{"branches", "project", "branch", &Target::branch},
                                 Level{"endpoints", "branch", "endpoint", &Target::endpoint}};
  Target target{.product = Target::Product::autoscaling};
  auto const parts = parts_of(path);
  for (std::size_t i = 0; i < levels.size() && 2 * i < parts.size(); ++i) {
    auto const& level = levels[i];
    if (parts[2 * i] != level.collection || parts.size() < 2 * i + 2) {
      throw Failure{fmt::format("invalid resource path: expected '{}' after {}", level.collection, level.after)};
    }
    if (parts[2 * i + 1].empty()) throw Failure{fmt::format("invalid resource path: missing {} ID", level.what)};
    target.*level.id = parts[2 * i + 1];
  }
  return target;
}

/// Fills in what the path lacks.
void fill_in(std::string& id, std::string const& flag, std::string_view what) {
  if (flag.empty()) return;
  if (!id.empty() && id != flag) {
    throw Failure{fmt::format("--{0} flag conflicts with {0} in path: {1} vs {2}", what, flag, id)};
  }
  id = flag;
}

}  // namespace

Target read_target(CommandLine const& line) {
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
  if (path.starts_with(projects)) {
    if (provisioned) throw Failure{"cannot use --provisioned flag with an autoscaling resource path"};
    auto target = parse_path(path);
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
