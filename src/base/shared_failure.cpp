#include "base/shared_failure.hpp"

#include <exception>
#include <typeinfo>
#include <utility>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using Raise = std::function<void()>;

// Throws copies of the error if it is of exactly this type, not of one derived from it.
template <class Kind>
Raise raise_of(Error const& error) {
  if (typeid(error) != typeid(Kind)) return {};
  return [copy = static_cast<Kind const&>(error)] { throw Kind{copy}; };
}

template <class... Kinds>
Raise raise_of_any(Error const& error) {
  Raise found;
  static_cast<void>((... || (found = raise_of<Kinds>(error))));
  return found;
}

Raise raise_of_ours(Error const& error) {
  return raise_of_any<AuthError, TransportError, Cancelled, ConfigError, InvalidArgument, ParseError, OperationFailed,
                      OperationTimeout, ApiError, BadRequest, InvalidState, InvalidParameterValue, Unauthenticated,
                      PermissionDenied, PrivateLinkValidationError, RequestCancelled, NotFound, ResourceDoesNotExist,
                      ResourceConflict, Aborted, AlreadyExists, ResourceAlreadyExists, TooManyRequests,
                      ResourceExhausted, RequestLimitExceeded, InternalError, Unknown, DataLoss, NotImplemented,
                      TemporarilyUnavailable, DeadlineExceeded, Error>(error);
}

}  // namespace

SharedFailure SharedFailure::of(Error const& error) {
  auto raise = raise_of_ours(error);
  return SharedFailure{raise ? std::move(raise) : Raise{[error] { throw Error{error}; }}};
}

SharedFailure SharedFailure::current() {
  try {
    throw;
  } catch (Error const& error) {
    if (auto raise = raise_of_ours(error)) return SharedFailure{std::move(raise)};
  } catch (...) {  // thrown by the program's own code
  }
  return SharedFailure{[original = std::current_exception()] { std::rethrow_exception(original); }};
}

void SharedFailure::raise() const {
  raise_();
  std::terminate();  // not reached: it has thrown
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
