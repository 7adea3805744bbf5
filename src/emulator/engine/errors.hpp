#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "common/json.hpp"

namespace lakebase::emulator {

/// An error response of the service. Thrown wherever the error is found, turned into the envelope in one place.
class ServiceError : public std::runtime_error {
 public:
  ServiceError(int status, std::string code, std::string const& message, Json details = {})
      : std::runtime_error(message), status_(status), code_(std::move(code)), details_(std::move(details)) {}

  int status() const noexcept { return status_; }
  std::string const& code() const noexcept { return code_; }
  Json const& details() const noexcept { return details_; }

  /// `{"error_code":…,"message":…,"details":…}`, the latter only if there are any.
  Json envelope() const;

 private:
  int status_;
  std::string code_;
  Json details_;
};

/// Adds ` [TraceId: <32 hex>]`, as the service does with texts about resources that are missing or in the way.
std::string traced(std::string_view message);

ServiceError invalid(std::string const& message);
/// `Field '<field>' is required, expected non-default value (not "")!`
ServiceError required_field(std::string_view field);
ServiceError required_message(std::string_view field);
/// The body is not the JSON that was expected.
ServiceError malformed(std::string const& message);
ServiceError bad_request(std::string const& message, Json details = {});
/// The text gets a trace id.
ServiceError not_found(std::string_view message);
ServiceError already_exists(std::string const& message);
ServiceError aborted(std::string const& message);
ServiceError quota_exceeded(std::string const& message);
/// The request is for something that the emulator does not implement.
ServiceError not_offered(std::string_view what);

/// An error from its envelope, with the status that goes with its code.
ServiceError error_in(Json const& envelope);

/// The details by which declarative tools see that the resource is deleted with its parent.
Json managed_by_parent();

}  // namespace lakebase::emulator
