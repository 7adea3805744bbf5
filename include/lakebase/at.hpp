#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <lakebase/described.hpp>
#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {

namespace detail {

template <class T, class U>
concept OtherThan = !std::is_same_v<T, U>;

/// Wire name of a member of a model.
template <Described T, class Member>
std::string_view name_of(Member T::*member) {
  std::string_view found;
  T::describe([&](std::string_view name, auto other) {
    if constexpr (std::is_same_v<decltype(other), Member T::*>) {
      if (other == member) found = name;
    }
  });
  return found;
}

/// The name of a resource that has one; empty if it has none.
template <class T>
std::string_view resource_name_of(T const& model) {
  if constexpr (requires { std::string_view{*model.name}; }) {
    if (model.name) return *model.name;
  }
  return {};
}

/// The end of a walk along the members of a model.
template <class T>
struct Reached {
  T const* member = nullptr;
  /// Number of the member that is unset, if `member` is null.
  std::size_t unset = 0;
};

template <class T>
auto reach(std::optional<T> const& field, std::size_t number) {
  return Reached<T>{field ? &*field : nullptr, number};
}

template <class T>
auto reach(T const& field, std::size_t number) {
  return Reached<T>{&field, number};
}

template <class T, class Model, class Member, class... Rest>
auto walk(Reached<T> const& from, std::size_t number, Member Model::*member, Rest... rest) {
  static_assert(std::is_same_v<T, Model>,
                "each member that at is given belongs to the model that the one before it is: at(endpoint, "
                "&Endpoint::status, &EndpointStatus::hosts)");
  if constexpr (!std::is_same_v<T, Model>) {
    return Reached<Member>{};
  } else {
    using Next = decltype(reach(from.member->*member, number));
    auto const next = from.member != nullptr ? reach(from.member->*member, number) : Next{nullptr, from.unset};
    if constexpr (sizeof...(Rest) == 0) {
      return next;
    } else {
      return walk(next, number + 1, rest...);
    }
  }
}

/// @throws MissingField; `unset` is the number of the first name that leads nowhere
[[noreturn]] LAKEBASE_EXPORT void throw_missing_field(std::initializer_list<std::string_view> names, std::size_t unset,
                                                      std::string_view resource);

}  // namespace detail

/// A member deep inside a model, for reading what the service has sent without undefined behaviour:
///
///     std::string const& host = lakebase::at(endpoint, &Endpoint::status, &EndpointStatus::hosts,
///     &EndpointHosts::host);
///
/// The last member may be of any type; those before it are models. What is optional has to be set. A list or a map
/// counts as set, if empty. The result is valid as long as the model is and is not changed.
/// @throws MissingField naming the path (`status.hosts.host`) and the part of it that is unset
template <detail::Described T, class Member, class... Rest>
[[nodiscard]] auto const& at(T const& model, Member T::*member, Rest... rest) {
  auto const reached = detail::walk(detail::Reached<T>{&model}, 0, member, rest...);
  if (reached.member == nullptr) {
    detail::throw_missing_field({detail::name_of(member), detail::name_of(rest)...}, reached.unset,
                                detail::resource_name_of(model));
  }
  return *reached.member;
}

template <detail::Described T, class Member, class... Rest>
void at(T const&& model, Member T::*, Rest...) = delete;  // would dangle: keep the model in a variable first

template <detail::Described T, detail::OtherThan<T> Other, class Member, class... Rest>
void at(T const& model, Member Other::*, Rest...) = delete;  // the first member must be one of the model

template <class T, class... Members>
void at(std::optional<T> const&, Members...) = delete;  // begin at the model: at(e, &Endpoint::status, ...)

}  // namespace v0
}  // namespace lakebase
