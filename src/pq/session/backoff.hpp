#pragma once

#include <chrono>

#include <lakebase/pq/connect.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// The pause after the `failures`-th failure, from 1: a random part of a doubled step, and never less than `at_least`.
std::chrono::nanoseconds next_pause(Backoff const& growing, int failures, std::chrono::nanoseconds at_least = {});

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
