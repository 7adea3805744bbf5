#pragma once

#include <string>
#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// The form of a resource name, with a star for each id: `projects/*/branches/*`. A slash at the end of the name is
/// kept.
std::string form_of(std::string_view name);

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
