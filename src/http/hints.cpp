#include "http/hints.hpp"

#include <algorithm>
#include <array>

#include "http/ascii.hpp"

namespace lakebase::inline v0::detail {

namespace {

struct Trap {
  int status;  // 0: any
  std::string_view text;
  std::string_view hint;
};

constexpr std::array traps{
    Trap{400, "is in update_mask but not provided",
         "Fill in every field that the update mask names, or take it out of the mask."},
    Trap{400, "Unknown field path in update_mask",
         "Paths of a mask are snake_case and begin at the resource, e.g. \"spec.ttl\"."},
    Trap{400, "update_mask", "Name each field to change in the FieldMask, e.g. FieldMask{\"spec.ttl\"}."},
    Trap{400, "Expiration must be specified",
         "A branch needs exactly one of spec.ttl, spec.expire_time and spec.no_expiry = true."},
    Trap{400, "autoscaling_limit", "The two limits may be at most 16 CU apart, and the lower comes first."},
    Trap{400, "autoscaling range", "The two limits may be at most 16 CU apart, and the lower comes first."},
    Trap{400, "protected branch", "Set spec.is_protected = false on the branch first."},
    Trap{400, "root branch", "The root branch goes with its project: delete the project."},
    Trap{400, "read-write endpoint", "It goes with its branch: delete the branch."},
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
    Trap{403, "not authorized to access this workspace",
         "Add the identity to the workspace, or check that the host is the right one."},
    Trap{403, "does not have access to workspace",
         "Add the identity to the workspace, or check that the host is the right one."},
};

constexpr std::array rejections{"Invalid access token", "Token is expiring within", "JWT has expired", "Invalid Token",
                                "ExpiredJwtException",  "token is expired",         "token expired"};

// In these very words: a 400 speaks of all kinds of tokens.
constexpr std::array rejections_of_400{"Invalid Token", "Invalid access token"};

}  // namespace

bool is_rejected_token(int status, std::string_view message) {
  if (status == 401) return true;
  if (status == 400) {
    return std::any_of(rejections_of_400.begin(), rejections_of_400.end(),
                       [&](std::string_view text) { return message.find(text) != std::string_view::npos; });
  }
  if (status != 403) return false;
  for (std::string_view const text : rejections) {
    if (contains_ignoring_case(message, text)) return true;
  }
  return false;
}

std::string_view hint_for(ErrorFacts const& facts) {
  if (is_rejected_token(facts.http_status, facts.message)) {
    return "The token is missing, wrong, expired or of another workspace: check the host and the credentials.";
  }
  for (auto const& trap : traps) {
    if (trap.status == facts.http_status && contains_ignoring_case(facts.message, trap.text)) return trap.hint;
  }
  switch (facts.http_status) {
    case 403:
      return "The identity is known, but may not do this: ask an owner for the permission.";
    case 429:
      return "Too many requests: send fewer, or give the call more time.";
    default:
      return {};
  }
}

}  // namespace lakebase::inline v0::detail
