#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <lakebase/described.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Wire names of a model's members, in the order of `describe`.
template <Described T>
inline constexpr auto member_names = [] {
  constexpr std::size_t count = [] {
    std::size_t members = 0;
    T::describe([&](std::string_view, auto) { ++members; });
    return members;
  }();
  std::array<std::string_view, count> names{};
  std::size_t next = 0;
  T::describe([&](std::string_view name, auto) { names[next++] = name; });
  return names;
}();

/// Whether JSON may leave a member out because of its value, which still says something: an empty list, 0, false.
template <class Member>
inline constexpr bool is_left_out_at_zero =
    std::is_same_v<Member, std::optional<bool>> || std::is_same_v<Member, std::optional<std::int64_t>> ||
    std::is_same_v<Member, std::optional<double>>;
template <class T>
inline constexpr bool is_left_out_at_zero<std::vector<T>> = true;
template <class T>
inline constexpr bool is_left_out_at_zero<std::map<std::string, T>> = true;

/// What tells the JSON of a model from JSON of something else.
struct Shape {
  std::span<std::string_view const> members{};
  /// Whether `{}` is such a model, and says that all lists are empty or that nothing was counted.
  bool may_be_empty = false;
  /// Whether it is the API's own model of a long-running operation.
  bool is_operation = false;
};

template <Described T>
inline constexpr Shape shape_of = [] {
  Shape shape{.members = member_names<T>, .may_be_empty = true};
  bool has_done = false;
  bool has_response = false;
  T::describe([&]<class Member>(std::string_view name, Member T::*) {
    if (name != "next_page_token" && !is_left_out_at_zero<Member>) shape.may_be_empty = false;
    has_done = has_done || name == "done";
    has_response = has_response || name == "response";
  });
  shape.is_operation = has_done && has_response;
  return shape;
}();

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
