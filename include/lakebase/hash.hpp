#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/described.hpp>
#include <lakebase/json.hpp>
#include <lakebase/postgres/names.hpp>

// `std::hash` of models, values and names of resources: for unordered containers.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Mixes what is equal in equal things into one number.
class Hasher {
 public:
  void add(std::string_view text) { mix(std::hash<std::string_view>{}(text)); }
  void add(bool value) { mix(value ? 1U : 0U); }
  void add(std::int64_t value) { mix(static_cast<std::size_t>(value)); }
  void add(double value) { mix(std::hash<double>{}(value)); }
  void add(JsonText const& json) { add(std::string_view{json.text}); }

  // By concepts, for the types need not be complete here.
  template <class T>
  void add(T const& value) {
    if constexpr (Described<T>) {
      T::describe([&](std::string_view, auto member) { add(value.*member); });
    } else if constexpr (is_enum<T>) {
      add(value.wire());
    } else if constexpr (requires { value.nanos(); }) {
      add(std::int64_t{value.seconds()});
      add(std::int64_t{value.nanos()});
    } else if constexpr (requires { value.paths(); }) {
      add(value.paths());
    } else {
      add(std::string_view{value});
    }
  }
  template <class T>
  void add(std::optional<T> const& field) {
    add(field.has_value());
    if (field) add(*field);
  }
  template <class T>
  void add(std::vector<T> const& list) {
    mix(list.size());
    for (auto const& item : list) add(item);
  }
  template <class T>
  void add(std::map<std::string, T> const& map) {
    mix(map.size());
    for (auto const& [key, item] : map) {
      add(std::string_view{key});
      add(item);
    }
  }

  std::size_t value() const noexcept { return value_; }

 private:
  void mix(std::size_t more) noexcept { value_ ^= more + std::size_t{0x9e3779b9} + (value_ << 6U) + (value_ >> 2U); }

  std::size_t value_ = 0;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase

/// Hashes models, and `Enum`, `Timestamp`, `Duration`, `FieldMask` and `JsonText`. May differ from one run to the next.
template <lakebase::detail::HasJson T>
struct std::hash<T> {
  /// Equal things have equal hashes.
  std::size_t operator()(T const& value) const {
    lakebase::detail::Hasher hasher;
    hasher.add(value);
    return hasher.value();
  }
};

/// Hashes names of resources.
template <std::derived_from<lakebase::postgres::ResourceName> T>
struct std::hash<T> {
  /// Equal names have equal hashes.
  std::size_t operator()(T const& name) const noexcept { return std::hash<std::string_view>{}(name); }
};
