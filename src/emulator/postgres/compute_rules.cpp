#include "postgres/compute_rules.hpp"

#include <cmath>

#include <fmt/format.h>

#include "engine/errors.hpp"

namespace lakebase::emulator {
namespace {

constexpr double smallest_cu = 0.5;
constexpr double largest_autoscaling_cu = 64;
constexpr double largest_fixed_cu = 112;
constexpr double widest_range_cu = 16;

void check_size(double cu, std::string const& path) {
  bool const offered = cu == smallest_cu || (cu >= 1 && cu <= largest_fixed_cu && std::floor(cu) == cu);
  if (!offered) {
    throw invalid(fmt::format("Field '{}' must be 0.5 or a whole number of compute units from 1 to {}, got {}.", path,
                              largest_fixed_cu, cu));
  }
}

void check_range(ComputeSpec const& compute, Fields const& message) {
  auto const min_path = message.path_of("autoscaling_limit_min_cu");
  auto const max_path = message.path_of("autoscaling_limit_max_cu");
  check_size(compute.min_cu, min_path);
  check_size(compute.max_cu, max_path);
  if (compute.min_cu > compute.max_cu) {
    throw invalid(fmt::format("Field '{}' ({}) must not be greater than '{}' ({}).", min_path, compute.min_cu, max_path,
                              compute.max_cu));
  }
  if (compute.max_cu - compute.min_cu > widest_range_cu) {
    throw invalid(fmt::format("The difference between '{}' ({}) and '{}' ({}) must not exceed {} compute units.",
                              max_path, compute.max_cu, min_path, compute.min_cu, widest_range_cu));
  }
  if (compute.max_cu > largest_autoscaling_cu && compute.min_cu != compute.max_cu) {
    throw invalid(fmt::format("Sizes above {} compute units are fixed: '{}' must equal '{}'.", largest_autoscaling_cu,
                              min_path, max_path));
  }
}

// None: never suspends.
std::optional<Duration> read_suspension(Fields const& message, Limits const& limits) {
  auto const timeout = message.duration("suspend_timeout_duration");
  auto const never = message.flag("no_suspension");
  auto const timeout_path = message.path_of("suspend_timeout_duration");
  auto const never_path = message.path_of("no_suspension");
  if (never && !*never) throw invalid(fmt::format("Field '{}' can only be true.", never_path));
  if (timeout && never) throw invalid(fmt::format("Only one of '{}' and '{}' can be set.", timeout_path, never_path));
  if (timeout && (*timeout < limits.shortest_suspension || *timeout > limits.longest_suspension)) {
    throw invalid(fmt::format("Field '{}' must be between {} and {}, got {}.", timeout_path,
                              to_text(limits.shortest_suspension), to_text(limits.longest_suspension),
                              to_text(*timeout)));
  }
  return timeout;
}

// A number of compute units: whole ones without a fraction.
Json cu_json(double cu) {
  if (std::floor(cu) == cu) return static_cast<std::int64_t>(cu);
  return cu;
}

}  // namespace

ComputeSpec changed_compute(ComputeSpec compute, Fields const& message, Touched const& touched, std::string_view prefix,
                            Limits const& limits) {
  auto const touches = [&](std::string_view name) { return touched.contains(fmt::format("{}{}", prefix, name)); };
  if (touches("autoscaling_limit_min_cu")) {
    compute.min_cu = message.number("autoscaling_limit_min_cu").value_or(compute.min_cu);
  }
  if (touches("autoscaling_limit_max_cu")) {
    compute.max_cu = message.number("autoscaling_limit_max_cu").value_or(compute.max_cu);
  }
  if (touches("suspension")) compute.suspend_after = read_suspension(message, limits);
  check_range(compute, message);
  return compute;
}

std::optional<bool> read_readable_secondaries(Fields const& spec) {
  return spec.message("group").flag("enable_readable_secondaries");
}

std::int64_t read_group(Fields const& group) {
  // Both are required in the message, whichever of them a mask names.
  for (auto const field : {"min", "max"}) {
    if (group.integer(field).value_or(0) == 0) throw required_field(group.path_of(field));
  }
  auto const min = group.integer("min").value_or(1);
  auto const max = group.integer("max").value_or(1);
  if (min < 1 || max < 1 || min > 4 || max > 4) {
    throw invalid(fmt::format("Fields '{}' and '{}' must be from 1 to 4.", group.path_of("min"), group.path_of("max")));
  }
  if (min != max) {
    throw invalid(fmt::format("Fields '{}' and '{}' must be equal.", group.path_of("min"), group.path_of("max")));
  }
  return max;
}

void require_always_on(std::int64_t computes, ComputeSpec const& compute, Fields const& spec) {
  if (computes == 1 || !compute.suspend_after) return;
  throw invalid(fmt::format("Field '{}' must be true for a group of several computes, which cannot be suspended.",
                            spec.path_of("no_suspension")));
}

void put_compute(Json& json, ComputeSpec const& compute, bool says_never) {
  json["autoscaling_limit_min_cu"] = cu_json(compute.min_cu);
  json["autoscaling_limit_max_cu"] = cu_json(compute.max_cu);
  if (compute.suspend_after) {
    json["suspend_timeout_duration"] = to_text(*compute.suspend_after);
  } else if (says_never) {
    json["no_suspension"] = true;
  }
}

}  // namespace lakebase::emulator
