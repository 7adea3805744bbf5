#include <lakebase/operation.hpp>

#include <algorithm>
#include <mutex>
#include <random>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <lakebase/clock.hpp>
#include <lakebase/error.hpp>

#include "base/after.hpp"
#include "client/call.hpp"
#include "http/error_mapping.hpp"
#include "json/codec.hpp"

namespace lakebase::inline v0::detail {

namespace {

using std::chrono::nanoseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr nanoseconds longest_pause = std::chrono::seconds{10};

// The part of an operation's JSON that concerns everybody; the rest is the caller's type.
struct OperationAnswer {
  std::optional<std::string> name{};
  std::optional<bool> done{};
  JsonText metadata{};
  JsonText response{};
  std::optional<JsonText> error{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &OperationAnswer::name);
    field("done", &OperationAnswer::done);
    field("metadata", &OperationAnswer::metadata);
    field("response", &OperationAnswer::response);
    field("error", &OperationAnswer::error);
  }
};

OperationStatus read_status(std::string_view body) {
  auto answer = decode<OperationAnswer>(body);
  return OperationStatus{.name = answer.name.value_or(""),
                         .done = answer.done.value_or(false),
                         .metadata = std::move(answer.metadata),
                         .response = std::move(answer.response),
                         .error = std::move(answer.error)};
}

// Up to a fifth less or more, so that many waiters do not ask in step.
nanoseconds jittered(nanoseconds pause) {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_real_distribution<double> factor{0.8, 1.2};
  return times(factor(random), pause);
}

// The pauses of one wait, and when it ends.
class Schedule {
 public:
  Schedule(Clock& clock, WaitOptions const& options)
      : clock_(clock),
        options_(options),
        start_(clock.now()),
        end_(after(start_, options.timeout.value_or(nanoseconds::max()))),
        pause_(std::max(options.poll_interval, nanoseconds{1})) {}

  nanoseconds elapsed() const { return clock_.now() - start_; }
  std::optional<nanoseconds> left() const {
    if (!options_.timeout) return std::nullopt;
    return time_left(clock_.now(), end_);
  }
  bool is_over() const { return options_.timeout && clock_.now() >= end_; }

  // False where the caller stopped the wait. A first pause never takes all the time there is, so that the server is
  // asked at least once.
  bool sleep() {
    auto pause = jittered(pause_);
    if (auto const rest = left(); rest && pause >= *rest) pause = first_ ? *rest / 2 : *rest;
    first_ = false;
    pause_ = std::min(times(1.5, pause_), std::max(longest_pause, options_.poll_interval));
    return clock_.sleep_until(after(clock_.now(), pause), options_.stop);
  }

 private:
  Clock& clock_;
  WaitOptions const& options_;
  SteadyTime start_;
  SteadyTime end_;
  nanoseconds pause_;
  bool first_ = true;
};

[[noreturn]] void throw_cancelled(std::string const& name) {
  throw Cancelled{ErrorFacts{.message = fmt::format("the wait for {} was stopped by the caller", name),
                             .hint = "The operation goes on; pick it up by its name with resume()."}};
}

[[noreturn]] void throw_timeout(std::string const& name, int polls, nanoseconds elapsed) {
  auto const elapsed_seconds = std::chrono::duration<double>(elapsed).count();
  throw OperationTimeout{
      name,
      {.message = fmt::format("{} was still running after {:.1f} s and {} polls", name, elapsed_seconds, polls),
       .hint = "It goes on; wait longer, or pick it up by its name with resume().",
       .retryable = true,
       .elapsed = elapsed}};
}

}  // namespace

struct OperationHandle::State {
  std::string const name;
  Poll const poll;
  std::shared_ptr<Clock> const clock;

  std::mutex mutex;
  OperationStatus last;  // guarded by mutex

  State(OperationStatus first, Poll poll_function, std::shared_ptr<Clock> its_clock)
      : name(first.name), poll(std::move(poll_function)), clock(std::move(its_clock)), last(std::move(first)) {}

  OperationStatus status() {
    std::lock_guard const lock{mutex};
    return last;
  }

  // Asks the server. An operation that has ended stays so, whatever order the answers of two threads come in.
  OperationStatus ask(std::optional<nanoseconds> timeout, std::stop_token stop) {
    auto answer = poll(name, timeout, std::move(stop));
    std::lock_guard const lock{mutex};
    if (!last.done) last = std::move(answer);
    return last;
  }

  // None where the question failed in a way that the next one may not.
  std::optional<OperationStatus> try_to_ask(std::optional<nanoseconds> timeout, std::stop_token const& stop) {
    try {
      return ask(timeout, stop);
    } catch (Error const& error) {
      if (stop.stop_requested()) throw_cancelled(name);
      if (!error.retryable()) throw;
      return std::nullopt;
    }
  }

  JsonText result_of(OperationStatus status) const {
    if (status.error) {
      auto facts = facts_of_error_body(status.error->text);
      facts.path = name;
      throw OperationFailed{name, std::move(facts)};
    }
    if (status.response.text.empty()) status.response.text = "{}";
    return std::move(status.response);
  }
};

OperationHandle::OperationHandle(OperationStatus first, Poll poll, std::shared_ptr<Clock> clock)
    : state_(std::make_shared<State>(std::move(first), std::move(poll), std::move(clock))) {}

std::string const& OperationHandle::name() const noexcept {
  return state_->name;
}

JsonText OperationHandle::metadata() const {
  return state_->status().metadata;
}

bool OperationHandle::done() const {
  if (state_->status().done) return true;
  return state_->ask(std::nullopt, {}).done;
}

JsonText OperationHandle::wait(WaitOptions const& options) const {
  if (auto first = state_->status(); first.done) return state_->result_of(std::move(first));
  Schedule schedule{*state_->clock, options};
  for (int polls = 0;;) {
    if (!schedule.sleep()) throw_cancelled(name());
    if (schedule.is_over()) throw_timeout(name(), polls, schedule.elapsed());
    ++polls;
    auto status = state_->try_to_ask(schedule.left(), options.stop);
    auto const done = status && status->done;
    if (options.on_poll) options.on_poll({name(), polls, schedule.elapsed(), done});
    if (done) return state_->result_of(std::move(*status));
  }
}

namespace {

OperationHandle::Poll make_poll(ApiClientPointer api) {
  return [api = std::move(api)](std::string const& name, std::optional<nanoseconds> timeout, std::stop_token stop) {
    auto options = api->options();
    if (timeout && (!options.timeout || *timeout < *options.timeout)) options.timeout = timeout;
    if (stop.stop_possible()) options.stop = std::move(stop);
    return api->with(std::move(options))->send(Request::get("/api/2.0/postgres/{}", name), read_status);
  };
}

}  // namespace

OperationHandle start_operation(ApiClientPointer const& api, Request const& request) {
  auto status = api->send(request, [](std::string const& body) {
    auto first = read_status(body);
    if (!first.name.empty() || first.done) return first;
    throw ParseError{"name", {.message = "the service started an operation without a name"}};
  });
  return OperationHandle{std::move(status), make_poll(api), api->shared_clock()};
}

OperationHandle resume_operation(ApiClientPointer const& api, std::string_view name) {
  if (name.find("/operations/") == std::string_view::npos) {
    throw InvalidArgument{fmt::format("\"{}\" is not the name of an operation", name.substr(0, 128))};
  }
  static_cast<void>(Request::get("/api/2.0/postgres/{}", name));  // refuses a malformed name now, not at the first poll
  return OperationHandle{OperationStatus{.name = std::string{name}}, make_poll(api), api->shared_clock()};
}

}  // namespace lakebase::inline v0::detail
