#pragma once

#include <chrono>
#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <utility>

#include <lakebase/pq/type_text.hpp>
#include <lakebase/time.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// A `time`: microseconds since midnight, up to 24 hours. (`timetz` is refused, as its offset has no day to be of.)
struct TimeOfDay {
  /// `{.since_midnight = 9h + 30min}`
  std::chrono::microseconds since_midnight{};

  friend constexpr auto operator<=>(TimeOfDay const&, TimeOfDay const&) noexcept = default;
};

/// Whether a time is before or after all others.
enum class Infinity : signed char {
  before = -1,  ///< `-infinity`
  none = 0,     ///< a time
  after = 1,    ///< `infinity`
};

/// A time, date or interval that may be infinite, which the types of C++ cannot be:
/// `row["ends"].as<OrInfinity<std::chrono::sys_days>>()`.
template <class T>
struct OrInfinity {
  /// Means nothing if it is infinite.
  T value{};
  /// Which infinity it is, if it is one.
  Infinity infinity = Infinity::none;

  friend bool operator==(OrInfinity const& left, OrInfinity const& right) {
    return left.infinity == right.infinity && (left.infinity != Infinity::none || left.value == right.value);
  }
};

namespace detail {

// Microseconds and days count from 1970.
LAKEBASE_PQ_EXPORT std::int64_t read_instant(std::string_view text);
LAKEBASE_PQ_EXPORT std::int64_t read_wall_clock(std::string_view text);
LAKEBASE_PQ_EXPORT std::int64_t read_time_of_day(std::string_view text);
LAKEBASE_PQ_EXPORT std::int64_t read_date(std::string_view text);
LAKEBASE_PQ_EXPORT Infinity read_infinity(std::string_view text) noexcept;
LAKEBASE_PQ_EXPORT Timestamp read_timestamp(std::string_view text);

LAKEBASE_PQ_EXPORT void write_instant(std::int64_t seconds, std::int32_t nanoseconds, std::string& text);
LAKEBASE_PQ_EXPORT void write_wall_clock(std::int64_t seconds, std::int32_t nanoseconds, std::string& text);
LAKEBASE_PQ_EXPORT void write_time_of_day(std::int64_t microseconds, std::string& text);
LAKEBASE_PQ_EXPORT void write_date(std::int64_t days, std::string& text);
LAKEBASE_PQ_EXPORT void write_infinity(Infinity infinity, std::string& text);

LAKEBASE_PQ_EXPORT std::optional<std::int64_t> binary_instant(unsigned oid, std::string_view bytes);
LAKEBASE_PQ_EXPORT std::optional<std::int64_t> binary_wall_clock(unsigned oid, std::string_view bytes);
LAKEBASE_PQ_EXPORT std::optional<std::int64_t> binary_date(unsigned oid, std::string_view bytes);

LAKEBASE_PQ_EXPORT std::chrono::year_month_day day_of(std::int64_t days);

/// A span in another unit. @throws BadText if that unit is too coarse, or does not reach as far
template <std::integral Rep, class Period>
std::chrono::duration<Rep, Period> exact_span(std::int64_t microseconds) {
  using Factor = std::ratio_divide<std::micro, Period>;
  if (microseconds % Factor::den != 0) bad_text("it is finer than the type's unit");
  std::int64_t const count = microseconds / Factor::den;
  constexpr std::int64_t most = INT64_MAX / Factor::num;
  if (count > most || count < -most || !std::in_range<Rep>(count * Factor::num)) {
    bad_text("it is out of the type's range");
  }
  return std::chrono::duration<Rep, Period>{static_cast<Rep>(count * Factor::num)};
}

/// Seconds, rounded down, and nanoseconds. @throws InvalidArgument for what is beyond all of PostgreSQL's times
template <std::integral Rep, class Period>
std::pair<std::int64_t, std::int32_t> seconds_of(std::chrono::duration<Rep, Period> span) {
  using Approximate = std::chrono::duration<long double>;
  constexpr long double farthest = 1e13L;  // 300,000 years
  long double const about = Approximate{span}.count();
  if (about > farthest || about < -farthest) bad_value("a time or a span that PostgreSQL does not reach");
  if constexpr (Period::den == 1) {
    return {std::chrono::duration_cast<std::chrono::duration<std::int64_t>>(span).count(), 0};
  } else {
    // Not by std::chrono::floor: the second that the least span of a unit begins in is no number of that unit.
    using Seconds = std::chrono::duration<std::int64_t>;
    auto seconds = std::chrono::duration_cast<Seconds>(span);
    auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(span % Seconds{1});
    if (rest.count() < 0) {
      seconds -= Seconds{1};
      rest += Seconds{1};
    }
    return {seconds.count(), static_cast<std::int32_t>(rest.count())};
  }
}

inline constexpr std::string_view sys_time_name = "std::chrono::sys_time";
inline constexpr std::string_view local_time_name = "std::chrono::local_time";

}  // namespace detail

