#include "call/http_call.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/after.hpp"
#include "base/error_types.hpp"
#include "base/header_rules.hpp"
#include "base/text/url.hpp"
#include "call/session.hpp"
#include "config/host.hpp"
#include "http/hints.hpp"
#include "http/redirects.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr int most_brief_retries = 3;
// How long to wait for another change of the same resource to end, unless the caller has set the call's timeout.
constexpr nanoseconds longest_conflict = seconds{60};

}  // namespace

void hide_secrets(Session& session, Headers const& credentials, ErrorFacts& facts) {
  auto secrets = session.logger().secrets();
  for (auto const& [name, value] : credentials) secrets.add(std::string_view{value}.substr(value.find(' ') + 1));
  secrets.hide_in(facts);
}

HttpCall::HttpCall(Session& session, HttpService service, Request const& request, Headers headers,
                   CallOptions const& options)
    : session_(session),
      events_(session.config().events.get()),
      service_(std::move(service)),
      request_(request),
      options_(options),
      loop_(*session.clock(),
            {.deadline = after(session.clock()->now(), options.timeout.value_or(call_budget(session.config()))),
             .max_attempts = options.retry.max_attempts,
             .stop = options.stop}) {
  http_.method = request.method();
  http_.headers = std::move(headers);
  set_headers_of_program(http_.headers, options.headers);
  http_.body = request.body();
  own_headers_ = http_.headers.size();
  if (events_ != nullptr) url_template_ = request.url_template();
}

CallResponse HttpCall::run() {
  return watch(
      events_, session_.clock().get(), [this] { return event(EventKind::call); }, [this] { return loop_.run(*this); });
}

std::optional<CallResponse> HttpCall::attempt() {
  previous_ = std::exchange(failure_, std::nullopt);
  began_ = session_.clock()->now();
  if (events_ != nullptr) attempt_event_ = OpenEvent{*events_, session_.clock().get(), event(EventKind::attempt)};
  try {
    failure_ = send();
  } catch (...) {
    if (attempt_event_) attempt_event_.fail(event(EventKind::attempt), std::current_exception());
    tell_of_exception(std::current_exception());
    throw;
  }
  if (failure_) return std::nullopt;
  tell(nullptr, false);
  return CallResponse{.http = std::move(response_),
                      .request_id = events_ == nullptr ? std::move(request_id_) : request_id_,
                      .credentials = std::move(credentials_),
                      .deadline = loop_.deadline()};
}

std::optional<nanoseconds> HttpCall::next_pause() {
  auto const pause = may_replay_with_new_token(*failure_) ? nanoseconds{0} : pause_by_verdict(*failure_);
  tell(&*failure_, pause.has_value());
  return pause;
}

void HttpCall::hide_secrets(ErrorFacts& facts) const {
  detail::hide_secrets(session_, credentials_, facts);
}

// --- One attempt ---

TransportLimits HttpCall::limits() const {
  auto const timeout = session_.http_timeout();
  return {.total = std::max(loop_.left(), nanoseconds{1}),
          .connect = std::min<nanoseconds>(timeout, seconds{30}),
          .idle = timeout,
          .stop = options_.stop};
}

void HttpCall::authenticate() {
  try {
    credentials_ = service_.authentication->headers({loop_.deadline(), options_.stop});
  } catch (AuthError const& error) {
    auto its_facts = error.facts();
    its_facts.method = request_.method();
    its_facts.path = request_.path();
    its_facts.attempts = loop_.attempts();
    its_facts.elapsed = loop_.elapsed();
    hide_secrets(its_facts);
    throw AuthError{error.strategy(), std::move(its_facts)};
  } catch (Cancelled const&) {
    throw_stopped();
  }
  http_.url = service_.base_url() + request_.target();
  http_.headers.resize(own_headers_);
  http_.headers.emplace_back("User-Agent", session_.user_agent().with_auth(service_.authentication->name()));
  for (auto const& [name, value] : credentials_) {
    if (breaks_header(name) || breaks_header(value)) {
      throw AuthError{
          std::string{service_.authentication->name()},
          facts("the credentials have a line break or control character inside, which no header can carry")};
    }
    set_header(http_.headers, name, value);
  }
  if (service_.add_headers) service_.add_headers(http_.headers);
}

