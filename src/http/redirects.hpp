#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <lakebase/transport.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The last response, and, if that is a redirect, why it was not followed.
struct Followed {
  HttpResponse response{};
  /// The redirect's target; empty if it names none.
  std::string target{};
  /// Why it was not followed.
  std::string_view why_not{};
};

/// Sends, and follows redirects of a GET: at most five, none to another scheme, none that names a user; to another host
/// without what identifies the caller. For other methods the response is returned as it is, redirect or not.
/// @throws PrivateLinkValidationError if a redirect leads to the page that says that a private link is needed
Followed send_following_redirects(Transport& transport, HttpRequest const& request,
                                  std::function<TransportLimits()> const& limits);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
