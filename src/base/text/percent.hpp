#pragma once

#include <string>
#include <string_view>

#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// `%41` becomes `A`. What is not an escape stays as it is.
std::string percent_decode(std::string_view text);

/// Percent-encodes everything but unreserved characters.
LAKEBASE_EXPORT std::string percent_encode(std::string_view text);
/// The same, appended to `result`.
void append_percent_encoded(std::string& result, std::string_view text);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
