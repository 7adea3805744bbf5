#pragma once

#include <memory>

#include <lakebase/clock.hpp>
#include <lakebase/wait_options.hpp>

// What the idempotent calls of all services have in common, such as `postgres::ensure_project`.

namespace lakebase {
inline namespace v0 {

/// What an `ensure_*` call had to do.
enum class EnsureOutcome {
  created,    ///< It did not exist.
  updated,    ///< Something differed that can be changed, and was changed.
  unchanged,  ///< It already had the desired state.
};

/// What an `ensure_*` call found or made.
template <class T>
struct Ensured {
  /// As it is now.
  T resource{};
  /// What had to be done.
  EnsureOutcome outcome = EnsureOutcome::unchanged;
};

/// How an `ensure_*` call waits.
struct EnsureOptions {
  /// For the operations that they start, and for a resource that is being created by a call whose response was lost;
  /// `timeout` bounds each one alone. What is unset comes from `Config::wait`.
  WaitOptions wait{};
  /// For the pauses between polls of a resource that is being created by a call whose response was lost. Unset: the
  /// client's clock.
  std::shared_ptr<Clock> clock{};
};

}  // namespace v0
}  // namespace lakebase
