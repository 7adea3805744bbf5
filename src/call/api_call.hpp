#pragma once

#include <lakebase/call_options.hpp>

#include "call/http_call.hpp"
#include "call/request.hpp"
#include "call/session.hpp"
#include "http/hints.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// One call of the workspace's API: an HttpCall to the workspace's host, as the caller, with JSON both ways. A response
/// of status 400 and above is thrown as an error of its type, with the advice of `advise`; so is a web page.
class ApiCall {
 public:
  /// All but `advise` must outlive it.
  ApiCall(Session& session, Advice advise, Request const& request, CallOptions const& options);

  /// @throws ApiError, AuthError, TransportError, Cancelled, ParseError (HTML instead of JSON)
  CallResponse run() { return http_.run(); }

 private:
  HttpCall http_;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
