#include "base/text/uuid.hpp"

#include <array>
#include <cstddef>
#include <string_view>

#include <openssl/rand.h>

#include <lakebase/error.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

std::string make_uuid() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw Error{"no random numbers for a request id"};
  }
  // RFC 9562, section 5.4: four bits say the version, two the variant; the rest is random.
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x40U);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);

  constexpr std::string_view digits = "0123456789abcdef";
  std::string uuid;
  uuid.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
    uuid += digits[bytes[i] >> 4U];
    uuid += digits[bytes[i] & 0x0fU];
  }
  return uuid;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
