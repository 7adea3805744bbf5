#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {

/// A signed span of time with nanosecond resolution, as the API writes it: `"604800s"`, `"1.500s"`.
///
/// Converts implicitly from any `std::chrono` duration, so that `.ttl = 168h` works. The API's range is about ±10,000
/// years, which is more than `std::chrono::nanoseconds` holds (±292 years); this class holds all of it.
///
/// Thread safety: a value: distinct objects are independent.
/// Exceptions: `parse` and `to_chrono` throw what they name; the rest throws nothing.
/// Lifetime: owns everything that it refers to.
class Duration {
 public:
  /// Zero.
  constexpr Duration() noexcept = default;

  /// From a `std::chrono` duration; fractions of a nanosecond are cut off.
  template <class Rep, class Period>
  constexpr Duration(std::chrono::duration<Rep, Period> value)  // NOLINT(google-explicit-constructor): `.ttl = 168h`
      : seconds_(std::chrono::duration_cast<std::chrono::duration<std::int64_t>>(value).count()) {
    using Wide = std::common_type_t<std::chrono::duration<Rep, Period>, std::chrono::duration<std::int64_t>>;
    Wide const rest = Wide{value} - Wide{std::chrono::duration<std::int64_t>{seconds_}};
    nanos_ = static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(rest).count());
  }

  /// From whole seconds and nanoseconds of either sign; the nanoseconds may exceed a second.
  [[nodiscard]] static constexpr Duration of(std::int64_t seconds, std::int64_t nanos = 0) noexcept {
    constexpr std::int64_t per_second = 1'000'000'000;
    Duration result;
    result.seconds_ = seconds + nanos / per_second;
    std::int64_t rest = nanos % per_second;
    if (result.seconds_ > 0 && rest < 0) {
      --result.seconds_;
      rest += per_second;
    } else if (result.seconds_ < 0 && rest > 0) {
      ++result.seconds_;
      rest -= per_second;
    }
    result.nanos_ = static_cast<std::int32_t>(rest);
    return result;
  }

  /// Reads the API's form: decimal seconds with one to nine digits of fraction, followed by `s`.
  /// @throws ParseError for any other text, and outside ±315,576,000,000 s
  [[nodiscard]] LAKEBASE_EXPORT static Duration parse(std::string_view text);

  /// Whole seconds, cut toward zero.
  [[nodiscard]] constexpr std::int64_t seconds() const noexcept { return seconds_; }
  /// The rest, -999,999,999 to 999,999,999, of the same sign as `seconds()` (or either sign if that is 0).
  [[nodiscard]] constexpr std::int32_t nanos() const noexcept { return nanos_; }

  /// The same span in `std::chrono`'s terms.
  /// @throws std::overflow_error if it does not fit into 64 bits of nanoseconds (about 292 years)
  [[nodiscard]] LAKEBASE_EXPORT std::chrono::nanoseconds to_chrono() const;

  /// The API's form, with 0, 3, 6 or 9 digits of fraction as needed.
  [[nodiscard]] LAKEBASE_EXPORT std::string to_string() const;

  friend constexpr auto operator<=>(Duration const&, Duration const&) noexcept = default;

 private:
  std::int64_t seconds_ = 0;
  std::int32_t nanos_ = 0;
};

/// A point in time (UTC) with nanosecond resolution, as the API writes it: RFC 3339, `"2023-11-14T22:13:20Z"`.
///
/// Converts implicitly from `std::chrono::sys_time`. Years 1 to 9999.
///
/// Thread safety: a value: distinct objects are independent.
/// Exceptions: `parse` and `to_chrono` throw what they name; the rest throws nothing.
/// Lifetime: owns everything that it refers to.
class Timestamp {
 public:
  /// 1970-01-01T00:00:00Z.
  constexpr Timestamp() noexcept = default;

  /// From a system-clock time; fractions of a nanosecond are cut off.
  template <class Span>
  constexpr Timestamp(std::chrono::sys_time<Span> time)  // NOLINT(google-explicit-constructor): `= system_clock::now()`
      : seconds_(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count()),
        nanos_(static_cast<std::int32_t>(
            std::chrono::duration_cast<std::chrono::nanoseconds>(time - std::chrono::floor<std::chrono::seconds>(time))
                .count())) {}

  /// From seconds since 1970 and nanoseconds, 0 to 999,999,999.
  [[nodiscard]] static constexpr Timestamp of(std::int64_t seconds, std::int32_t nanos = 0) noexcept {
    Timestamp result;
    result.seconds_ = seconds;
    result.nanos_ = nanos;
    return result;
  }

  /// Reads RFC 3339 with `Z` or an offset; digits after the ninth of a fraction are dropped.
  /// @throws ParseError for any other text
  [[nodiscard]] LAKEBASE_EXPORT static Timestamp parse(std::string_view text);

  /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
  [[nodiscard]] constexpr std::int64_t seconds() const noexcept { return seconds_; }
  /// The rest, 0 to 999,999,999.
  [[nodiscard]] constexpr std::int32_t nanos() const noexcept { return nanos_; }

  /// The same point in `std::chrono`'s terms.
  /// @throws std::overflow_error before 1677 and after 2262, which 64 bits of nanoseconds do not reach
  [[nodiscard]] LAKEBASE_EXPORT std::chrono::sys_time<std::chrono::nanoseconds> to_chrono() const;

  /// The API's form: UTC with `Z`, and 0, 3, 6 or 9 digits of fraction as needed.
  [[nodiscard]] LAKEBASE_EXPORT std::string to_string() const;

  friend constexpr auto operator<=>(Timestamp const&, Timestamp const&) noexcept = default;

 private:
  std::int64_t seconds_ = 0;
  std::int32_t nanos_ = 0;
};

}  // namespace v0
}  // namespace lakebase
