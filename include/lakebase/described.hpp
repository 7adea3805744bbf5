#pragma once

namespace lakebase::inline v0::detail {

/// A model: it lists its members by `describe`, each with its name on the wire.
template <class T>
concept Described = requires {
  T::describe([](auto&&...) {});
};

}  // namespace lakebase::inline v0::detail
