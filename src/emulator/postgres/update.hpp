#pragma once

#include "engine/call.hpp"
#include "engine/update_mask.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// The paths that an update changes, by its `update_mask`.
inline Touched touched_by_update(Workspace const& workspace, Call const& call, MaskRules const& rules) {
  auto const mask = call.query.text("update_mask");
  if (!mask.empty()) return named_by(mask, call.fields(), rules);
  if (workspace.options().update_mask_optional) return carried_by(call.fields(), rules);
  throw required_field("update_mask");
}

}  // namespace lakebase::emulator
