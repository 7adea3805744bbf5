#pragma once

#include <string>
#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// The first option of a COPY that makes its data something else than the text format as it is by default, in capitals:
/// `CSV`, `FORMAT`, `DELIMITER`, `NULL`, `HEADER` or `ENCODING`; empty if there is none. The server tells a program
/// only whether the format is binary.
std::string format_option(std::string_view copy);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
