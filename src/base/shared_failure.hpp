#pragma once

#include <functional>

#include <lakebase/error.hpp>
#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The failure of one call, told to the others that waited for it. Each of them throws an object of its own, of the
/// same type: one exception in several threads is what ThreadSanitizer cannot follow into the C++ runtime, and what one
/// thread's `catch` could change for another. Only what is no error of this library is shared as it is.
class LAKEBASE_EXPORT SharedFailure {
 public:
  /// None.
  SharedFailure() = default;

  /// Of the exception that is being handled.
  static SharedFailure current();
  /// Of an error that nobody has thrown yet.
  static SharedFailure of(Error const& error);

  bool happened() const noexcept { return raise_ != nullptr; }
  /// Only where one happened.
  [[noreturn]] void raise() const;

 private:
  explicit SharedFailure(std::function<void()> raise) : raise_(std::move(raise)) {}

  std::function<void()> raise_{};
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
