#pragma once

#include <array>

#include "common/json.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"

namespace lakebase::emulator {

inline constexpr Kind snapshot_schedule_kind{"projects/*/branches/*/snapshot-schedule", "SnapshotSchedule",
                                             "snapshot_schedule"};

/// The snapshot schedule of a branch, of which there is always one, at first an empty one. `Snapshots` takes what it
/// wants.
class SnapshotSchedules {
 public:
  static constexpr std::array kinds{&snapshot_schedule_kind};

  explicit SnapshotSchedules(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json update(ResourceName const& name, Call const& call);

 private:
  Workspace& workspace_;
};

}  // namespace lakebase::emulator
