#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// How many members an aggregate has, at compile time: as many as it can be initialised with.

namespace lakebase::tests {

template <class T>
inline constexpr bool is_member_type = false;
template <class T>
inline constexpr bool is_member_type<std::optional<T>> = true;
template <class T>
inline constexpr bool is_member_type<std::vector<T>> = true;
template <class K, class T>
inline constexpr bool is_member_type<std::map<K, T>> = true;

// Becomes whatever a model may be made of. Only these: a type that becomes anything is ambiguous for std::optional.
struct AnyMember {
  template <class T>
  requires is_member_type<T>
  constexpr operator T() const;  // NOLINT(google-explicit-constructor): never called, only looked at
};

template <class T, std::size_t... I>
constexpr bool can_hold(std::index_sequence<I...>) {
  return requires {
    T{(static_cast<void>(I), AnyMember{})...};
  };
}

template <class T, std::size_t Count = 0>
constexpr std::size_t member_count() {
  if constexpr (can_hold<T>(std::make_index_sequence<Count + 1>{})) {
    return member_count<T, Count + 1>();
  } else {
    return Count;
  }
}

template <class T>
constexpr std::size_t described_count() {
  std::size_t count = 0;
  T::describe([&](std::string_view, auto) { ++count; });
  return count;
}

}  // namespace lakebase::tests
