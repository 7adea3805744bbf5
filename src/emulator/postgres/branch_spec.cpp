#include "postgres/branch_spec.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/sql_quoting.hpp"
#include "engine/errors.hpp"
#include "postgres/resource_names.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator {
namespace {

std::string in_days(Duration duration) {
  constexpr std::chrono::hours day{24};
  return duration % day == Duration::zero() ? fmt::format("{} days", duration / day) : to_text(duration);
}

// Those that fit and are not deleted, besides the branch itself.
template <class Fits>
std::size_t count_others(ProjectRecord const& project, BranchRecord const& branch, Fits const& fits) {
  return static_cast<std::size_t>(std::count_if(
      project.branches.begin(), project.branches.end(),
      [&](BranchRecord const& other) { return other.id != branch.id && !other.delete_time && fits(other); }));
}

}  // namespace

MaskRules const& branch_mask() {
  using enum MaskPath::Kind;
  static MaskRules const instance{
      {{"spec.is_protected"}, {"spec.expiration", oneof, {"ttl", "expire_time", "no_expiry"}, true}}, {}};
  return instance;
}

void require_no_expiration(BranchRecord const& source, ResourceName const& name) {
  if (!source.expire_time) return;
  throw bad_request(fmt::format("Source branch '{}' has an expiration; it cannot have children.", name.text()));
}

bool has_children(ProjectRecord const& project, BranchRecord const& branch) {
  return std::any_of(project.branches.begin(), project.branches.end(), [&](BranchRecord const& other) {
    return other.source_branch_id == branch.id && !other.delete_time;
  });
}

void check_branch_room(ProjectRecord const& project, BranchRecord const& branch, Limits const& limits) {
  require_room(limits.unarchived_branches, count_others(project, branch, [](auto const&) { return true; }),
               {.whose = "A project", .what = "unarchived branches", .limit = "unarchived-branches"});
  if (!branch.source_branch_id.empty()) return;
  auto const is_root = [](BranchRecord const& other) { return other.source_branch_id.empty(); };
  require_room(limits.root_branches, count_others(project, branch, is_root),
               {.whose = "A project", .what = "root branches", .limit = "root-branches"});
}

void check_protection(ProjectRecord const& project, BranchRecord const& branch, Limits const& limits) {
  if (!branch.is_protected) return;
  require_room(limits.protected_branches,
               count_others(project, branch, [](BranchRecord const& other) { return other.is_protected; }),
               {.whose = "A project",
                .what = "protected branches",
                .limit = "protected-branches",
                .remedy = "Take the protection from another one first"});
}

std::optional<TimePoint> read_expiration(Fields const& spec, TimePoint create_time, TimePoint now, Duration longest) {
  auto const ttl = spec.duration("ttl");
  auto const expire_time = spec.time("expire_time");
  auto const no_expiry = spec.flag("no_expiry");
  if (no_expiry && !*no_expiry) throw invalid(fmt::format("Field '{}' can only be true.", spec.path_of("no_expiry")));
  if (int{ttl.has_value()} + int{expire_time.has_value()} + int{no_expiry.has_value()} > 1) {
    throw invalid("Only one of 'ttl', 'expire_time' and 'no_expiry' can be set.");
  }
  if (!ttl && !expire_time) return std::nullopt;
  auto const field = spec.path_of(ttl ? "ttl" : "expire_time");
  if (ttl && (*ttl <= Duration::zero() || *ttl > longest)) {
    throw invalid(
        fmt::format("Field '{}' must be positive and at most {}, got {}.", field, in_days(longest), to_text(*ttl)));
  }
  TimePoint const end = ttl ? create_time + *ttl : *expire_time;
  if (end <= now) throw invalid(fmt::format("Field '{}' must lie in the future.", field));
  if (end > now + longest) {
    throw invalid(fmt::format("Field '{}' must be at most {} ahead.", field, in_days(longest)));
  }
  return end;
}

std::optional<Moment> read_moment(Fields const& spec, TimePoint now) {
  auto const time = spec.time("source_branch_time");
  auto const lsn = spec.text("source_branch_lsn");
  if (time && lsn) throw invalid("Only one of 'source_branch_time' and 'source_branch_lsn' can be set.");
  if (time && *time > now)
    throw invalid(fmt::format("Field '{}' must not lie in the future.", spec.path_of("source_branch_time")));
  if (lsn && !parse_lsn(*lsn)) {
    throw invalid(fmt::format("Field '{}' must be a position in the write-ahead log, such as 0/1A2B3C8, got '{}'.",
                              spec.path_of("source_branch_lsn"), *lsn));
  }
  if (lsn) return Lsn{*lsn};
  return time ? std::optional<Moment>{*time} : std::nullopt;
}

TimePoint window_of(ProjectRecord const& project, BranchRecord const& branch, TimePoint now) {
  return std::max(branch.data_time.value_or(branch.create_time), now - project.history_retention);
}

void require_in_window(std::optional<Moment> const& moment, TimePoint window, std::string_view source) {
  auto const* const time = moment ? std::get_if<TimePoint>(&*moment) : nullptr;
  if (time == nullptr || *time >= window) return;
  throw invalid(fmt::format("{} has no {}: its restore window begins at {}.", source, to_text(*time), to_text(window)));
}

std::vector<std::string> give_new_passwords(BranchRecord& branch, std::set<std::string> const& present) {
  std::vector<std::string> statements;
  auto const is_wanted = [&](RoleRecord const& role) {
    return has_own_password(role) && present.contains(role.postgres_role);
  };
  branch.roles.change_if(is_wanted, [&](RoleRecord& role) {
    give_password(role);
    statements.push_back(
        fmt::format("ALTER ROLE {} PASSWORD {}", quote_identifier(role.postgres_role), quote_literal(role.password)));
  });
  return statements;
}

void check_expiry(ProjectRecord const& project, BranchRecord const& branch) {
  if (!branch.expire_time) return;
  if (branch.is_protected) throw invalid("A protected branch cannot have an expiration.");
  if (branch.id == project.default_branch_id) throw bad_request("The default branch cannot have an expiration.");
  if (has_children(project, branch)) throw bad_request("A branch that has children cannot have an expiration.");
}

}  // namespace lakebase::emulator
