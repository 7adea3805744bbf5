#include <lakebase/transport.hpp>

#include "base/ascii.hpp"

namespace lakebase {
inline namespace v0 {

std::optional<std::string_view> find_header(Headers const& headers, std::string_view name) {
  for (auto const& [key, value] : headers) {
    if (detail::equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

}  // namespace v0
}  // namespace lakebase