HttpResponse HttpCall::exchange() {
  if (session_.logger().wants(LogLevel::debug)) {
    session_.logger().write(LogLevel::debug,
                            fmt::format("{} {}", request_.method(), target_for_log(request_.target())));
  }
  // The request is copied only for a redirect, which few responses are.
  auto followed = send_following_redirects(session_.transport(), http_, [this] { return limits(); });
  auto response = std::move(followed.response);
  status_ = response.status;
  request_id_ = find_header(response.headers, "x-request-id").value_or("");
  log_exchange(response);
  bool const is_choice = service_.has_choices && response.status == 300 && followed.target.empty();
  if (!followed.why_not.empty() && !is_choice) refuse_redirect(response.status, followed.target, followed.why_not);
  return response;
}

// Errors quote what came, which may quote the credentials: the title of a page, the target of a redirect.
std::optional<Failure> HttpCall::exchange_and_read() {
  try {
    response_ = exchange();
    return read_failure();
  } catch (Error const&) {
    rethrow_with([&](Error const& error) {
      auto its_facts = error.facts();
      hide_secrets(its_facts);
      return its_facts;
    });
  }
}

std::optional<Failure> HttpCall::send() {
  status_ = 0;
  request_id_.clear();
  if (!session_.rate_limiter().wait(loop_.deadline(), options_.stop)) {
    check();
    return Failure{.facts = facts("the rate limit leaves no turn within the time of the call"),
                   .fault = TransportError::Kind::timeout,
                   .maybe_sent = false};
  }
  try {
    authenticate();
    check();
    return exchange_and_read();
  } catch (TransportError const& error) {
    auto its_facts = error.facts();
    its_facts.method = request_.method();
    its_facts.path = request_.path();
    hide_secrets(its_facts);
    request_id_ = its_facts.request_id;
    return Failure{.facts = std::move(its_facts), .fault = error.kind(), .maybe_sent = error.maybe_sent()};
  } catch (Cancelled const&) {
    throw_stopped();
  }
}

void HttpCall::refuse_redirect(int status, std::string_view target, std::string_view why_not) const {
  auto its_facts = facts(fmt::format("the server redirects to {}, which is not followed: {}",
                                     target.empty() ? "nowhere" : target_for_log(target), why_not));
  its_facts.http_status = status;
  its_facts.hint = "Check the host: it has to be the workspace's own URL.";
  throw ApiError{std::move(its_facts)};
}

std::optional<Failure> HttpCall::read_failure() const {
  if (!service_.read_error) return std::nullopt;
  auto failure = service_.read_error(response_, *this);
  if (failure) hide_secrets(failure->facts);
  return failure;
}

// --- After a failure ---

// The server did not act on a request whose token it refused, so that even a write may be sent again.
bool HttpCall::may_replay_with_new_token(Failure const& failure) {
  if (failure.fault || token_was_renewed_) return false;
  if (!is_rejected_token(failure.facts.http_status, failure.facts.message)) return false;
  token_was_renewed_ = true;
  return service_.authentication->invalidate(credentials_) && loop_.left() > nanoseconds{0};
}

