#pragma once

#include <string>
#include <string_view>

namespace lakebase::tools {

/// What is to be worked on, as far as its name says.
struct Target {
  enum class Product { any, provisioned, autoscaling };

  Product product = Product::any;
  /// Ids; empty if the only one is to be taken, or one is to be chosen.
  std::string project{};
  std::string branch{};
  std::string endpoint{};
  /// Name of an instance; empty if one is to be chosen.
  std::string instance{};
};

/// Whether a name is the path of a project or of something in it.
bool is_path(std::string_view name);

/// Reads `projects/p[/branches/b[/endpoints/e]]`, or the name of an instance. An empty one leaves all open.
/// @throws InvalidArgument for a path that is none
Target parse_target(std::string_view name);

/// `projects/p[/branches/b[/endpoints/e]]` as far as the ids are known, or the name of the instance.
std::string name_of(Target const& target);

/// The last part of a resource's name.
std::string id_of(std::string_view name);

}  // namespace lakebase::tools
