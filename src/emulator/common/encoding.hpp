#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lakebase::emulator {

/// Lower-case hexadecimal digits, two for each byte.
std::string hex(std::string_view bytes);
/// The bytes that these digits stand for.
std::string bytes_of_hex(std::string_view digits);

/// The alphabet for URLs, without padding.
std::string base64url(std::string_view bytes);
/// None if the text is not base64url without padding.
std::optional<std::string> base64url_decoded(std::string_view text);

/// The standard alphabet, with or without padding; none if the text is not base64.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace lakebase::emulator
