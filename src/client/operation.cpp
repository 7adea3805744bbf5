#include <lakebase/operation.hpp>

#include <algorithm>
#include <mutex>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <lakebase/clock.hpp>
#include <lakebase/error.hpp>

#include "base/after.hpp"
#include "client/call.hpp"
#include "client/pace.hpp"
#include "http/error_mapping.hpp"
#include "http/redaction.hpp"
#include "json/codec.hpp"

namespace lakebase::inline v0::detail {

namespace {

using std::chrono::nanoseconds;

// For so long after an operation began a service that does not know it may only be lagging behind.
constexpr nanoseconds longest_lag = std::chrono::seconds{10};

// The part of an operation's JSON that concerns everybody; the rest is the caller's type.
struct OperationJson {
  std::optional<std::string> name{};
  std::optional<bool> done{};
  JsonText metadata{};
  JsonText response{};
  std::optional<JsonText> error{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &OperationJson::name);
    field("done", &OperationJson::done);
    field("metadata", &OperationJson::metadata);
    field("response", &OperationJson::response);
    field("error", &OperationJson::error);
  }
};

Request poll_of(std::string_view name) {
  return Request::get("/api/2.0/postgres/{}", name);
}

OperationStatus read_operation(JsonElement root) {
  OperationJson json;
  read(root, JsonPath{}, json);
  return OperationStatus{.name = json.name.value_or(""),
                         .done = json.done.value_or(false),
                         .metadata = std::move(json.metadata),
                         .response = std::move(json.response),
                         .error = std::move(json.error)};
}

bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || static_cast<signed char>(c) < 0;
}

// The caller could do nothing about a name that only fails at the first poll.
void check_name(std::string_view name) {
  if (name.empty()) throw ParseError{"name", {.message = "the service started an operation without a name"}};
  try {
    static_cast<void>(poll_of(name));
  } catch (InvalidArgument const&) {
    throw ParseError{
        "name",
        {.message = fmt::format("the service started an operation with a name that cannot be polled: \"{}\"",
                                one_line(shorten(name, 128))),
         .hint = "The change may have been started all the same: read the resource before you repeat it."}};
  }
}

OperationStatus read_started(JsonElement root) {
  auto status = read_operation(root);
  if (!status.done) check_name(status.name);
  return status;
}

// The response to a call that starts an operation with this result; null: without one. A service that
// did all at once responds with the resource, or with nothing.
OperationStatus read_start(std::string_view body, std::string_view path, ExpectedResult const* result) {
  if (result == nullptr && is_blank(body)) return {.done = true};
  if (is_blank(body)) accept_blank(result->shape, {.path = path});
  JsonDocument const document{body};
  auto const root = document.root();
  if (is_operation(root, path) || has_member(root, "done")) return read_started(root);
  if (result == nullptr) {
    accept_nothing(root);
    return {.done = true};
  }
  if (!has_shape(root, result->shape)) throw_misshapen(root, result->shape, "is an operation without a name, or ");
  result->check(body);
  return {.done = true, .response = {std::string{body}}};
}

// The response to a poll.
OperationStatus read_poll(std::string_view body, bool has_result) {
  JsonDocument const document{body};
  auto const root = document.root();
  if (is_operation(root, {}) || has_member(root, "done")) return read_operation(root);
  if (has_result && has_member(root, "name")) return {.done = true, .response = {std::string{body}}};
  throw_misshapen(root, {.is_operation = true});
}

std::string how_to_resume(std::string_view name) {
  return fmt::format("The operation goes on: pick it up with w.postgres.resume<...>(\"{}\").", name);
}

[[noreturn]] void throw_cancelled(std::string const& name) {
  throw Cancelled{ErrorFacts{.message = fmt::format("the wait for {} was stopped by the caller", name),
                             .hint = how_to_resume(name)}};
}

