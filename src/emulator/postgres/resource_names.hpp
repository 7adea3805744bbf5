#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/resources.hpp"

namespace lakebase::emulator {

/// The name of a resource: `projects/{project}[/branches/{branch}[/{collection}/{leaf}]]`, and so on, as the table of
/// the kinds tells which belongs to which.
struct ResourceName {
  Kind kind = Kind::project;
  std::string project;
  /// Empty for a project, and for what is below a project but not below a branch.
  std::string branch;
  /// Id of what is neither a project nor a branch: the last segment of its name.
  std::string leaf;
  /// The endpoint of a compute instance, whose own id is `leaf`.
  std::string endpoint;

  std::string text() const;
  std::string const& id() const;
  /// Not for a project.
  ResourceName parent() const;
  friend bool operator==(ResourceName const&, ResourceName const&) = default;
};

/// `Branch` and so on, as in the service's type names.
std::string_view type_of(Kind kind);
/// `branch` and so on, as in the names of fields.
std::string_view field_of(Kind kind);

/// None if the segments are not the name of such a resource. Ids are not checked: an invalid one is not found.
std::optional<ResourceName> parse_name(std::vector<std::string> const& segments);
std::optional<ResourceName> parse_name(std::string_view name);

ResourceName project_name(std::string const& project);
ResourceName branch_name(std::string const& project, std::string const& branch);
ResourceName endpoint_name(std::string const& project, std::string const& branch, std::string const& endpoint);

/// Checks an id that the client chose. @throws ServiceError that names the field, e.g. `branch_id`
void check_id(Kind kind, std::string_view id);
bool is_id(std::string_view id);
/// Turns any text into an id: lower case, each other character a hyphen.
std::string make_id(std::string_view text, std::string_view fallback_prefix);

}  // namespace lakebase::emulator
