#pragma once

namespace lakebase {
inline namespace v0 {
namespace detail {

/// A model: it lists its members by `describe`, each with its name on the wire.
template <class T>
concept Described = requires {
  T::describe([](auto&&...) {});
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
