#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <lakebase/pq/type_text.hpp>
#include <lakebase/pq/type_time.hpp>
#include <lakebase/time.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// An `interval`, as PostgreSQL keeps it: the length of a month and, with daylight saving, of a day is not known.
struct Interval {
  /// A year is 12.
  std::int32_t months = 0;
  /// A week is 7.
  std::int32_t days = 0;
  /// Hours and below.
  std::chrono::microseconds time{};

  friend bool operator==(Interval const&, Interval const&) = default;
};

namespace detail {
LAKEBASE_PQ_EXPORT Interval read_interval(std::string_view text);
/// A span in microseconds; a day has 24 hours. @throws BadText if it has months, or does not fit
LAKEBASE_PQ_EXPORT std::int64_t read_span(std::string_view text);
LAKEBASE_PQ_EXPORT void write_interval(Interval const& value, std::string& text);
LAKEBASE_PQ_EXPORT void write_span(std::int64_t seconds, std::int32_t nanoseconds, std::string& text);
inline constexpr std::string_view duration_name = "std::chrono::duration";
}  // namespace detail

/// `interval`, in the styles `postgres` and `iso_8601`; others are an error that says so.
template <>
struct TypeText<Interval> {
  /// In errors.
  static constexpr std::string_view name = "Interval";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "interval";
  /// Infinity, which PostgreSQL 17 knows, is an error: see OrInfinity.
  static Interval read(std::string_view text) { return detail::read_interval(text); }
  /// With a sign before each part, so that every style takes it for the same.
  static void write(Interval const& value, std::string& text) { detail::write_interval(value, text); }
};

/// An `interval` without months, a day being 24 hours. One with months, one that is finer than the unit, and one that
/// does not fit are errors that say so.
template <std::integral Rep, class Period>
struct TypeText<std::chrono::duration<Rep, Period>> {
  /// In errors.
  static constexpr std::string_view name = detail::duration_name;
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "interval";
  /// Exactly.
  static std::chrono::duration<Rep, Period> read(std::string_view text) {
    return detail::exact_span<Rep, Period>(detail::read_span(text));
  }
  /// As hours, minutes and seconds. PostgreSQL rounds what is finer than a microsecond.
  static void write(std::chrono::duration<Rep, Period> value, std::string& text) {
    auto const [seconds, nanoseconds] = detail::seconds_of(value);
    detail::write_span(seconds, nanoseconds, text);
  }
};

/// An `interval` without months, as of `std::chrono` durations.
template <>
struct TypeText<Duration> {
  /// In errors.
  static constexpr std::string_view name = "Duration";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "interval";
  /// Exactly.
  static Duration read(std::string_view text) { return std::chrono::microseconds{detail::read_span(text)}; }
  /// As hours, minutes and seconds. PostgreSQL rounds what is finer than a microsecond.
  static void write(Duration const& value, std::string& text) {
    detail::write_span(value.seconds(), value.nanos(), text);
  }
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
