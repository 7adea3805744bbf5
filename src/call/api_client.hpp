#pragma once

#include <memory>
#include <string>

#include <lakebase/call_options.hpp>
#include <lakebase/config.hpp>
#include <lakebase/error.hpp>

#include "call/http_call.hpp"
#include "call/request.hpp"
#include "call/service.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

class Session;

/// Sends the calls of one service for one configuration: resolves it at the first call, authenticates, retries within
/// the budget, and turns responses of 400 and above into errors. Safe to share between threads; `with` shares all but
/// the options, `of` all but the service.
class ApiClient {
 public:
  /// Reads the environment and the profile, and validates. No network.
  /// @throws ConfigError
  explicit ApiClient(Config const& config, Service const& service = {});

  /// The body of the response. Empty bodies come back as `{}`.
  /// @throws ApiError, AuthError, TransportError, Cancelled, ParseError (HTML instead of JSON)
  std::string send(Request const& request) const;

  /// What `read` makes of the response. A ParseError that it throws is completed with the call and the request id, and
  /// with the service's message if the response is an error under a status of success.
  template <class Read>
  auto send(Request const& request, Read read) const {
    auto const response = respond(request);
    try {
      return read(response);
    } catch (ParseError const& error) {
      throw_misread(error, request, response);
    }
  }

  /// The same session with other options.
  std::shared_ptr<ApiClient const> with(CallOptions options) const;
  /// The same session and options for another service.
  std::shared_ptr<ApiClient const> of(Service const& service) const;

  Service const& service() const noexcept { return service_; }
  /// For calls of another host.
  Session& session() const noexcept { return *session_; }
  CallOptions const& options() const noexcept { return options_; }
  std::shared_ptr<Clock> const& shared_clock() const noexcept;
  /// The resolved configuration: from code, from the environment and from the profile.
  Config const& config() const noexcept;

 private:
  ApiClient(std::shared_ptr<Session> session, Service const& service, CallOptions options);
  CallResponse respond(Request const& request) const;
  [[noreturn]] void throw_misread(ParseError const& error, Request const& request, CallResponse const& response) const;

  std::shared_ptr<Session> session_;
  Service service_;
  CallOptions options_;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
