#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The process environment; a variable that is empty counts as unset.
std::optional<std::string> process_variable(std::string_view name);

/// See `find_root_file`. `libpq_version` is what PQlibVersion returns, and `exists` tells whether a file can be read.
std::string find_root_file_in(Environment const& environment, int libpq_version,
                              std::function<bool(std::string const&)> const& exists);
/// With the loaded libpq and the files of this machine.
std::string find_root_file_in(Environment const& environment);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
