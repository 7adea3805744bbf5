#pragma once

#include <cstdint>
#include <filesystem>

namespace lakebase::emulator {

/// Bytes of the databases of a data directory that another one does not have at the same place, page by page. Neither
/// may change meanwhile. To be called with the rights of the account that owns them; no link is followed.
/// @throws std::system_error if one of them cannot be read
std::int64_t size_beyond(std::filesystem::path const& data, std::filesystem::path const& former);

}  // namespace lakebase::emulator
