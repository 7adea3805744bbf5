#include "client/api_client.hpp"

#include "client/api_call.hpp"
#include "client/session.hpp"

namespace lakebase::inline v0::detail {

ApiClient::ApiClient(Config const& config) : session_(std::make_shared<Session>(config)) {}

ApiClient::ApiClient(std::shared_ptr<Session> session, CallOptions options)
    : session_(std::move(session)), options_(std::move(options)) {}

Answer ApiClient::ask(Request const& request) const {
  ApiCall call{*session_, request, options_};
  auto body = call.run();
  return {std::move(body), call.request_id(), call.deadline()};
}

std::string ApiClient::send(Request const& request) const {
  auto body = ask(request).body;
  if (body.empty()) body = "{}";
  return body;
}

void ApiClient::throw_misread(ParseError const& error, Request const& request, Answer const& answer) {
  auto facts = error.facts();
  facts.method = request.method();
  facts.path = request.path();
  facts.request_id = answer.request_id;
  throw ParseError{error.json_path(), std::move(facts)};
}

std::shared_ptr<ApiClient const> ApiClient::with(CallOptions options) const {
  return std::shared_ptr<ApiClient const>{new ApiClient{session_, std::move(options)}};
}

std::shared_ptr<Clock> const& ApiClient::shared_clock() const noexcept {
  return session_->clock();
}

Config const& ApiClient::config() const noexcept {
  return session_->config();
}

}  // namespace lakebase::inline v0::detail
