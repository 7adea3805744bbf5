#include "base/text/uuid.hpp"

#include <cstddef>

#include "base/random.hpp"
#include "base/text/hex.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// RFC 9562, section 5.4: four bits say the version, two the variant; the rest is random.
void set_version(std::string& bytes) {
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
}

}  // namespace

std::string make_uuid() {
  auto bytes = random_bytes(16);
  set_version(bytes);
  auto uuid = hex(bytes);
  for (std::size_t const at : {8U, 13U, 18U, 23U}) uuid.insert(at, 1, '-');
  return uuid;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
