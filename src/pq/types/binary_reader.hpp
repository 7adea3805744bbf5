#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <lakebase/pq/type_text.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Takes values of PostgreSQL's binary formats off the front of some bytes; each function throws BadText if they are
/// not there.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) bad_text("its bytes are cut short");
    auto const taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  /// The most significant byte is first.
  template <std::signed_integral T>
  T integer() {
    std::make_unsigned_t<T> value = 0;
    for (char const byte : bytes(sizeof(T))) {
      value = static_cast<std::make_unsigned_t<T>>((std::uint64_t{value} << 8U) | static_cast<unsigned char>(byte));
    }
    return static_cast<T>(value);
  }
  double float8() { return std::bit_cast<double>(integer<std::int64_t>()); }
  float float4() { return std::bit_cast<float>(integer<std::int32_t>()); }
  void end() const {
    if (!rest_.empty()) bad_text("it has more bytes than its type");
  }

 private:
  std::string_view rest_;
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
