#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace lakebase::emulator {

/// A source of random bytes, to be called from any thread.
using RandomBytes = std::function<std::string(std::size_t count)>;

/// Bytes of OpenSSL's random generator.
std::string random_bytes(std::size_t count);
/// A source whose bytes are the same for the same seed, name and calls: for ids and choices, and not for secrets.
RandomBytes seeded_bytes(std::uint64_t seed, std::string const& name = {});

/// Lower-case hexadecimal digits.
std::string random_hex(std::size_t digits, RandomBytes const& source = random_bytes);
/// A version 4 UUID.
std::string random_uuid(RandomBytes const& source = random_bytes);
/// `<prefix>-<adjective>-<noun>-<8 base-36 characters>`, the shape of the service's uids of branches and endpoints.
std::string random_words(std::string_view prefix, RandomBytes const& source = random_bytes);

}  // namespace lakebase::emulator
