#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lakebase::emulator {

/// Bytes of OpenSSL's random generator.
std::string random_bytes(std::size_t count);
/// Lower-case hexadecimal digits.
std::string random_hex(std::size_t digits);
/// A version 4 UUID.
std::string random_uuid();
/// `<prefix>-<adjective>-<noun>-<8 base-36 characters>`, the shape of the service's uids of branches and endpoints.
std::string random_words(std::string_view prefix);

}  // namespace lakebase::emulator