std::optional<nanoseconds> HttpCall::pause_by_verdict(Failure const& failure) {
  RetryRules const rules{.is_safe = request_.idempotency() == Idempotency::safe,
                         .retries_unsafe = options_.retry.retry_unsafe_transport_errors.value_or(false),
                         .retries_conflicts = options_.retry.conflicts && !carries_etag()};
  auto const retry_after = failure.facts.retry_after;
  switch (service_.judge(failure, rules)) {
    case Verdict::give_up:
      return std::nullopt;
    case Verdict::retry_conflict:
      return pause_of_conflict(pause_after_conflict(conflicts_++, retry_after));
    case Verdict::retry_briefly:
      if (++brief_retries_ > most_brief_retries) return std::nullopt;
      break;
    case Verdict::retry:
      break;
  }
  return loop_.fitting(pause_after(loop_.attempts(), retry_after));
}

// An etag makes the service refuse a change if the resource is not as the caller has read it. Sent again, the change
// might not be refused.
bool HttpCall::carries_etag() const {
  return request_.carries_etag() || find_header(http_.headers, "If-Match").has_value();
}

std::optional<nanoseconds> HttpCall::pause_of_conflict(nanoseconds pause) const {
  if (!options_.timeout && pause >= longest_conflict - loop_.elapsed()) return std::nullopt;
  return loop_.fitting(pause);
}

void HttpCall::throw_stopped() const {
  throw Cancelled{facts("the call was stopped by the caller")};
}

void HttpCall::check() const {
  if (loop_.is_stopped()) throw_stopped();
  if (loop_.left() > nanoseconds{0}) return;
  auto its_facts = facts("the time of the call was over before the request was sent");
  its_facts.retryable = true;
  throw TransportError{TransportError::Kind::timeout, false, std::move(its_facts)};
}

// If a read ran out of time in a later attempt, the earlier failure tells more than "timed out". For a write whose last
// attempt may have been acted on, both are told.
Failure HttpCall::final_failure(Failure last) {
  bool const ran_out = last.fault == TransportError::Kind::timeout && loop_.left() <= nanoseconds{0};
  if (!ran_out || !previous_) return last;
  if (request_.idempotency() == Idempotency::safe || !last.maybe_sent) return *std::move(previous_);
  auto const status = previous_->facts.http_status;
  last.facts.message += fmt::format("; the attempt before ended with {}{}{}", status == 0 ? "" : std::to_string(status),
                                    status == 0 ? "" : " ", previous_->facts.message);
  return last;
}

CallResponse HttpCall::give_up() {
  auto final = final_failure(*std::move(failure_));
  final.facts.attempts = loop_.attempts();
  final.facts.elapsed = loop_.elapsed();
  auto const status = final.facts.http_status;
  if (status == 401 || status == 403 || is_rejected_token(status, final.facts.message)) {
    final.facts.hint += fmt::format("{}(host {}, auth {})", final.facts.hint.empty() ? "" : " ", service_.base_url(),
                                    service_.authentication->name());
  }
  if (final.fault && final.maybe_sent && request_.idempotency() == Idempotency::unsafe && final.facts.hint.empty()) {
    final.facts.hint = "The service may have acted on the request: look before you send it again.";
  }
  if (!final.fault) service_.raise(final.facts);
  throw TransportError{final.fault.value_or(TransportError::Kind::other), final.maybe_sent, std::move(final.facts)};
}

ErrorFacts HttpCall::facts(std::string message) const {
  return {.message = std::move(message),
          .method = request_.method(),
          .path = request_.path(),
          .request_id = request_id_,
          .attempts = loop_.attempts(),
          .elapsed = loop_.elapsed()};
}

// --- Log and observers ---

void HttpCall::log_exchange(HttpResponse const& response) const {
  if (!session_.logger().wants(LogLevel::debug)) return;
  auto const& config = session_.config();
  auto const limit = static_cast<std::size_t>(std::max<std::int64_t>(config.debug_truncate_bytes.value_or(96), 96));
  std::string text = fmt::format("{} {}", request_.method(), target_for_log(request_.target()));
  auto const add_headers_text = [&](char mark, Headers const& headers) {
    if (!config.debug_headers.value_or(false)) return;
    for (auto const& [name, value] : headers) {
      text += fmt::format(" | {} {}: {}", mark, name, is_secret_header(name) ? "REDACTED" : shorten(value, limit));
    }
  };
  add_headers_text('>', http_.headers);
  if (!http_.body.empty()) text += " | > " + body_for_log(http_.body, limit);
  text += fmt::format(" | < {} ({})", response.status, request_id_.empty() ? "no request id" : request_id_);
  add_headers_text('<', response.headers);
  if (!response.body.empty()) text += " | < " + body_for_log(response.body, limit);
  session_.logger().write(LogLevel::debug, text);
}