/// `timestamptz`, years 1 to 9999, which is what a Timestamp is for; `std::chrono::sys_time` reaches farther.
template <>
struct TypeText<Timestamp> {
  /// In errors.
  static constexpr std::string_view name = "Timestamp";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "timestamptz";
  /// With any offset.
  static Timestamp read(std::string_view text) { return detail::read_timestamp(text); }
  /// In UTC. PostgreSQL rounds nanoseconds to microseconds.
  static void write(Timestamp const& value, std::string& text) {
    detail::write_instant(value.seconds(), value.nanos(), text);
  }
};

/// `timestamptz`. What the time point cannot hold is an error that says so: infinity (see OrInfinity), a year that does
/// not fit, a fraction that is finer than its unit. A text without an offset is an error, too: read
/// `std::chrono::local_time`.
template <std::integral Rep, class Period>
struct TypeText<std::chrono::sys_time<std::chrono::duration<Rep, Period>>> {
  /// What is read and written.
  using Time = std::chrono::sys_time<std::chrono::duration<Rep, Period>>;
  /// In errors.
  static constexpr std::string_view name = detail::sys_time_name;
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "timestamptz";
  /// With any offset.
  static Time read(std::string_view text) { return Time{detail::exact_span<Rep, Period>(detail::read_instant(text))}; }
  /// In UTC. PostgreSQL rounds what is finer than a microsecond.
  static void write(Time value, std::string& text) {
    auto const [seconds, nanoseconds] = detail::seconds_of(value.time_since_epoch());
    detail::write_instant(seconds, nanoseconds, text);
  }
  /// The binary format of `timestamptz`.
  static std::optional<Time> read_binary(unsigned oid, std::string_view bytes) {
    auto const time = detail::binary_instant(oid, bytes);
    if (!time) return std::nullopt;
    return Time{detail::exact_span<Rep, Period>(*time)};
  }
};

/// `timestamp`: what a clock on a wall shows, without a time zone. Otherwise as `std::chrono::sys_time`.
template <std::integral Rep, class Period>
struct TypeText<std::chrono::local_time<std::chrono::duration<Rep, Period>>> {
  /// What is read and written.
  using Time = std::chrono::local_time<std::chrono::duration<Rep, Period>>;
  /// In errors.
  static constexpr std::string_view name = detail::local_time_name;
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "timestamp";
  /// Without an offset.
  static Time read(std::string_view text) {
    return Time{detail::exact_span<Rep, Period>(detail::read_wall_clock(text))};
  }
  /// PostgreSQL rounds what is finer than a microsecond.
  static void write(Time value, std::string& text) {
    auto const [seconds, nanoseconds] = detail::seconds_of(value.time_since_epoch());
    detail::write_wall_clock(seconds, nanoseconds, text);
  }
  /// The binary format of `timestamp`.
  static std::optional<Time> read_binary(unsigned oid, std::string_view bytes) {
    auto const time = detail::binary_wall_clock(oid, bytes);
    if (!time) return std::nullopt;
    return Time{detail::exact_span<Rep, Period>(*time)};
  }
};

