#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <lakebase/call_options.hpp>
#include <lakebase/config.hpp>
#include <lakebase/error.hpp>

#include "client/request.hpp"

namespace lakebase::inline v0::detail {

class Session;

/// The response to a call.
struct Answer {
  std::string body{};
  /// With which the call was sent. The answer may quote them.
  Headers credentials{};
  std::string request_id{};
  /// When the budget of the call is spent.
  std::chrono::steady_clock::time_point deadline{};
};

/// Sends API calls for one configuration: resolves it at the first call, authenticates, retries within the budget, and
/// turns answers of 400 and above into errors. Safe to share between threads; `with` shares all but the options.
class ApiClient {
 public:
  /// Reads the environment and the profile, and validates. No network.
  /// @throws ConfigError
  explicit ApiClient(Config const& config);

  /// The body of the answer. Empty bodies come back as `{}`.
  /// @throws ApiError, AuthError, TransportError, Cancelled, ParseError (HTML instead of JSON)
  std::string send(Request const& request) const;

  /// What `read` makes of the answer. A ParseError that it throws comes out with the call and the request
  /// id on it, and with what the service says where its answer is an error under a status of success.
  template <class Read>
  auto send(Request const& request, Read read) const {
    auto const answer = ask(request);
    try {
      return read(answer);
    } catch (ParseError const& error) {
      throw_misread(error, request, answer);
    }
  }

  /// The same session with other options.
  std::shared_ptr<ApiClient const> with(CallOptions options) const;

  CallOptions const& options() const noexcept { return options_; }
  std::shared_ptr<Clock> const& shared_clock() const noexcept;
  /// The resolved configuration: what was explicit, in the environment or in the profile.
  Config const& config() const noexcept;

 private:
  ApiClient(std::shared_ptr<Session> session, CallOptions options);
  Answer ask(Request const& request) const;
  [[noreturn]] void throw_misread(ParseError const& error, Request const& request, Answer const& answer) const;

  std::shared_ptr<Session> session_;
  CallOptions options_;
};

}  // namespace lakebase::inline v0::detail
