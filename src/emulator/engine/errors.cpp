#include "engine/errors.hpp"

#include <fmt/format.h>

#include "common/random.hpp"

namespace lakebase::emulator {

Json ServiceError::envelope() const {
  Json body{{"error_code", code_}, {"message", what()}};
  if (!details_.empty()) body["details"] = details_;
  return body;
}

std::string traced(std::string_view message) {
  return fmt::format("{} [TraceId: {}]", message, random_hex(32));
}

ServiceError invalid(std::string const& message) {
  return {400, "INVALID_PARAMETER_VALUE", message};
}

ServiceError required_field(std::string_view field) {
  return invalid(fmt::format("Field '{}' is required, expected non-default value (not \"\")!", field));
}

ServiceError required_message(std::string_view field) {
  return invalid(
      fmt::format("Field '{}' is required and must contain at least one subfield with a non-default value", field));
}

ServiceError malformed(std::string const& message) {
  return {400, "MALFORMED_REQUEST", message};
}

ServiceError bad_request(std::string const& message, Json details) {
  return {400, "BAD_REQUEST", message, std::move(details)};
}

ServiceError not_found(std::string_view message) {
  return {404, "NOT_FOUND", traced(message)};
}

ServiceError already_exists(std::string const& message) {
  return {409, "ALREADY_EXISTS", message};
}

ServiceError aborted(std::string const& message) {
  return {409, "ABORTED", message};
}

// 400 and not 429: clients take 429 for a passing condition, and would retry for ever.
ServiceError quota_exceeded(std::string const& message) {
  return {400, "QUOTA_EXCEEDED", message};
}

ServiceError not_offered(std::string_view what) {
  return {501, "NOT_IMPLEMENTED", fmt::format("The Lakebase emulator does not offer {}.", what)};
}

ServiceError error_in(Json const& envelope) {
  auto const code = envelope.value("error_code", "INTERNAL_ERROR");
  int status = 400;
  if (code == "NOT_FOUND") status = 404;
  if (code == "ALREADY_EXISTS" || code == "ABORTED") status = 409;
  if (code == "INTERNAL_ERROR") status = 500;
  if (code == "NOT_IMPLEMENTED") status = 501;
  return {status, code, envelope.value("message", "it failed"), envelope.value("details", Json{})};
}

Json managed_by_parent() {
  return Json::array({Json{{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
                           {"reason", "RESOURCE_CONFLICT"},
                           {"domain", "databricks.com"},
                           {"metadata", Json{{"declarative_context", "MANAGED_BY_PARENT"}}}},
                      Json{{"@type", "type.googleapis.com/google.rpc.RequestInfo"},
                           {"request_id", random_uuid()},
                           {"serving_data", ""}}});
}

}  // namespace lakebase::emulator
