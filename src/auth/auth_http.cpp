#include "auth/auth_http.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/after.hpp"
#include "base/ascii.hpp"
#include "base/redaction.hpp"
#include "base/retry/backoff.hpp"
#include "base/retry/retry_loop.hpp"
#include "base/text/base64.hpp"
#include "base/text/percent.hpp"
#include "base/text/url.hpp"
#include "config/host.hpp"
#include "http/error_mapping.hpp"
#include "http/retry.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using SteadyTime = std::chrono::steady_clock::time_point;

// A wrong name or a failed handshake would end the login in the same way, and other ways to log in may follow.
bool is_worth_repeating(TransportError const& error) {
  return judge_fault(error.kind()) == Verdict::retry;
}

// Random within [0, d], d doubling from a second to a minute.
constexpr BackoffRules growing_pauses{.first = seconds{1}, .factor = 2, .longest = seconds{60}, .jitter = {.least = 0}};

// One exchange with its attempts.
class AuthExchange {
 public:
  AuthExchange(AuthContext const& context, AuthRequest const& request, CredentialsLimits const& limits)
      : context_(context),
        request_(request),
        limits_(within(limits, *context.clock, request.limit.value_or(seconds{60}))),
        loop_(*context.clock, {.deadline = *limits_.deadline, .stop = limits_.stop}) {}

  HttpResponse run() { return loop_.run(*this); }

 private:
  // The steps of its loop of attempts.
  friend RetryLoop;
  void check() const { check_time(limits_, *context_.clock, request_.strategy); }

  std::optional<HttpResponse> attempt() {
    retry_after_.reset();
    fault_.reset();
    try {
      response_ = send();
      if (!request_.may_retry || !is_passing_status(response_.status)) return std::move(response_);
      retry_after_ = retry_after_of(response_, {}, context_.clock->system_now());
    } catch (TransportError const& error) {
      if (!request_.may_retry || !is_worth_repeating(error)) fail(error);
      fault_ = error;
    }
    return std::nullopt;
  }

  std::optional<nanoseconds> next_pause() const {
    return loop_.fitting(backoff(growing_pauses, loop_.attempts(), retry_after_.value_or(nanoseconds{0})));
  }

  HttpResponse give_up() {
    if (fault_) fail(*fault_);
    return std::move(response_);
  }

  [[noreturn]] void throw_stopped() const {
    throw Cancelled{ErrorFacts{.message = "the call was stopped by the caller"}};
  }

  HttpResponse send() {
    auto& transport =
        request_.is_direct && context_.direct_transport ? *context_.direct_transport : *context_.transport;
    auto const timeout = context_.http_timeout();
    auto const start = context_.clock->now();
    auto response = transport.send(
        request_.http,
        TransportLimits{.total = time_left(start, *limits_.deadline),
                        .connect = request_.connect_limit.value_or(std::min<nanoseconds>(timeout, seconds{30})),
                        .idle = timeout,
                        .stop = limits_.stop});
    auto const& url = request_.http.url;
    context_.logger.write(LogLevel::debug,
                          fmt::format("{} {}: {}", request_.http.method, without_query(url), response.status));
    return response;
  }

  [[noreturn]] void fail(TransportError const& error) {
    auto facts = error.facts();
    auto const& url = request_.http.url;
    facts.message = fmt::format("{} {}: {}", request_.http.method, without_query(url), facts.message);
    throw AuthError{std::string{request_.strategy}, std::move(facts)};
  }

  AuthContext const& context_;
  AuthRequest const& request_;
  CredentialsLimits const limits_;
  RetryLoop loop_;
  HttpResponse response_{};
  std::optional<TransportError> fault_{};
  std::optional<nanoseconds> retry_after_{};
};

// Drops what Entra ID appends for its own support.
std::string shortened(std::string message) {
  if (auto const trace = message.find(". Trace ID"); trace != std::string::npos) message.resize(trace);
  return message;
}

}  // namespace

nanoseconds AuthContext::http_timeout() const {
  auto const value = config().http_timeout_seconds.value_or(0);
  return value > 0 ? nanoseconds{static_cast<std::int64_t>(std::min(value, 86400.0) * 1e9)} : seconds{60};
}

CredentialsLimits within(CredentialsLimits const& limits, Clock& clock, nanoseconds span) {
  auto deadline = after(clock.now(), span);
  if (limits.deadline) deadline = std::min(deadline, *limits.deadline);
  return {deadline, limits.stop};
}

