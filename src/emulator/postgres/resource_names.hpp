#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/random.hpp"
#include "postgres/kind.hpp"

namespace lakebase::emulator {

/// The name of a resource: what it belongs to, from the outermost on, and itself. An empty one stands for the
/// workspace, to which the resources at the root belong.
struct ResourceName {
  struct Part {
    Kind const* kind = nullptr;
    /// Empty for a singleton.
    std::string id;
    friend bool operator==(Part const&, Part const&) = default;
  };
  std::vector<Part> parts;

  bool is(Kind const& kind) const { return !parts.empty() && parts.back().kind == &kind; }
  /// Of the resource itself.
  Kind const& kind() const { return *parts.back().kind; }
  std::string const& id() const { return parts.back().id; }
  /// The id of the resource of this kind that it is or belongs to; empty: it does not.
  std::string const& id_of(Kind const& kind) const;
  std::string const& project() const;
  std::string const& branch() const;

  ResourceName parent() const;
  /// The name of what belongs to it. @param id none for a singleton
  ResourceName child(Kind const& kind, std::string id = {}) const;
  std::string text() const;
  friend bool operator==(ResourceName const&, ResourceName const&) = default;
};

/// All kinds of resources.
std::span<Kind const* const> all_kinds();

/// None if the segments are not the name of a resource of these kinds. Ids are not checked: an invalid one is not
/// found.
std::optional<ResourceName> parse_name(std::span<std::string const> segments,
                                       std::span<Kind const* const> kinds = all_kinds());
std::optional<ResourceName> parse_name(std::string_view name);

ResourceName project_name(std::string const& project);
ResourceName branch_name(std::string const& project, std::string const& branch);
ResourceName endpoint_name(std::string const& project, std::string const& branch, std::string const& endpoint);

/// Checks an id that the client chose. @throws ServiceError that names the field, e.g. `branch_id`
void check_id(Kind const& kind, std::string_view id);
/// Turns any text into a usual id: lower case, each other character a hyphen.
std::string make_id(std::string_view text, std::string_view fallback_prefix, RandomBytes const& random = random_bytes);

}  // namespace lakebase::emulator
