#pragma once

#include <optional>
#include <string>

#include "engine/call.hpp"
#include "engine/update_mask.hpp"
#include "postgres/limits.hpp"
#include "postgres/project.hpp"

namespace lakebase::emulator {

// What requests say of projects, and what is shown of that.

MaskRules const& project_mask();
/// The call with a path in its mask as models and clients write it, where upstream's documentation has another.
Call with_real_paths(Call call);
/// Takes over what a create or an update changes, except `default_branch`.
void apply(Fields const& spec, Touched const& touched, Limits const& limits, ProjectRecord& project);
/// The default branch that a request chooses; it must be a branch of the project.
std::string read_default_branch(Fields const& spec, ProjectRecord const& project);
/// None if the request does not choose one.
std::optional<int> read_pg_version(Fields const& spec);
/// The compute of the first endpoint: the project's defaults, changed by `initial_endpoint_spec`.
ComputeSpec initial_compute(ComputeSpec const& defaults, Fields const& spec, Limits const& limits);
/// `custom_tags` of a request, and as they are shown.
std::vector<TagRecord> read_tags(Fields const& spec);
Json tags_json(std::vector<TagRecord> const& tags);
/// Adds what spec and status of a project have in common.
void put_project_settings(Json& json, ProjectRecord const& project);

}  // namespace lakebase::emulator
