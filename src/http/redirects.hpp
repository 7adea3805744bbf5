#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <lakebase/transport.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The last response, and, where that is a redirect, why it is.
struct Followed {
  HttpResponse response{};
  /// Where the redirect leads; empty: it does not say.
  std::string target{};
  /// Why it was not followed.
  std::string_view why_not{};
};

/// Sends, and follows redirects of a GET: at most five, none to another scheme, none that names a user; to another host
/// without what identifies the caller. Other methods are answered as they are, redirect or not.
/// @throws PrivateLinkValidationError where the way leads to the page that says a private link is needed
Followed send_following_redirects(Transport& transport, HttpRequest const& request,
                                  std::function<TransportLimits()> const& limits);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
