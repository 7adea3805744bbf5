#pragma once

#include <string>
#include <string_view>

namespace lakebase::emulator {

/// The 32 bytes of a SHA-256.
std::string sha256(std::string_view text);
/// The 32 bytes of HMAC with SHA-256.
std::string hmac_sha256(std::string_view key, std::string_view text);

/// Takes the same time wherever the two differ.
bool equal_secrets(std::string_view a, std::string_view b);

}  // namespace lakebase::emulator
