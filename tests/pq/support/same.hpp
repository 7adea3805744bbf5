#pragma once

#include <cmath>
#include <concepts>

namespace lakebase::tests::round_trip {

/// Whether two values are equal, NaN to NaN, and 0 not to -0.
template <class T>
bool same(T const& left, T const& right) {
  if constexpr (std::floating_point<T>) {
    return (left != left && right != right) || (left == right && std::signbit(left) == std::signbit(right));
  } else {
    return left == right;
  }
}

}  // namespace lakebase::tests::round_trip
