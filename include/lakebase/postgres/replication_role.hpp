#pragma once

#include <array>
#include <string_view>

#include <lakebase/enum.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// Role of a project in a replication group. Private preview.
enum class ReplicationRolePreview {
  demoting,   ///< Handing over the primary role.
  primary,    ///< Takes the writes.
  secondary,  ///< Follows the primary.
  unrecognized,
};
constexpr std::array<std::string_view, 3> enum_names(ReplicationRolePreview) {
  return {"REPLICATION_ROLE_PREVIEW_DEMOTING", "REPLICATION_ROLE_PREVIEW_PRIMARY",
          "REPLICATION_ROLE_PREVIEW_SECONDARY"};
}

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