void check_time(CredentialsLimits const& limits, Clock& clock, std::string_view strategy) {
  if (limits.stop.stop_requested()) throw Cancelled{ErrorFacts{.message = "the call was stopped by the caller"}};
  if (limits.deadline && clock.now() >= *limits.deadline) {
    throw AuthError{std::string{strategy}, ErrorFacts{.message = "no token in time", .retryable = true}};
  }
}

HttpResponse send_for_auth(AuthContext const& context, AuthRequest const& request, CredentialsLimits const& limits) {
  return AuthExchange{context, request, limits}.run();
}

std::string encode_form(FormFields const& fields) {
  std::string text;
  for (auto const& [key, value] : fields) {
    if (value.empty()) continue;
    if (!text.empty()) text += '&';
    text.append(percent_encode(key)).append("=").append(percent_encode(value));
  }
  return text;
}

HttpRequest form_request(AuthContext const& context, std::string url, FormFields const& fields) {
  return {.method = "POST",
          .url = std::move(url),
          .headers = {{"Accept", "application/json"},
                      {"Content-Type", "application/x-www-form-urlencoded"},
                      {"User-Agent", context.user_agent}},
          .body = encode_form(fields)};
}

HttpRequest get_request(AuthContext const& context, std::string url) {
  return {.method = "GET",
          .url = std::move(url),
          .headers = {{"Accept", "application/json"}, {"User-Agent", context.user_agent}},
          .body = {}};
}

std::string basic_authorization(std::string_view user, std::string_view password) {
  return "Basic " + base64(fmt::format("{}:{}", user, password));
}

Json read_response(HttpResponse const& response, std::string_view strategy, std::string_view what) {
  bool const is_success = response.status >= 200 && response.status < 300;
  auto json = is_success ? parse_json(response.body) : Json{};
  if (is_success && json.is_object()) return json;
  auto facts = facts_of_error_body(is_success ? std::string_view{} : std::string_view{response.body});
  facts.http_status = response.status;
  facts.request_id = find_header(response.headers, "x-request-id").value_or("");
  facts.retryable = is_passing_status(response.status);
  auto const words = is_success ? "the response is not JSON" : shortened(facts.message);
  facts.message =
      fmt::format("{}: {}{}{}", what, facts.error_code, facts.error_code.empty() || words.empty() ? "" : ": ",
                  words.empty() ? reason_phrase(response.status) : words);
  throw AuthError{std::string{strategy}, std::move(facts)};
}

void refuse_response(HttpResponse const& response, std::string_view strategy, std::string message) {
  throw AuthError{std::string{strategy},
                  ErrorFacts{.message = std::move(message),
                             .http_status = response.status,
                             .request_id = std::string{find_header(response.headers, "x-request-id").value_or("")}}};
}

Token read_token(HttpResponse const& response, AuthContext const& context, std::string_view strategy,
                 std::string_view what) {
  auto const json = read_response(response, strategy, what);
  Token token{.access_token = text_of(json, "access_token"), .refresh_token = text_of(json, "refresh_token")};
  if (token.access_token.empty())
    refuse_response(response, strategy, fmt::format("{}: the response has no token", what));
  if (auto type = text_of(json, "token_type"); !type.empty()) token.token_type = std::move(type);
  constexpr double most = 10.0 * 365 * 86400;
  if (auto const on = number_of(json, "expires_on"); on && *on > 0) {
    token.expiry = time_from_epoch(*on);
  } else if (auto const in = number_of(json, "expires_in")) {
    token.expiry = context.clock->system_now() + seconds{static_cast<std::int64_t>(std::clamp(*in, 0.0, most))};
  }
  return token;
}

void check_endpoint(AuthContext const& context, std::string_view url, std::string_view strategy) {
  auto const scheme = split_url(url).scheme;
  try {
    auto const host = parse_host(url);
    bool const is_plain = equal_ignoring_case(scheme, "http") && is_loopback(host.name);
    // A workspace elsewhere must not send tokens to what listens on this machine.
    if (equal_ignoring_case(scheme, "https") || (is_plain && is_loopback(context.host_name()))) return;
  } catch (ConfigError const&) {
  }
  throw AuthError{std::string{strategy},
                  ErrorFacts{.message = fmt::format("the endpoint {} of the login is not an https URL",
                                                    one_line(shorten(without_query(url), 200))),
                             .hint = "Check the host: http is accepted only if both are on this machine."}};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
