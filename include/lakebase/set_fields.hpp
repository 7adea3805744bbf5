#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <lakebase/described.hpp>
#include <lakebase/export.hpp>
#include <lakebase/field_mask.hpp>

namespace lakebase {
inline namespace v0 {

namespace detail {

/// A model whose members have other names in an update mask, or none: `mask_name(member)` is the name of the group that
/// the member belongs to, the member itself, or empty if no update can change it.
template <class T>
concept NamesForMasks = requires(std::string_view member) {
  { T::mask_name(member) } -> std::convertible_to<std::string_view>;
};

/// A model that an update mask names as a whole, never by its members.
template <class T>
concept MaskedAsWhole = requires {
  requires T::masked_as_whole;
};

/// A model that a call updates: all of it that can change is in its `spec`, or it says itself what can.
template <class T>
concept Updatable = Described<T> &&(NamesForMasks<T> || requires(T model) { model.spec; });

template <Described T>
constexpr std::string_view mask_name(std::string_view member) {
  if constexpr (NamesForMasks<T>) {
    return T::mask_name(member);
  } else {
    return member;
  }
}

/// Collects the paths of what is set.
class SetPaths {
 public:
  template <Described T>
  void walk(T const& model, std::string const& prefix) {
    T::describe([&](std::string_view name, auto member) {
      if (auto const in_mask = mask_name<T>(name); !in_mask.empty()) {
        add(model.*member, prefix.empty() ? std::string{in_mask} : prefix + '.' + std::string{in_mask});
      }
    });
  }

  std::vector<std::string> take() && { return std::move(paths_); }

 private:
  template <class T>
  void add(std::optional<T> const& field, std::string path) {
    if (!field) return;
    if constexpr (Described<T> && !MaskedAsWhole<T>) {
      walk(*field, path);
    } else {
      add_once(std::move(path));
    }
  }

  template <class Container>
  void add(Container const& list_or_map, std::string path) {
    if (!list_or_map.empty()) add_once(std::move(path));
  }

  // The members of a group all give its one path.
  LAKEBASE_EXPORT void add_once(std::string path);

  std::vector<std::string> paths_;
};

}  // namespace detail

/// The mask of everything that is set in `resource` and that an update can change:
/// `client.update_endpoint(name, endpoint, set_fields(endpoint))`.
///
/// Alternatives are named by their group (`spec.expiration`, `spec.suspension`), lists and maps as a whole. What the
/// service sets and what is fixed at creation is left out, whether set or not. An empty list or map counts as unset: to
/// clear one, name it in a mask of your own.
template <detail::Updatable T>
[[nodiscard]] FieldMask set_fields(T const& resource) {
  detail::SetPaths paths;
  if constexpr (detail::NamesForMasks<T>) {
    paths.walk(resource, "");
  } else if (resource.spec) {
    paths.walk(*resource.spec, "spec");
  }
  return FieldMask{std::move(paths).take()};
}

}  // namespace v0
}  // namespace lakebase
