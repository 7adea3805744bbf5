#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <lakebase/error.hpp>
#include <lakebase/transport.hpp>

#include "http/hints.hpp"

// From a response to a typed error.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// What an error body says, whatever its shape: the API's, OAuth's, SCIM's, `CODE: text`, HTML, or any other text.
/// What is not in the body (status, request id) stays empty.
ErrorFacts facts_of_error_body(std::string_view body);

/// What a response of status 400 and above says, with a hint for the well-known traps: those of the service that
/// `advise` knows, and those of all services. `method` and `path` are those of the call.
ErrorFacts facts_of_response(HttpResponse const& response, std::chrono::system_clock::time_point now,
                             std::string method = {}, std::string path = {}, Advice advise = nullptr);

/// Whether the service rejected the request before it did anything, because another change of the same resource is
/// running: 409 with ABORTED, or with a code that says no more than 409 does and a text about an operation or a
/// reconciliation.
bool is_passing_conflict(ErrorFacts const& facts);

/// Whether the response is, or leads to, the login page that says that a private link is needed; `url` is the URL of
/// the request.
bool is_private_link_page(HttpResponse const& response, std::string_view url);
/// Throws PrivateLinkValidationError for such a page.
[[noreturn]] void refuse_private_link_page(HttpResponse const& response, std::string_view url, ErrorFacts facts);

/// Whether a response that should be JSON is a web page: a login page, a captive portal, a proxy.
bool is_html(HttpResponse const& response);
/// Throws ParseError for such a page.
[[noreturn]] void refuse_html(HttpResponse const& response, std::string_view url, ErrorFacts facts);

/// The usual phrase for a status, e.g. `Not Found`.
std::string_view reason_phrase(int status) noexcept;

/// `Retry-After` in either form: seconds, or a date. None if it is neither; never negative.
std::optional<std::chrono::nanoseconds> parse_retry_after(std::string_view text,
                                                          std::chrono::system_clock::time_point now);
/// The pause that the response requests, by header or by RetryInfo: the longer of the two.
std::optional<std::chrono::nanoseconds> retry_after_of(HttpResponse const& response, ErrorDetails const& details,
                                                       std::chrono::system_clock::time_point now);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
