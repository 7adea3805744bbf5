#pragma once

#include <functional>

#include <lakebase/transport.hpp>

namespace lakebase::inline v0::detail {

/// Sends, and follows redirects of a GET: at most five, none to another scheme; to another host without what identifies
/// the caller. Other methods are answered as they are, redirect or not.
/// @throws PrivateLinkValidationError where the way leads to the page that says a private link is needed
HttpResponse send_following_redirects(Transport& transport, HttpRequest const& request,
                                      std::function<TransportLimits()> const& limits);

}  // namespace lakebase::inline v0::detail
