#pragma once

#include <optional>
#include <string>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The text of a small regular file (settings, keys, tokens), without a UTF-8 byte order mark. None if there is no such
/// file, if it cannot be read, if it is longer than 16 MB, or if it is a pipe or a device, on which a read could wait
/// for ever.
std::optional<std::string> read_text_file(std::string const& path);

/// Whether somebody other than the owner of the file may change it.
bool is_writable_by_others(std::string const& path);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
