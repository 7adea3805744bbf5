#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "http/hints.hpp"
#include "postgres/service.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// Members of a group of alternatives: a mask names the group, and the body one member of it.
struct Grouped {
  std::string_view member;
  std::string_view group;
};

constexpr std::array grouped{
    Grouped{"expire_time", "spec.expiration"},
    Grouped{"no_expiry", "spec.expiration"},
    Grouped{"ttl", "spec.expiration"},
    Grouped{"no_suspension", "spec.suspension"},
    Grouped{"suspend_timeout_duration", "spec.suspension"},
};

// Maps and lists, which a mask names as a whole.
constexpr std::array whole{std::string_view{"spec.custom_tags"}, std::string_view{"spec.settings.pg_settings"},
                           std::string_view{"spec.default_endpoint_settings.pg_settings"}};

// Fixed when the resource is created.
constexpr std::array immutable{
    std::string_view{"pg_version"},         std::string_view{"endpoint_type"},     std::string_view{"source_branch"},
    std::string_view{"source_branch_time"}, std::string_view{"source_branch_lsn"}, std::string_view{"source_snapshot"},
    std::string_view{"postgres_role"},      std::string_view{"auth_method"},       std::string_view{"identity_type"}};

// The path that the service did not know: `Unknown field path in update_mask: 'spec.ttl'`.
std::string_view unknown_path(std::string_view message) {
  constexpr std::string_view words = "Unknown field path in update_mask";
  auto const at = find_ignoring_case(message, words);
  if (at == std::string_view::npos) return {};
  auto const begin = message.find_first_not_of(": '\"`", at + words.size());
  if (begin == std::string_view::npos) return {};
  return message.substr(begin, message.find_first_of(" '\"`,[", begin) - begin);
}

std::string hint_for_path(std::string_view path) {
  auto const leaf = path.substr(path.rfind('.') + 1);
  for (auto const& [member, group] : grouped) {
    if (leaf != member) continue;
    bool const is_default = path.find("default_endpoint_settings") != std::string_view::npos;
    auto const name = is_default ? std::string_view{"spec.default_endpoint_settings.suspension"} : group;
    return fmt::format("{} is one of the alternatives of {}: name that group in the mask, and fill in {}.", leaf, name,
                       leaf);
  }
  for (auto const map : whole) {
    if (path.starts_with(map) && path.size() > map.size()) {
      return fmt::format("A map or list is masked as a whole: name {}.", map);
    }
  }
  if (std::find(immutable.begin(), immutable.end(), leaf) != immutable.end()) {
    return fmt::format("{} is fixed when the resource is created; create a new one instead.", leaf);
  }
  if (path.starts_with("status")) return "The service sets what is below status; an update changes spec.";
  return "Paths of a mask are snake_case and begin at the resource, e.g. spec.expiration.";
}

constexpr std::array traps{
    Trap{400, "is in update_mask but not provided",
         "Fill in every field that the update mask names, or take it out of the mask."},
    Trap{400, "update_mask", "Name each field to change in the update mask, e.g. spec.expiration."},
    Trap{400, "Expiration must be specified",
         "A branch needs exactly one of spec.ttl, spec.expire_time and spec.no_expiry = true."},
    Trap{400, "autoscaling_limit", "The two limits may be at most 16 CU apart, and the lower comes first."},
    Trap{400, "autoscaling range", "The two limits may be at most 16 CU apart, and the lower comes first."},
    Trap{400, "protected branch", "Set spec.is_protected = false on the branch first."},
    Trap{400, "root branch", "The root branch is deleted with its project: delete the project."},
    Trap{400, "read-write endpoint", "It is deleted with its branch: delete the branch."},
    Trap{400, "read_write endpoint already exists",
         "A new branch comes with a read-write endpoint: update \"primary\" instead of creating one."},
    Trap{400, "children", "Delete the branches that were made from this one first."},
    Trap{400, "branch already exists", "Choose another id, or set replace_existing."},
    Trap{409, "such id already exists",
         "The id is taken, perhaps by something that was deleted and can still be restored: list with show_deleted."},
    Trap{409, "reconciliation", "An earlier change of the endpoint still runs; wait for it, then try again."},
    Trap{400, "Lakebase is not enabled", "Ask an administrator of the workspace to turn Lakebase on."},
    Trap{403, "Can Use", "Ask an owner of the project for the permission 'Can Use'."},
    Trap{403, "Can Manage", "Ask an owner of the project for the permission 'Can Manage'."},
};

}  // namespace

std::string advice_of_postgres(ErrorFacts const& facts) {
  if (facts.http_status == 404 && facts.path.find("/endpoints/ep-primary") != std::string::npos) {
    return "The default endpoint of a branch is called \"primary\".";
  }
  if (auto const path = unknown_path(facts.message); !path.empty()) return hint_for_path(path);
  return hint_of(traps, facts);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
