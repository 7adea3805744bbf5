#pragma once

#include <string_view>

#include "engine/fields.hpp"
#include "engine/update_mask.hpp"
#include "postgres/state.hpp"

namespace lakebase::emulator {

/// Takes over the size and the suspension that a request touches below `prefix` (e.g. `spec.`), and checks the whole.
/// @throws ServiceError for sizes and times that the service does not offer
ComputeSpec changed_compute(ComputeSpec compute, Fields const& message, Touched const& touched,
                            std::string_view prefix);

/// Checks `group`. @throws ServiceError also for groups of several computes, which the emulator does not have
void check_group(Fields const& group);

}  // namespace lakebase::emulator
