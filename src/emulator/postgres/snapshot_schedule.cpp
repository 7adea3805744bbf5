#include "postgres/snapshot_schedule.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/errors.hpp"
#include "engine/update_mask.hpp"
#include "postgres/cadence.hpp"
#include "postgres/resource_routes.hpp"
#include "postgres/snapshot.hpp"
#include "postgres/update.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {
namespace {

constexpr Duration shortest_retention = std::chrono::hours{1};
constexpr std::array<std::string_view, 3> cadences = {"daily_schedule", "weekly_schedule", "monthly_schedule"};

MaskRules const& schedule_mask() {
  using enum MaskPath::Kind;
  static MaskRules const instance{{{"schedule", list}}, {}};
  return instance;
}

std::int64_t number_within(Fields const& message, std::string_view name, std::int64_t least, std::int64_t most) {
  auto const value = message.integer(name).value_or(0);
  if (value >= least && value <= most) return value;
  throw invalid(
      fmt::format("Field '{}' must be between {} and {}, got {}.", message.path_of(name), least, most, value));
}

std::string read_day_of_week(Fields const& weekly) {
  auto const day = weekly.text("day_of_week");
  if (!day) throw required_field(weekly.path_of("day_of_week"));
  if (std::find(days_of_week.begin(), days_of_week.end(), *day) != days_of_week.end()) return *day;
  throw invalid(fmt::format("Field '{}' must be one of {}, got '{}'.", weekly.path_of("day_of_week"),
                            fmt::join(days_of_week, ", "), *day));
}

// The message that says when.
std::string_view read_cadence_name(Fields const& message) {
  auto const is_given = [&](std::string_view name) { return message.has(name); };
  if (std::count_if(cadences.begin(), cadences.end(), is_given) == 1) {
    return *std::find_if(cadences.begin(), cadences.end(), is_given);
  }
  throw invalid(fmt::format("Each cadence of '{}' must have exactly one of {}.", schedule_mask().paths.front().path,
                            fmt::join(cadences, ", ")));
}

CadenceRecord read_cadence(Fields const& message) {
  CadenceRecord cadence;
  cadence.every = read_cadence_name(message);
  auto const retention = message.duration("retention");
  if (!retention) throw required_field(message.path_of("retention"));
  if (*retention < shortest_retention) {
    throw invalid(fmt::format("Field '{}' must be at least {}, got {}.", message.path_of("retention"),
                              to_text(shortest_retention), to_text(*retention)));
  }
  if (*retention > longest_snapshot_life) {
    throw invalid(fmt::format("Field '{}' must be at most {}, got {}.", message.path_of("retention"),
                              to_text(longest_snapshot_life), to_text(*retention)));
  }
  cadence.retention = *retention;
  auto const when = message.message(cadence.every);
  cadence.hour = number_within(when, "hour", 0, 23);
  if (cadence.every == "weekly_schedule") cadence.day_of_week = read_day_of_week(when);
  if (cadence.every == "monthly_schedule") cadence.day = number_within(when, "day", 1, 31);
  return cadence;
}

Json cadence_json(CadenceRecord const& cadence) {
  Json when{{"hour", cadence.hour}};
  if (!cadence.day_of_week.empty()) when["day_of_week"] = cadence.day_of_week;
  if (cadence.day != 0) when["day"] = cadence.day;
  return Json{{"retention", to_text(cadence.retention)}, {cadence.every, std::move(when)}};
}

Json schedule_view(State const& state, ResourceName const& name) {
  Json json{{"name", name.text()}};
  for (auto const& cadence : live_branch(state, name).snapshot_schedule) {
    json["schedule"].push_back(cadence_json(cadence));
  }
  return json;
}

// Snapshots are of root branches only, so that a schedule of another one would never take any.
void require_root(BranchRecord const& branch, ResourceName const& name) {
  if (branch.source_branch_id.empty()) return;
  throw bad_request(fmt::format("Branch '{}' is not a root branch; snapshots can be taken of root branches only.",
                                name.parent().text()));
}

}  // namespace

void SnapshotSchedules::routes(Router& router) {
  ResourceRoutes{router, snapshot_schedule_kind}
      .get([this](ResourceName const& name, Call const&) { return get(name); })
      .update([this](ResourceName const& name, Call const& call) { return update(name, call); });
}

Json SnapshotSchedules::get(ResourceName const& name) const {
  return schedule_view(*workspace_.state(), name);
}

Json SnapshotSchedules::update(ResourceName const& name, Call const& call) {
  return workspace_.accept([&](State& state) {
    auto const& branch = live_branch(state, name);
    auto const touched = touched_by_update(workspace_, call, schedule_mask());
    std::vector<CadenceRecord> schedule;
    for (auto const& cadence : call.fields().list("schedule")) schedule.push_back(read_cadence(cadence));
    if (!touched.contains("schedule")) schedule = branch.snapshot_schedule;
    if (!schedule.empty()) require_root(branch, name);
    auto plan = plan_for(state, name);
    plan.is_done_at_once = true;
    plan.commit = [this, name, schedule](State& now) {
      auto& changed = live_branch(now, name);
      changed.snapshot_schedule = schedule;
      changed.scheduled_until = workspace_.now();
    };
    plan.response = [name](State const& now) { return schedule_view(now, name); };
    return plan;
  });
}

}  // namespace lakebase::emulator
