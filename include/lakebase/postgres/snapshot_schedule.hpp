#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// Day on which a weekly snapshot is taken.
enum class DayOfWeek {
  friday,
  monday,
  saturday,
  sunday,
  thursday,
  tuesday,
  wednesday,
  unrecognized,
};
constexpr std::array<std::string_view, 7> enum_names(DayOfWeek) {
  return {"FRIDAY", "MONDAY", "SATURDAY", "SUNDAY", "THURSDAY", "TUESDAY", "WEDNESDAY"};
}

/// A snapshot every day.
struct DailySchedule {
  /// Hour of the day in UTC, 0 to 23.
  std::optional<std::int64_t> hour{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("hour", &DailySchedule::hour);
  }
  friend bool operator==(DailySchedule const&, DailySchedule const&) = default;
};

/// A snapshot every month.
struct MonthlySchedule {
  /// Required. Day of the month, 1 to 31. A month that is shorter gets its snapshot on its last day.
  std::optional<std::int64_t> day{};
  /// Hour of the day in UTC, 0 to 23.
  std::optional<std::int64_t> hour{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("day", &MonthlySchedule::day);
    field("hour", &MonthlySchedule::hour);
  }
  friend bool operator==(MonthlySchedule const&, MonthlySchedule const&) = default;
};

/// A snapshot every week.
struct WeeklySchedule {
  /// Required.
  std::optional<Enum<DayOfWeek>> day_of_week{};
  /// Hour of the day in UTC, 0 to 23.
  std::optional<std::int64_t> hour{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("day_of_week", &WeeklySchedule::day_of_week);
    field("hour", &WeeklySchedule::hour);
  }
  friend bool operator==(WeeklySchedule const&, WeeklySchedule const&) = default;
};

/// One cadence at which snapshots are taken: exactly one of the three schedules.
struct ScheduleCadence {
  /// Required. How long its snapshots are kept, at least 1 hour. A change applies to later snapshots only.
  std::optional<Duration> retention{};
  /// Excludes the other two schedules.
  std::optional<DailySchedule> daily_schedule{};
  /// Excludes the other two schedules.
  std::optional<MonthlySchedule> monthly_schedule{};
  /// Excludes the other two schedules.
  std::optional<WeeklySchedule> weekly_schedule{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("retention", &ScheduleCadence::retention);
    field("daily_schedule", &ScheduleCadence::daily_schedule);
    field("monthly_schedule", &ScheduleCadence::monthly_schedule);
    field("weekly_schedule", &ScheduleCadence::weekly_schedule);
  }
  friend bool operator==(ScheduleCadence const&, ScheduleCadence const&) = default;
};

/// When snapshots of a branch are taken automatically. Each branch has exactly one, at first an empty one.
struct SnapshotSchedule {
  /// `projects/{project_id}/branches/{branch_id}/snapshot-schedule`. Set by the service.
  std::optional<std::string> name{};
  /// In any order; empty: no snapshots are taken. If several fall on the same hour, one snapshot is taken and kept for
  /// the longest of their retentions.
  std::vector<ScheduleCadence> schedule{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &SnapshotSchedule::name);
    field("schedule", &SnapshotSchedule::schedule);
  }
  /// What a mask calls a member, for `set_fields`: the name of its group of alternatives, or nothing if no update can
  /// change it.
  static constexpr std::string_view mask_name(std::string_view member) { return member == "schedule" ? member : ""; }
  friend bool operator==(SnapshotSchedule const&, SnapshotSchedule const&) = default;
};

/// Metadata of an operation on a snapshot schedule: empty.
struct SnapshotScheduleOperationMetadata {
  template <class Field>
  static constexpr void describe(Field&&) {}
  friend bool operator==(SnapshotScheduleOperationMetadata const&, SnapshotScheduleOperationMetadata const&) = default;
};

/// Gives the schedule as it was set. The service responds with an operation that is already done.
using UpdateSnapshotScheduleOperation = lakebase::Operation<SnapshotSchedule, SnapshotScheduleOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
