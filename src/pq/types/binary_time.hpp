#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>

#include <lakebase/pq/type_text.hpp>
#include <lakebase/pq/type_time.hpp>

// In binary, times count from the year 2000, and the least and the greatest number are the infinities.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

inline constexpr std::int64_t days_to_2000 = 10'957;
inline constexpr std::string_view it_is_infinite = "it is infinite: read OrInfinity of that";

template <std::signed_integral T>
constexpr Infinity infinity_of(T value) noexcept {
  if (value == std::numeric_limits<T>::max()) return Infinity::after;
  return value == std::numeric_limits<T>::min() ? Infinity::before : Infinity::none;
}

inline std::int64_t microseconds_since_1970(std::int64_t since_2000) {
  if (infinity_of(since_2000) != Infinity::none) bad_text(it_is_infinite);
  constexpr std::int64_t between = days_to_2000 * 86'400 * 1'000'000;
  if (since_2000 > INT64_MAX - between) bad_text("it is out of range");
  return since_2000 + between;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
