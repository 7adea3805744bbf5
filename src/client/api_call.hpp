#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <lakebase/call_options.hpp>

#include "client/session.hpp"
#include "client/request.hpp"
#include "http/retry.hpp"

namespace lakebase::inline v0::detail {

/// Hides in an error what a call knows to be secret: the settings, and the credentials that it sent. Servers and
/// proxies quote both.
void hide_secrets(Session& session, Headers const& credentials, ErrorFacts& facts);

/// One call: tries until there is an answer, or no further try makes sense, or the time is over.
///
/// Each try goes, in this order, through the rate limit, the credentials, the redirects and the transport, and is then
/// told to the observer. One budget covers all of it, pauses included.
class ApiCall {
 public:
  ApiCall(Session& session, Request const& request, CallOptions const& options);

  /// The body of the answer; may be empty.
  std::string run();
  /// Of the last answer; empty where it named none.
  std::string const& request_id() const noexcept { return request_id_; }
  /// With which the last try was sent.
  Headers take_credentials() noexcept { return std::move(credentials_); }
  /// When the budget is spent.
  std::chrono::steady_clock::time_point deadline() const noexcept { return deadline_; }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  std::optional<Failure> try_once();
  void hide_secrets(ErrorFacts& facts) const;
  HttpResponse exchange();
  void authenticate();
  void add_workspace_id();
  [[noreturn]] void refuse_redirect(int status, std::string_view target, std::string_view why_not) const;
  std::optional<Failure> read_answer(HttpResponse const& response);
  Failure failure_of_answer(HttpResponse const& response);
  bool may_replay_with_new_token(Failure const& failure);
  std::optional<std::chrono::nanoseconds> next_pause(Failure const& failure);
  bool carries_etag() const;
  std::chrono::nanoseconds left_for_conflicts() const;
  void sleep(std::chrono::nanoseconds pause);
  TransportLimits limits() const;
  void check_time() const;
  void tell(Failure const* failure, bool will_retry, SteadyTime began) const;
  std::string advice_on_first_refusal(Failure const& failure) const;
  void log_exchange(HttpResponse const& response) const;
  ErrorFacts facts(std::string message) const;
  Failure final_failure(Failure last);
  [[noreturn]] void give_up(Failure failure);
  std::chrono::nanoseconds left() const;

  Session& session_;
  Request const& request_;
  CallOptions const& options_;
  SteadyTime const start_;
  SteadyTime const deadline_;
  HttpRequest http_{};
  std::size_t own_headers_ = 0;  // what precedes the user agent and the credentials in http_.headers
  Headers credentials_{};
  std::string body_{};
  int status_ = 0;
  std::string request_id_{};
  int attempts_ = 0;
  int brief_retries_ = 0;
  int conflicts_ = 0;
  bool token_was_renewed_ = false;
  std::optional<Failure> previous_{};
};

}  // namespace lakebase::inline v0::detail
