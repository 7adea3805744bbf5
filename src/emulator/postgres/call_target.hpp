#pragma once

#include "engine/call.hpp"
#include "engine/router.hpp"
#include "engine/update_mask.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// The resource that a call is about: the one that its path names, or, if the path ends with a collection or a verb,
/// the one in front of that. Not for paths of other shapes.
inline ResourceName target_of(Call const& call) {
  auto path = call.path;
  if (path.size() % 2 != 0) path.pop_back();
  return parse_name(path).value();
}

/// The paths that an update changes, by its `update_mask`.
inline Touched touched_by_update(Workspace const& workspace, Call const& call, MaskRules const& rules) {
  auto const mask = call.query.text("update_mask");
  if (!mask.empty()) return named_by(mask, call.fields(), rules);
  if (workspace.options().update_mask_optional) return carried_by(call.fields(), rules);
  throw required_field("update_mask");
}

}  // namespace lakebase::emulator
