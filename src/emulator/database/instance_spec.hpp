#pragma once

#include <string>

#include "engine/fields.hpp"
#include "engine/update_mask.hpp"
#include "postgres/limits.hpp"
#include "postgres/project.hpp"

namespace lakebase::emulator {

// What requests say of database instances, and what is shown of that.

/// Sizes are those of autoscaling to which the service moves instances.
inline constexpr std::string_view usual_capacity = "CU_1";

MaskRules const& instance_mask();
/// The paths that an update changes: those that its mask names; by `*`, or without a mask, those that its body carries.
Touched touched_by_instance_update(Call const& call);
/// Whether it changes the compute, for which that must run.
bool changes_compute(Touched const& touched);
/// Takes over what a request sets. @param endpoint of the instance. @throws ServiceError
void apply_to_instance(Fields const& body, Touched const& touched, Limits const& limits, ProjectRecord& project,
                       EndpointRecord& endpoint);

/// An instance as it is shown. @param after_change whether it is the response to a creation or an update, which repeat
/// the tags
Json instance_json(State const& state, ProjectRecord const& project, bool after_change);

}  // namespace lakebase::emulator
