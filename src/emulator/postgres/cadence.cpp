#include "postgres/cadence.hpp"

#include <algorithm>
#include <chrono>

namespace lakebase::emulator {
namespace {

using namespace std::chrono;

/// No two moments of a cadence are further apart, and a moment may be anywhere in the first and the last of these days.
constexpr int days_to_search = 32;

bool falls_on(CadenceRecord const& cadence, sys_days day) {
  if (cadence.every == "weekly_schedule") {
    return days_of_week.at(weekday{day}.iso_encoding() - 1) == cadence.day_of_week;
  }
  if (cadence.every == "monthly_schedule") {
    year_month_day const date{day};
    auto const last = year_month_day_last{date.year(), month_day_last{date.month()}}.day();
    return date.day() == std::min(std::chrono::day{static_cast<unsigned>(cadence.day)}, last);
  }
  return true;
}

TimePoint moment_on(CadenceRecord const& cadence, sys_days day) {
  return TimePoint{day} + hours{cadence.hour};
}

std::optional<TimePoint> first_after(CadenceRecord const& cadence, TimePoint after) {
  auto day = floor<days>(after);
  for (int searched = 0; searched <= days_to_search; ++searched, day += days{1}) {
    if (falls_on(cadence, day) && moment_on(cadence, day) > after) return moment_on(cadence, day);
  }
  return std::nullopt;
}

std::optional<TimePoint> last_until(CadenceRecord const& cadence, TimePoint until) {
  auto day = floor<days>(until);
  for (int searched = 0; searched <= days_to_search; ++searched, day -= days{1}) {
    if (falls_on(cadence, day) && moment_on(cadence, day) <= until) return moment_on(cadence, day);
  }
  return std::nullopt;
}

}  // namespace

std::optional<TimePoint> next_moment(std::vector<CadenceRecord> const& schedule, TimePoint after) {
  std::optional<TimePoint> next;
  for (auto const& cadence : schedule) {
    auto const moment = first_after(cadence, after);
    if (moment) next = std::min(next.value_or(*moment), *moment);
  }
  return next;
}

std::optional<Firing> firing_of(std::vector<CadenceRecord> const& schedule, TimePoint after, TimePoint until) {
  std::optional<Firing> firing;
  for (auto const& cadence : schedule) {
    auto const moment = last_until(cadence, until);
    if (!moment || *moment <= after) continue;
    if (!firing) firing = Firing{*moment, *moment + cadence.retention};
    firing->moment = std::max(firing->moment, *moment);
    firing->expire_time = std::max(firing->expire_time, *moment + cadence.retention);
  }
  return firing;
}

}  // namespace lakebase::emulator
