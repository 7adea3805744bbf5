#pragma once

#include "postgres/permissions.hpp"

namespace lakebase::emulator {

/// The permissions on database instances: `/api/2.0/permissions/database-instances/{name}`. One that was upgraded has
/// those of its project.
PermissionScope instances_scope();

}  // namespace lakebase::emulator