[[noreturn]] void throw_timeout(std::string const& name, int polls, nanoseconds elapsed,
                                std::string const& last_failure) {
  auto const elapsed_seconds = std::chrono::duration<double>(elapsed).count();
  throw OperationTimeout{
      name,
      {.message = fmt::format("{} was still running after {:.1f} s and {} polls{}{}", name, elapsed_seconds, polls,
                              last_failure.empty() ? "" : "; the last poll failed: ", last_failure),
       .hint = "Wait longer. " + how_to_resume(name),
       .retryable = true,
       .elapsed = elapsed}};
}

// Throws the error that is being handled anew, as its type, with what it means for the operation.
[[noreturn]] void rethrow_with_resumption(std::string const& name) {
  auto const extended = [&](Error const& error) {
    auto facts = error.facts();
    if (!facts.hint.empty()) facts.hint += ' ';
    facts.hint += how_to_resume(name);
    return facts;
  };
  try {
    throw;
  } catch (ApiError const& error) {
    throw_api_error(extended(error));
  } catch (TransportError const& error) {
    throw TransportError{error.kind(), error.maybe_sent(), extended(error)};
  } catch (AuthError const& error) {
    throw AuthError{error.strategy(), extended(error)};
  } catch (ParseError const& error) {
    throw ParseError{error.json_path(), extended(error)};
  } catch (ConfigError const& error) {
    throw ConfigError{extended(error)};
  }
}

bool is_broken_connection(Error const& error) {
  using Kind = TransportError::Kind;
  auto const* const fault = dynamic_cast<TransportError const*>(&error);
  if (fault == nullptr) return false;
  switch (fault->kind()) {
    case Kind::resolve:
    case Kind::connect:
    case Kind::tls:
    case Kind::timeout:
    case Kind::reset:
    case Kind::truncated:
      return true;
    case Kind::certificate:
    case Kind::protocol:
    case Kind::too_large:
    case Kind::other:
      break;
  }
  return false;
}

// Whether the next poll may fare better than one that failed so long after the operation began.
bool may_poll_again(Error const& error, nanoseconds elapsed) {
  if (error.http_status() == 404) return elapsed < longest_lag;
  return error.http_status() >= 500 || error.retryable() || is_broken_connection(error);
}

}  // namespace

struct OperationHandle::State {
  std::string const name;
  OperationSource const source;
  std::chrono::steady_clock::time_point const began;

  std::mutex mutex;
  OperationStatus last;  // guarded by mutex

  State(OperationStatus first, OperationSource its_source)
      : name(first.name), source(std::move(its_source)), began(source.clock->now()), last(std::move(first)) {}

  OperationStatus status() {
    std::lock_guard const lock{mutex};
    return last;
  }

  // Polls. An operation that has ended stays so, whatever order the responses to two threads come in.
  OperationStatus poll(std::optional<nanoseconds> timeout, std::stop_token stop) {
    auto response = source.poll(name, timeout, std::move(stop));
    std::lock_guard const lock{mutex};
    if (!last.done) last = std::move(response);
    return last;
  }

  // None where the poll failed in a way that the next one may not; `failure` tells how.
  std::optional<OperationStatus> try_to_poll(Pace const& pace, std::stop_token const& stop, std::string& failure) {
    try {
      auto status = poll(pace.left(), stop);
      failure.clear();
      return status;
    } catch (Error const& error) {
      if (stop.stop_requested()) throw_cancelled(name);
      if (!may_poll_again(error, pace.elapsed())) rethrow_with_resumption(name);
      failure = error.what();
      return std::nullopt;
    }
  }

  JsonText result_of(OperationStatus status) const {
    if (!status.error) return std::move(status.response);
    auto facts = facts_of_error_body(status.error->text);
    facts.path = name;
    if (std::none_of(facts.message.begin(), facts.message.end(), is_word_character)) {
      facts.message = "the operation failed, and the service does not say why";
      facts.hint = "Read the resource to see how far it came; quote the name of the operation to support.";
    }
    throw OperationFailed{name, std::move(facts)};
  }
};

OperationHandle::OperationHandle(OperationStatus first, OperationSource source)
    : state_(std::make_shared<State>(std::move(first), std::move(source))) {}