/// `date`, all of them.
template <>
struct TypeText<std::chrono::sys_days> {
  /// In errors.
  static constexpr std::string_view name = "std::chrono::sys_days";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "date";
  /// A date without a time.
  static std::chrono::sys_days read(std::string_view text) {
    return std::chrono::sys_days{std::chrono::days{detail::read_date(text)}};
  }
  /// `0044-03-15 BC`
  static void write(std::chrono::sys_days value, std::string& text) {
    detail::write_date(value.time_since_epoch().count(), text);
  }
  /// The binary format of `date`.
  static std::optional<std::chrono::sys_days> read_binary(unsigned oid, std::string_view bytes) {
    auto const days = detail::binary_date(oid, bytes);
    if (!days) return std::nullopt;
    return std::chrono::sys_days{std::chrono::days{*days}};
  }
};

/// `date`, all of them.
template <>
struct TypeText<std::chrono::local_days> {
  /// In errors.
  static constexpr std::string_view name = "std::chrono::local_days";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "date";
  /// A date without a time.
  static std::chrono::local_days read(std::string_view text) {
    return std::chrono::local_days{std::chrono::days{detail::read_date(text)}};
  }
  /// `0044-03-15 BC`
  static void write(std::chrono::local_days value, std::string& text) {
    detail::write_date(value.time_since_epoch().count(), text);
  }
};

/// `date`, of the years -32767 to 32767. The year 0 is 1 BC.
template <>
struct TypeText<std::chrono::year_month_day> {
  /// In errors.
  static constexpr std::string_view name = "std::chrono::year_month_day";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "date";
  /// A date without a time.
  static std::chrono::year_month_day read(std::string_view text) { return detail::day_of(detail::read_date(text)); }
  /// `0044-03-15 BC`. A day that no month has is refused.
  static void write(std::chrono::year_month_day value, std::string& text) {
    if (!value.ok()) bad_value("a date that no calendar has");
    detail::write_date(std::chrono::sys_days{value}.time_since_epoch().count(), text);
  }
  /// The binary format of `date`.
  static std::optional<std::chrono::year_month_day> read_binary(unsigned oid, std::string_view bytes) {
    auto const days = detail::binary_date(oid, bytes);
    if (!days) return std::nullopt;
    return detail::day_of(*days);
  }
};

/// `time`, `24:00:00` included.
template <>
struct TypeText<TimeOfDay> {
  /// In errors.
  static constexpr std::string_view name = "TimeOfDay";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "time";
  /// Without an offset.
  static TimeOfDay read(std::string_view text) {
    return {.since_midnight = std::chrono::microseconds{detail::read_time_of_day(text)}};
  }
  /// `04:05:06.000007`
  static void write(TimeOfDay value, std::string& text) {
    detail::write_time_of_day(value.since_midnight.count(), text);
  }
};

/// A time, date or interval, or `infinity` or `-infinity`.
template <class T>
requires(Readable<T> || Writable<T>) struct TypeText<OrInfinity<T>> {
  /// In errors.
  static constexpr std::string_view name = TypeText<T>::name;
  /// PostgreSQL's type.
  static constexpr std::string_view sql = TypeText<T>::sql;
  /// Either.
  static OrInfinity<T> read(std::string_view text) requires Readable<T> {
    auto const infinity = detail::read_infinity(text);
    if (infinity != Infinity::none) return {.value = {}, .infinity = infinity};
    return {.value = TypeText<T>::read(text), .infinity = Infinity::none};
  }
  /// Either.
  static void write(OrInfinity<T> const& value, std::string& text) requires Writable<T> {
    if (value.infinity != Infinity::none) {
      detail::write_infinity(value.infinity, text);
    } else {
      TypeText<T>::write(value.value, text);
    }
  }
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
