#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace lakebase {
inline namespace v0 {

namespace detail {

// Outside of Enum, so that the table is made where a program reads it, and not by every include.
template <class E>
inline constexpr auto enum_words = enum_names(E{});

/// An enum type of the API.
template <class E>
concept ApiEnum = std::is_enum_v<E> && requires {
  enum_names(E{});
};

}  // namespace detail

/// An enumeration of the API: one of the values that this library knows, or one that the service has added since.
///
/// `value()` is for a `switch` (handle `unrecognized`); `wire()` is the server's own value, which is written back
/// unchanged, so that nothing is lost between a newer service and an older client.
///
/// Each enum `E` has, beside it, `constexpr auto enum_names(E)`: the wire values in the order of the enumerators.
///
/// Thread safety: a value: distinct objects are independent.
/// Exceptions: none but std::bad_alloc, for unknown values.
/// Lifetime: owns its text; `wire()` refers to it.
template <class E>
class Enum {
  static_assert(std::is_enum_v<E>);

 public:
  /// Unrecognized, with an empty wire value.
  Enum() noexcept = default;
  /// A value that this library knows.
  Enum(E value) noexcept : value_(value) {}  // NOLINT(google-explicit-constructor): `.endpoint_type = EndpointType::…`

  /// From a wire value. Unknown ones are kept.
  [[nodiscard]] static Enum from_wire(std::string_view word) {
    Enum result;
    for (std::size_t i = 0; i < detail::enum_words<E>.size(); ++i) {
      if (detail::enum_words<E>[i] == word) return Enum{static_cast<E>(i)};
    }
    result.unknown_ = word;
    return result;
  }

  /// The enumerator, or `E::unrecognized`.
  [[nodiscard]] E value() const noexcept { return value_; }
  /// The wire value. Valid as long as this object exists and is not assigned to.
  [[nodiscard]] std::string_view wire() const& noexcept {
    auto const index = static_cast<std::size_t>(value_);
    return index < detail::enum_words<E>.size() ? detail::enum_words<E>[index] : std::string_view{unknown_};
  }
  std::string_view wire() const&& = delete;  // would dangle: keep the Enum in a variable first

  friend bool operator==(Enum const& left, Enum const& right) noexcept { return left.wire() == right.wire(); }
  friend bool operator==(Enum const& left, E right) noexcept { return left.value_ == right; }
  friend auto operator<=>(Enum const& left, Enum const& right) noexcept { return left.wire() <=> right.wire(); }

 private:
  E value_ = E::unrecognized;
  std::string unknown_{};
};

}  // namespace v0
}  // namespace lakebase
