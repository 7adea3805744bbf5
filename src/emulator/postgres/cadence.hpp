#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.hpp"

namespace lakebase::emulator {

/// One cadence at which snapshots of a branch are taken.
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

/// The values of `day_of_week`.
inline constexpr std::array<std::string_view, 7> days_of_week = {"MONDAY", "TUESDAY",  "WEDNESDAY", "THURSDAY",
                                                                 "FRIDAY", "SATURDAY", "SUNDAY"};

/// A snapshot that a schedule wants.
struct Firing {
  TimePoint moment;
  TimePoint expire_time;
};

/// The first moment of a schedule after a time; none: it has no cadence.
std::optional<TimePoint> next_moment(std::vector<CadenceRecord> const& schedule, TimePoint after);
/// What is to be taken for all moments after `after`, up to `until`: one snapshot, for the latest of them, which is
/// kept for as long as any of them is to be kept. None: there was no moment.
std::optional<Firing> firing_of(std::vector<CadenceRecord> const& schedule, TimePoint after, TimePoint until);

}  // namespace lakebase::emulator
