#pragma once

#include <functional>

#include <lakebase/error.hpp>
#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The failure of one call, passed on to the others that waited for it. Each of them throws an object of its own, of
/// the same type: ThreadSanitizer cannot follow an exception shared by threads into the C++ runtime, and one thread's
/// `catch` could change it for another. Only exceptions that are not of this library are shared as they are.
class LAKEBASE_EXPORT SharedFailure {
 public:
  /// No failure.
  SharedFailure() = default;

  /// The exception that is being handled.
  static SharedFailure current();
  /// An error that has not been thrown yet.
  static SharedFailure of(Error const& error);

  bool happened() const noexcept { return raise_ != nullptr; }
  /// Throws it. There must be one.
  [[noreturn]] void raise() const;

 private:
  explicit SharedFailure(std::function<void()> raise) : raise_(std::move(raise)) {}

  std::function<void()> raise_{};
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
