#include "call/api_call.hpp"

#include <utility>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/header_rules.hpp"
#include "http/error_mapping.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

Headers headers_of(Session const& session, Request const& request) {
  Headers headers;
  headers.reserve(8);
  headers.emplace_back("Accept", "application/json");
  if (request.has_body()) headers.emplace_back("Content-Type", "application/json");
  auto const& config = session.config();
  if (config.workspace_id) headers.emplace_back("X-Databricks-Workspace-Id", *config.workspace_id);
  set_headers_of_program(headers, config.custom_headers);
  return headers;
}

// Adds the workspace id from the host's metadata, which a host that serves many workspaces needs.
void add_workspace_id(Session const& session, Headers& headers) {
  auto const& context = session.auth_context();
  if (context.config().workspace_id) return;
  auto const metadata = context.known_metadata();
  if (!metadata) return;
  if (!metadata->workspace_id.empty()) {
    set_header(headers, "X-Databricks-Workspace-Id", metadata->workspace_id);
  } else if (metadata->host_type == "unified") {
    throw ConfigError{ErrorFacts{.message = fmt::format("{} serves many workspaces, and none is named", context.host()),
                                 .hint = "Set workspace_id (DATABRICKS_WORKSPACE_ID)."}};
  }
}

std::optional<Failure> read_api_error(Session const& session, Advice advise, HttpResponse const& response,
                                      HttpCall const& call) {
  if (is_private_link_page(response, call.url())) refuse_private_link_page(response, call.url(), call.facts(""));
  if (response.status >= 400) {
    auto const& request = call.request();
    return Failure{
        .facts = facts_of_response(response, session.clock()->system_now(), request.method(), request.path(), advise)};
  }
  if (is_html(response)) refuse_html(response, call.url(), call.facts(""));
  return std::nullopt;
}

// Captures references only: small enough for std::function to keep without an allocation.
HttpService workspace_api(Session& session, Advice advise) {
  return {.base_url = [&session] { return session.auth_context().host(); },
          .authentication = &session.credentials(),
          .add_headers = [&session](Headers& headers) { add_workspace_id(session, headers); },
          .read_error = [&session, advise](
                            HttpResponse const& response,
                            HttpCall const& call) { return read_api_error(session, advise, response, call); }};
}

}  // namespace

ApiCall::ApiCall(Session& session, Advice advise, Request const& request, CallOptions const& options)
    : http_(session, workspace_api(session, advise), request, headers_of(session, request), options) {}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
