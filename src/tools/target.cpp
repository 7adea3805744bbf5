#include "tools/target.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <lakebase/error.hpp>

namespace lakebase::tools {
namespace {

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
      throw InvalidArgument{
          fmt::format("invalid resource path: expected '{}' after {}", level.collection, level.after)};
    }
    if (parts[2 * i + 1].empty()) {
      throw InvalidArgument{fmt::format("invalid resource path: missing {} ID", level.what)};
    }
    target.*level.id = parts[2 * i + 1];
  }
  return target;
}

}  // namespace

bool is_path(std::string_view name) {
  return name.starts_with("projects/");
}

Target parse_target(std::string_view name) {
  if (name.empty()) return {};
  if (is_path(name)) return parse_path(name);
  return {.product = Target::Product::provisioned, .instance = std::string{name}};
}

std::string name_of(Target const& target) {
  if (!target.instance.empty()) return target.instance;
  std::string name;
  if (!target.project.empty()) name = "projects/" + target.project;
  if (!target.branch.empty()) name += "/branches/" + target.branch;
  if (!target.endpoint.empty()) name += "/endpoints/" + target.endpoint;
  return name;
}

std::string id_of(std::string_view name) {
  return std::string{name.substr(name.rfind('/') + 1)};
}

}  // namespace lakebase::tools
