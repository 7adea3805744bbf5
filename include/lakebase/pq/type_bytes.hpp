#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/pq/type_text.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// Bytes for a parameter of type `bytea`, of a program that keeps them as characters. `std::vector<std::byte>` and
/// `std::span<std::byte const>` are bytes without it.
struct Bytes {
  /// Any bytes; has to outlive the call that it is given to.
  std::string_view bytes{};
};

/// 128 bits, written as `9b2f6a0e-3c41-4d7a-8e55-0f1c2d3e4b5a`.
///
/// Thread safety: a value: distinct objects are independent.
/// Exceptions: `parse` throws what it names; the rest throws nothing but std::bad_alloc.
/// Lifetime: owns everything that it refers to.
struct Uuid {
  /// The first byte is written first.
  std::array<std::byte, 16> bytes{};

  /// Reads 32 hexadecimal digits of either case, with hyphens after 8, 12, 16 and 20 of them.
  /// @throws BadText for any other text
  [[nodiscard]] LAKEBASE_PQ_EXPORT static Uuid parse(std::string_view text);
  /// In lower case, with hyphens.
  [[nodiscard]] LAKEBASE_PQ_EXPORT std::string to_string() const;

  friend auto operator<=>(Uuid const&, Uuid const&) = default;
};

namespace detail {

/// A type whose values go to the server as bytes.
template <class T>
concept ByteString = std::same_as<T, Bytes> || std::same_as<T, std::vector<std::byte>> ||
    std::same_as<T, std::span<std::byte>> || std::same_as<T, std::span<std::byte const>>;

inline std::string_view characters_of(Bytes bytes) noexcept {
  return bytes.bytes;
}
inline std::string_view characters_of(std::span<std::byte const> bytes) noexcept {
  return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

inline constexpr unsigned bytea_type = 17;

LAKEBASE_PQ_EXPORT std::vector<std::byte> read_bytea(std::string_view text);
LAKEBASE_PQ_EXPORT void write_bytea(std::string_view bytes, std::string& text);
LAKEBASE_PQ_EXPORT std::optional<std::vector<std::byte>> binary_bytea(unsigned oid, std::string_view bytes);
LAKEBASE_PQ_EXPORT std::optional<Uuid> binary_uuid(unsigned oid, std::string_view bytes);

}  // namespace detail

/// `bytea`, both of its text forms.
template <>
struct TypeText<std::vector<std::byte>> {
  /// In errors.
  static constexpr std::string_view name = "std::vector<std::byte>";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "bytea";
  /// `\x0a` or, of an older server, `\012`.
  static std::vector<std::byte> read(std::string_view text) { return detail::read_bytea(text); }
  /// `\x0a`
  static void write(std::span<std::byte const> value, std::string& text) {
    detail::write_bytea(detail::characters_of(value), text);
  }
  /// The bytes themselves.
  static std::optional<std::vector<std::byte>> read_binary(unsigned oid, std::string_view bytes) {
    return detail::binary_bytea(oid, bytes);
  }
};

/// `bytea` that can be written only, as a span owns nothing.
template <detail::ByteString T>
struct TypeText<T> {
  /// In errors.
  static constexpr std::string_view name = "bytes";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "bytea";
  /// `\x0a`
  static void write(T const& value, std::string& text) { detail::write_bytea(detail::characters_of(value), text); }
};

/// `uuid`.
template <>
struct TypeText<Uuid> {
  /// In errors.
  static constexpr std::string_view name = "Uuid";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "uuid";
  /// See `Uuid::parse`.
  static Uuid read(std::string_view text) { return Uuid::parse(text); }
  /// See `Uuid::to_string`.
  static void write(Uuid const& value, std::string& text) { text += value.to_string(); }
  /// The 16 bytes.
  static std::optional<Uuid> read_binary(unsigned oid, std::string_view bytes) {
    return detail::binary_uuid(oid, bytes);
  }
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
