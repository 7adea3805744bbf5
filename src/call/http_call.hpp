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
#include "base/events/watch.hpp"
#include "base/retry/retry_loop.hpp"
#include "call/request.hpp"
#include "http/error_mapping.hpp"
#include "http/retry.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

class HttpCall;
class Session;

/// How a service is called over HTTP: its URL, the authentication, and the meaning of its responses.
struct HttpService {
  /// The URL before the path of a request: `https://example.cloud.databricks.com`. Called after the authentication of
  /// each attempt, which may be what finds it out.
  std::function<std::string()> base_url{};
  /// Must outlive the call.
  CredentialsStrategy* authentication = nullptr;
  /// Adds header fields that are known only after the authentication; empty: there are none.
  std::function<void(Headers& headers)> add_headers{};
  /// The error reader: the failure that a response stands for, or none if the response goes to the caller. Empty: all
  /// of them do.
  std::function<std::optional<Failure>(HttpResponse const& response, HttpCall const& call)> read_error{};
  /// Whether 300 without a `Location` is a response like others, which the error reader reads, and no redirect.
  bool has_choices = false;
  /// The verdict on a failure: whether another attempt follows.
  Verdict (*judge)(Failure const& failure, RetryRules const& rules) = detail::judge;
  /// Throws the error that the caller gets for a response that is a failure.
  void (*raise)(ErrorFacts facts) = throw_api_error;
};

/// The result of a call.
struct CallResponse {
  /// The last response, which is not a failure.
  HttpResponse http{};
  /// Empty if the response has no id.
  std::string request_id{};
  /// The credentials that the call was sent with. The response may quote them.
  Headers credentials{};
  /// When the budget of the call is spent.
  std::chrono::steady_clock::time_point deadline{};
};

/// Hides in an error the secrets that a call knows: those of the settings, and the credentials that it sent. Servers
/// and proxies quote both.
void hide_secrets(Session& session, Headers const& credentials, ErrorFacts& facts);

/// One call over HTTP: attempts until there is a response, or no further attempt makes sense, or the time is over.
///
/// Each attempt goes, in this order, through the rate limit, the credentials, the redirects and the transport, and is
/// then reported to the observers. One budget covers all of it, pauses included.
class HttpCall {
 public:
  /// `headers` are the service's own; those of `options` replace them. All but `service` and `headers` must outlive the
  /// call.
  /// @throws InvalidArgument if a header field of `options` is not valid
  HttpCall(Session& session, HttpService service, Request const& request, Headers headers, CallOptions const& options);

  /// Makes the call; to be called once.
  /// @throws what `raise` throws for a failure of the error reader; AuthError, TransportError, Cancelled
  CallResponse run();

  // For the error reader.
  Request const& request() const noexcept { return request_; }
  /// The URL of the last attempt.
  std::string const& url() const noexcept { return http_.url; }
  /// The facts of an error with that message, with what is known of the call and of its last response.
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
  std::optional<Failure> exchange_and_read();
  HttpResponse exchange();
  void authenticate();
  [[noreturn]] void refuse_redirect(int status, std::string_view target, std::string_view why_not) const;
  std::optional<Failure> read_failure() const;
  bool may_replay_with_new_token(Failure const& failure);
  std::optional<std::chrono::nanoseconds> pause_by_verdict(Failure const& failure);
  std::optional<std::chrono::nanoseconds> pause_of_conflict(std::chrono::nanoseconds pause) const;
  bool carries_etag() const;
  TransportLimits limits() const;
  void tell(Failure const* failure, bool will_retry);
  void tell_of_exception(std::exception_ptr const& thrown) const;
  void observe(std::string_view error, bool will_retry) const;
  Event event(EventKind kind);
  void end_attempt_event(Failure const* failure, bool will_retry);
  std::string advice_on_first_refusal(Failure const& failure) const;
  void log_exchange(HttpResponse const& response) const;
  Failure final_failure(Failure last);

  Session& session_;
  EventObserver* const events_;  // null: nobody is told
  HttpService const service_;
  Request const& request_;
  CallOptions const& options_;
  RetryLoop loop_;
  HttpRequest http_{};
  std::size_t own_headers_ = 0;  // how many precede the user agent and the credentials in http_.headers
  Headers credentials_{};
  HttpResponse response_{};  // of the last attempt that had one
  int status_ = 0;
  std::string request_id_{};
  SteadyTime began_{};  // when the last attempt began
  int brief_retries_ = 0;
  int conflicts_ = 0;
  bool token_was_renewed_ = false;
  std::optional<Failure> failure_{};   // of the last attempt
  std::optional<Failure> previous_{};  // of the one before it
  // For events; made only if somebody is told.
  OpenEvent attempt_event_{};
  std::string url_template_{};
  std::string base_url_{};
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
