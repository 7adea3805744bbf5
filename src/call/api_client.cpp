#include "call/api_client.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/redaction.hpp"
#include "call/api_call.hpp"
#include "call/session.hpp"
#include "http/error_mapping.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

ApiClient::ApiClient(Config const& config, Service const& service)
    : session_(std::make_shared<Session>(config)), service_(service) {}

ApiClient::ApiClient(std::shared_ptr<Session> session, Service const& service, CallOptions options)
    : session_(std::move(session)), service_(service), options_(std::move(options)) {}

CallResponse ApiClient::respond(Request const& request) const {
  return ApiCall{*session_, service_.advise, request, options_}.run();
}

std::string ApiClient::send(Request const& request) const {
  auto body = std::move(respond(request).http.body);
  if (body.empty()) body = "{}";
  return body;
}

namespace {

// A service that reports an error under a status of success puts it in the place of the result.
void add_what_service_says(ErrorFacts& facts, std::string_view body) {
  constexpr std::size_t most_shown = 512;
  bool const is_object = trim(body).starts_with('{');
  auto const said = facts_of_error_body(body);
  // In other text, only a code shows that it is an error and not data.
  if (said.error_code.empty() && !(is_object && !said.message.empty())) return;
  bool const has_both = !said.error_code.empty() && !said.message.empty();
  facts.message +=
      fmt::format("; it says: {}{}{}", said.error_code, has_both ? ": " : "", shorten(said.message, most_shown));
  facts.error_code = said.error_code;
  facts.details = said.details;
  facts.hint = "The service reports an error under a status of success: go by what it says.";
}

}  // namespace

void ApiClient::throw_misread(ParseError const& error, Request const& request, CallResponse const& response) const {
  auto facts = error.facts();
  if (error.json_path().empty()) {
    add_what_service_says(facts, response.http.body);
    hide_secrets(*session_, response.credentials, facts);
  }
  facts.method = request.method();
  facts.path = request.path();
  facts.request_id = response.request_id;
  throw ParseError{error.json_path(), std::move(facts)};
}

std::shared_ptr<ApiClient const> ApiClient::with(CallOptions options) const {
  return std::shared_ptr<ApiClient const>{new ApiClient{session_, service_, std::move(options)}};
}

std::shared_ptr<ApiClient const> ApiClient::of(Service const& service) const {
  return std::shared_ptr<ApiClient const>{new ApiClient{session_, service, options_}};
}

std::shared_ptr<Clock> const& ApiClient::shared_clock() const noexcept {
  return session_->clock();
}

Config const& ApiClient::config() const noexcept {
  return session_->config();
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
