#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The candidate that a mistyped word most likely means; empty if none is near.
std::string nearest(std::string_view word, std::vector<std::string> const& candidates);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
