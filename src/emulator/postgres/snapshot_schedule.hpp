#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "common/json.hpp"
#include "common/time.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"

namespace lakebase::emulator {

inline constexpr Kind snapshot_schedule_kind{"projects/*/branches/*/snapshot-schedule", "SnapshotSchedule",
                                             "snapshot_schedule"};

/// One cadence at which snapshots of a branch are to be taken.
struct CadenceRecord {
  /// `daily_schedule`, `weekly_schedule` or `monthly_schedule`.
  std::string every;
  Duration retention{};
  /// UTC.
  std::int64_t hour = 0;
  /// Of a weekly one: `MONDAY`.
  std::string day_of_week;
  /// Of a monthly one: 1 to 31, where the last day stands for those that a month does not have.
  std::int64_t day = 0;

  template <class Field>
  static void describe(Field&& field) {
    field("every", &CadenceRecord::every);
    field("retention", &CadenceRecord::retention);
    field("hour", &CadenceRecord::hour);
    field("day_of_week", &CadenceRecord::day_of_week);
    field("day", &CadenceRecord::day);
  }
};

/// The snapshot schedule of a branch, of which there is always one, at first an empty one. It is kept, and no snapshot
/// is taken by it yet.
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
