#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/field_mask.hpp>
#include <lakebase/json.hpp>
#include <lakebase/time.hpp>

namespace lakebase::cli {

/// What may stand in JSON at a place: read from a model's `describe`, so that a member which the library learns is
/// known here at once.
struct Shape {
  enum class Kind { text, integer, number, boolean, word, duration, timestamp, mask, any, object, list, map };

  struct Member {
    std::string_view name;
    Shape const* shape;
  };

  Kind kind{};
  /// Of an object.
  std::vector<Member> members{};
  /// Of a list and of a map.
  Shape const* item = nullptr;
  /// The values of a word that the library knows.
  std::vector<std::string_view> words{};

  [[nodiscard]] Shape const* find(std::string_view name) const {
    for (auto const& member : members) {
      if (member.name == name) return member.shape;
    }
    return nullptr;
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (auto const& member : members) all.emplace_back(member.name);
    return all;
  }
};

template <class T>
concept HasDescribe = requires {
  T::describe([](auto&&...) {});
};

template <class T>
struct Unwrapped {
  using Type = T;
};
template <class T>
struct Unwrapped<std::optional<T>> {
  using Type = T;
};

template <class T>
inline constexpr bool is_enum_of_api = false;
template <class E>
inline constexpr bool is_enum_of_api<Enum<E>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;

template <class E>
std::vector<std::string_view> words_of(Enum<E> const*) {
  auto const names = enum_names(E{});
  return {names.begin(), names.end()};
}

template <class T>
Shape const& shape_of();

template <class T>
Shape make_shape() {
  using enum Shape::Kind;
  if constexpr (HasDescribe<T>) {
    Shape shape{.kind = object};
    T::describe([&]<class Of, class Member>(std::string_view name, Member Of::*) {
      shape.members.push_back({name, &shape_of<typename Unwrapped<Member>::Type>()});
    });
    return shape;
  } else if constexpr (is_list<T>) {
    return {.kind = list, .item = &shape_of<typename T::value_type>()};
  } else if constexpr (is_map<T>) {
    return {.kind = map, .item = &shape_of<typename T::mapped_type>()};
  } else if constexpr (is_enum_of_api<T>) {
    return {.kind = word, .words = words_of(static_cast<T const*>(nullptr))};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {.kind = text};
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return {.kind = integer};
  } else if constexpr (std::is_same_v<T, double>) {
    return {.kind = number};
  } else if constexpr (std::is_same_v<T, bool>) {
    return {.kind = boolean};
  } else if constexpr (std::is_same_v<T, Duration>) {
    return {.kind = duration};
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    return {.kind = timestamp};
  } else if constexpr (std::is_same_v<T, FieldMask>) {
    return {.kind = mask};
  } else {
    static_assert(std::is_same_v<T, JsonText>, "a type of a member that the command line does not know yet");
    return {.kind = any};
  }
}

/// Made when it is first asked for.
template <class T>
Shape const& shape_of() {
  static Shape const shape = make_shape<T>();
  return shape;
}

}  // namespace lakebase::cli
