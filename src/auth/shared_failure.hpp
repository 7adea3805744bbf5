#pragma once

#include <exception>
#include <optional>

#include <lakebase/error.hpp>

namespace lakebase::inline v0::detail {

/// The failure of one call, told to the others that waited for it. Each of them throws an object of its own: one
/// exception in several threads is what ThreadSanitizer cannot follow into the C++ runtime.
class SharedFailure {
 public:
  SharedFailure() = default;

  /// Of the exception that is being handled.
  static SharedFailure current() {
    SharedFailure failure;
    try {
      throw;
    } catch (AuthError const& error) {
      failure.error_ = error;
    } catch (...) {
      failure.other_ = std::current_exception();
    }
    return failure;
  }

  bool happened() const noexcept { return error_.has_value() || other_ != nullptr; }
  [[noreturn]] void raise() const {
    if (error_) throw AuthError{*error_};
    std::rethrow_exception(other_);
  }

 private:
  std::optional<AuthError> error_{};
  std::exception_ptr other_{};  // what a program's own code threw
};

}  // namespace lakebase::inline v0::detail