std::string const& OperationHandle::name() const noexcept {
  return state_->name;
}

JsonText OperationHandle::metadata() const {
  return state_->status().metadata;
}

bool OperationHandle::done() const {
  if (state_->status().done) return true;
  try {
    return state_->poll(std::nullopt, state_->source.defaults.stop).done;
  } catch (Cancelled const&) {
    throw_cancelled(name());
  } catch (Error const& error) {
    bool const may_lag = state_->source.clock->now() - state_->began < longest_lag;
    if (error.http_status() == 404 && may_lag) return false;
    rethrow_with_resumption(name());
  }
}

JsonText OperationHandle::wait(WaitOptions const& own) const {
  if (auto first = state_->status(); first.done) return state_->result_of(std::move(first));
  auto const options = merged(own, state_->source.defaults);
  Pace pace{*state_->source.clock, options};
  std::string failure;
  for (int polls = 0;;) {
    if (!pace.sleep()) throw_cancelled(name());
    if (pace.is_over()) throw_timeout(name(), polls, pace.elapsed(), failure);
    ++polls;
    auto status = state_->try_to_poll(pace, options.stop, failure);
    auto const done = status && status->done;
    if (options.on_poll) options.on_poll({name(), polls, pace.elapsed(), done, metadata()});
    if (done) return state_->result_of(std::move(*status));
  }
}

namespace {

OperationSource source_of(ApiClientPointer const& api, bool has_result) {
  auto defaults = api->config().wait;
  if (!defaults.stop.stop_possible()) defaults.stop = api->options().stop;
  auto poll = [api, has_result](std::string const& name, std::optional<nanoseconds> timeout, std::stop_token stop) {
    auto options = api->options();
    if (timeout && (!options.timeout || *timeout < *options.timeout)) options.timeout = timeout;
    if (stop.stop_possible()) options.stop = std::move(stop);
    return api->with(std::move(options))->send(poll_of(name), [&](Answer const& answer) {
      return read_poll(answer.body, has_result);
    });
  };
  return {.poll = std::move(poll), .clock = api->shared_clock(), .defaults = std::move(defaults)};
}

}  // namespace

OperationHandle start_operation(ApiClientPointer const& api, Request const& request, ExpectedResult const* result) {
  auto status =
      api->send(request, [&](Answer const& answer) { return read_start(answer.body, request.path(), result); });
  return OperationHandle{std::move(status), source_of(api, result != nullptr)};
}

OperationHandle resume_operation(ApiClientPointer const& api, std::string_view name, bool has_result) {
  if (!names_operation(name)) {
    throw InvalidArgument{fmt::format("\"{}\" is not the name of an operation", name.substr(0, 128))};
  }
  static_cast<void>(poll_of(name));  // refuses a malformed name now, not at the first poll
  return OperationHandle{OperationStatus{.name = std::string{name}}, source_of(api, has_result)};
}

OperationOutcome await_operation(ApiClientPointer const& api, Request const& request, Answer const& answer,
                                 bool has_result) {
  JsonDocument const document{answer.body};
  auto status = read_started(document.root());
  auto name = status.name;
  if (request.method() == "GET") {
    throw ParseError{"",
                     {.message = fmt::format("the response to a read is a long-running operation: {}", name),
                      .hint = "The service responds in another form than this library knows: update the library."}};
  }
  OperationHandle const handle{std::move(status), source_of(api, has_result)};
  auto const left = time_left(api->shared_clock()->now(), answer.deadline);
  return {std::move(name), handle.wait({.timeout = left, .stop = api->options().stop})};
}

void perform(ApiClientPointer const& api, Request const& request) {
  api->send(request, [&](Answer const& answer) {
    if (is_blank(answer.body)) return;
    JsonDocument const document{answer.body};
    if (!is_operation(document.root(), request.path())) return accept_nothing(document.root());
    static_cast<void>(await_operation(api, request, answer, false));
  });
}

}  // namespace lakebase::inline v0::detail
