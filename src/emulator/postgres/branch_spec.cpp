#include "postgres/branch_spec.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/random.hpp"
#include "common/sql_quoting.hpp"
#include "engine/errors.hpp"
#include "postgres/resource_names.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator {
namespace {
constexpr std::chrono::hours longest_life{30 * 24};
}

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

std::optional<TimePoint> read_expiration(Fields const& spec, TimePoint create_time, TimePoint now) {
  auto const ttl = spec.duration("ttl");
  auto const expire_time = spec.time("expire_time");
  auto const no_expiry = spec.flag("no_expiry");
  if (no_expiry && !*no_expiry) throw invalid(fmt::format("Field '{}' can only be true.", spec.path_of("no_expiry")));
  if (int{ttl.has_value()} + int{expire_time.has_value()} + int{no_expiry.has_value()} > 1) {
    throw invalid("Only one of 'ttl', 'expire_time' and 'no_expiry' can be set.");
  }
  if (!ttl && !expire_time) return std::nullopt;
  auto const field = spec.path_of(ttl ? "ttl" : "expire_time");
  if (ttl && (*ttl <= Duration::zero() || *ttl > longest_life)) {
    throw invalid(fmt::format("Field '{}' must be positive and at most 30 days, got {}.", field, to_text(*ttl)));
  }
  TimePoint const end = ttl ? create_time + *ttl : *expire_time;
  if (end <= now) throw invalid(fmt::format("Field '{}' must lie in the future.", field));
  if (end > now + longest_life) throw invalid(fmt::format("Field '{}' must be at most 30 days ahead.", field));
  return end;
}

std::optional<Moment> read_moment(Fields const& spec, TimePoint now) {
  auto const time = spec.time("source_branch_time");
  auto const lsn = spec.text("source_branch_lsn");
  auto const snapshot = spec.text("source_snapshot");
  if (time && lsn) throw invalid("Only one of 'source_branch_time' and 'source_branch_lsn' can be set.");
  if (snapshot && (time || lsn || spec.has("source_branch"))) {
    throw invalid("'source_snapshot' excludes 'source_branch', 'source_branch_time' and 'source_branch_lsn'.");
  }
  if (time && *time > now)
    throw invalid(fmt::format("Field '{}' must not lie in the future.", spec.path_of("source_branch_time")));
  if (time || lsn)
    throw not_offered("branches from a point in the past; leave out source_branch_time and source_branch_lsn");
  if (snapshot) throw not_offered("snapshots");
  return std::nullopt;
}

std::vector<std::string> sql_for_new_passwords(BranchRecord const& branch, std::set<std::string> const& present) {
  std::vector<std::string> statements;
  for (auto const& role : branch.roles) {
    if (role.auth_method != "PG_PASSWORD_SCRAM_SHA_256" || !present.contains(role.postgres_role)) continue;
    statements.push_back(
        fmt::format("ALTER ROLE {} PASSWORD {}", quote_identifier(role.postgres_role), quote_literal(random_hex(48))));
  }
  return statements;
}

void check_expiry(ProjectRecord const& project, BranchRecord const& branch) {
  if (!branch.expire_time) return;
  if (branch.is_protected) throw invalid("A protected branch cannot have an expiration.");
  if (branch.id == project.default_branch_id) throw bad_request("The default branch cannot have an expiration.");
  if (has_children(project, branch)) throw bad_request("A branch that has children cannot have an expiration.");
}

}  // namespace lakebase::emulator
