#pragma once

#include <cstdint>
#include <string>

// PostgreSQL's years reach farther than those of std::chrono.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

struct CalendarDate {
  std::int64_t year;  // 0 is 1 BC
  unsigned month;
  unsigned day;
};

/// Days since 1970, by the Gregorian calendar at all times. A year begins in March here, so that its odd day is its
/// last.
constexpr std::int64_t days_from_date(std::int64_t year, unsigned month, unsigned day) {
  if (month <= 2) --year;
  std::int64_t const era = (year >= 0 ? year : year - 399) / 400;
  auto const year_of_era = static_cast<unsigned>(year - era * 400);
  unsigned const day_of_year = (153 * (month + (month > 2 ? -3U : 9U)) + 2) / 5 + day - 1;
  unsigned const day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + std::int64_t{day_of_era} - 719'468;
}

/// The inverse.
constexpr CalendarDate date_of_days(std::int64_t days) {
  days += 719'468;
  std::int64_t const era = (days >= 0 ? days : days - 146'096) / 146'097;
  auto const day_of_era = static_cast<unsigned>(days - era * 146'097);
  unsigned const year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  unsigned const day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  unsigned const shifted_month = (5 * day_of_year + 2) / 153;
  unsigned const month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {std::int64_t{year_of_era} + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

constexpr unsigned last_day(std::int64_t year, unsigned month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Hours, minutes, seconds and, if there is one, their fraction: `04:05:06.000007`.
void append_clock(std::int64_t seconds, std::int32_t nanoseconds, std::string& text);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
