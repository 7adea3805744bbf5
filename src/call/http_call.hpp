#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <lakebase/call_options.hpp>
#include <lakebase/credentials.hpp>
#include <lakebase/transport.hpp>

#include "base/error_types.hpp"
#include "base/retry/retry_loop.hpp"
#include "call/request.hpp"
#include "http/error_mapping.hpp"
#include "http/retry.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

class HttpCall;
class Session;

/// How a service is called over HTTP: where it is, as whom, and what its responses mean.
struct HttpService {
  /// What comes before the path of a request: `https://example.cloud.databricks.com`. Read after the authentication of
  /// each attempt, which may be what finds it out.
  std::function<std::string()> base_url{};
  /// Must outlive the call.
  CredentialsStrategy* authentication = nullptr;
  /// Adds header fields that are known after the authentication only; empty: there are none.
  std::function<void(Headers& headers)> add_headers{};
  /// The error reader: the failure that a response is; none if the caller is to have it. Empty: the caller has them
  /// all.
  std::function<std::optional<Failure>(HttpResponse const& response, HttpCall const& call)> read_error{};
  /// The retry verdict: what follows a failure.
  Verdict (*judge)(Failure const& failure, RetryRules const& rules) = detail::judge;
  /// Throws a response that is a failure, as the caller sees it.
  void (*raise)(ErrorFacts facts) = throw_api_error;
};

/// What a call came to.
struct CallResponse {
  /// With status and headers; not a failure.
  HttpResponse http{};
  /// Empty if the response has none.
  std::string request_id{};
  /// With which the call was sent. The response may quote them.
  Headers credentials{};
  /// When the budget of the call is spent.
  std::chrono::steady_clock::time_point deadline{};
};

/// Hides in an error what a call knows to be secret: the settings, and the credentials that it sent. Servers and
/// proxies quote both.
void hide_secrets(Session& session, Headers const& credentials, ErrorFacts& facts);

/// One call over HTTP: attempts until there is a response, or no further attempt makes sense, or the time is over.
///
/// Each attempt goes, in this order, through the rate limit, the credentials, the redirects and the transport, and is
/// then told to the observer. One budget covers all of it, pauses included.
class HttpCall {
 public:
  /// `headers` are the service's own; those of `options` are set over them. All but `service` and `headers` must
  /// outlive the call.
  /// @throws InvalidArgument if a header field of `options` is none
  HttpCall(Session& session, HttpService service, Request const& request, Headers headers, CallOptions const& options);

  /// Once.
  /// @throws what the failures that the error reader tells raise; AuthError, TransportError, Cancelled
  CallResponse run();

  // For the error reader.
  Request const& request() const noexcept { return request_; }
  /// Of the last attempt.
  std::string const& url() const noexcept { return http_.url; }
  /// What is known of the call and of its last response, for an error with that message.
  ErrorFacts facts(std::string message) const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  // The steps of its loop of attempts.
  friend RetryLoop;
  void check() const;
  std::optional<CallResponse> attempt();
  std::optional<std::chrono::nanoseconds> next_pause();
  [[noreturn]] CallResponse give_up();
  [[noreturn]] void throw_stopped() const;

  std::optional<Failure> send();
  void hide_secrets(ErrorFacts& facts) const;
  HttpResponse exchange();
  void authenticate();
  [[noreturn]] void refuse_redirect(int status, std::string_view target, std::string_view why_not) const;
  std::optional<Failure> read_failure() const;
  bool may_replay_with_new_token(Failure const& failure);
  std::optional<std::chrono::nanoseconds> pause_by_verdict(Failure const& failure);
  std::optional<std::chrono::nanoseconds> pause_of_conflict(std::chrono::nanoseconds pause) const;
  bool carries_etag() const;
  TransportLimits limits() const;
  void tell(Failure const* failure, bool will_retry) const;
  std::string advice_on_first_refusal(Failure const& failure) const;
  void log_exchange(HttpResponse const& response) const;
  Failure final_failure(Failure last);

  Session& session_;
  HttpService const service_;
  Request const& request_;
  CallOptions const& options_;
  RetryLoop loop_;
  HttpRequest http_{};
  std::size_t own_headers_ = 0;  // what precedes the user agent and the credentials in http_.headers
  Headers credentials_{};
  HttpResponse response_{};  // of the last attempt that had one
  int status_ = 0;
  std::string request_id_{};
  SteadyTime began_{};  // the last attempt
  int brief_retries_ = 0;
  int conflicts_ = 0;
  bool token_was_renewed_ = false;
  std::optional<Failure> failure_{};   // of the last attempt
  std::optional<Failure> previous_{};  // of the one before it
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