// Advice on the first of several failures to connect in a row, else empty. Attempts go on for minutes, which looks like
// a hang.
std::string HttpCall::advice_on_first_refusal(Failure const& failure) const {
  constexpr auto refused = TransportError::Kind::connect;
  if (failure.fault != refused || (previous_ && previous_->fault == refused)) return {};
  auto const url = service_.base_url();
  if (url.empty()) return {};
  auto const host = parse_host(url);
  if (is_loopback(host.name)) {
    return fmt::format(": nobody listens at {}; is the emulator still running?", host.url);
  }
  auto const& hint = failure.facts.hint;
  return fmt::format(": {} cannot be reached{}{}", host.url, hint.empty() ? "" : ". ", hint);
}

Event HttpCall::event(EventKind kind) {
  if (base_url_.empty()) base_url_ = service_.base_url();  // the authentication may find it out
  auto const url = split_url(base_url_);
  int port = url.scheme == "http" ? 80 : 443;
  std::from_chars(url.port.data(), url.port.data() + url.port.size(), port);
  return {.kind = kind,
          .method = request_.method(),
          .path = request_.path(),
          .url_template = url_template_,
          .http_status = status_,
          .request_id = request_id_,
          .attempts = loop_.attempts(),
          .server_address = url.host,
          .server_port = url.host.empty() ? 0 : port};
}

void HttpCall::end_attempt_event(Failure const* failure, bool will_retry) {
  auto ended = event(EventKind::attempt);
  ended.will_retry = will_retry;
  std::string status;
  if (failure != nullptr) {
    status = fmt::format("{}", failure->facts.http_status);
    ended.error_type = failure->fault ? error_type_of(*failure->fault) : std::string_view{status};
  }
  attempt_event_.end(ended);
}

void HttpCall::tell(Failure const* failure, bool will_retry) {
  if (attempt_event_) end_attempt_event(failure, will_retry);
  bool const is_fault = failure != nullptr && failure->fault.has_value();
  if (is_fault || will_retry) {
    auto const advice = advice_on_first_refusal(*failure);
    session_.logger().write(
        advice.empty() ? LogLevel::info : LogLevel::warning,
        fmt::format("{} {}: attempt {}: {}{}{}", request_.method(), request_.path(), loop_.attempts(),
                    failure->facts.message, will_retry ? "; retrying" : "", advice));
  }
  observe(is_fault ? std::string_view{failure->facts.message} : std::string_view{}, will_retry);
}

// For an attempt that ends the call by an exception. The caller has the rest of it.
void HttpCall::tell_of_exception(std::exception_ptr const& thrown) const {
  if (status_ != 0) return observe({}, false);
  try {
    std::rethrow_exception(thrown);
  } catch (Error const& error) {
    observe(error.message(), false);
  } catch (...) {  // of the program's own code
    observe("an exception ended the attempt", false);
  }
}

void HttpCall::observe(std::string_view error, bool will_retry) const {
  auto const& observer = session_.config().observer;
  if (!observer) return;
  try {
    observer({.method = request_.method(),
              .path = request_.path(),
              .status = status_,
              .attempt = loop_.attempts(),
              .duration = session_.clock()->now() - began_,
              .request_id = request_id_,
              .error = error,
              .will_retry = will_retry});
  } catch (...) {  // metrics must not break calls
  }
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
