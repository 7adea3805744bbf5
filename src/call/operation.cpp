#include <lakebase/operation.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <lakebase/clock.hpp>
#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "base/error_types.hpp"
#include "base/events/watch.hpp"
#include "base/guarded.hpp"
#include "call/pace.hpp"
#include "http/error_mapping.hpp"
#include "http/retry.hpp"
#include "json/operation.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using std::chrono::nanoseconds;

// For this long after an operation began, a service that does not know it may only be lagging behind.
constexpr nanoseconds longest_lag = std::chrono::seconds{10};

bool is_word_character(char c) {
  return is_alnum(c) || static_cast<signed char>(c) < 0;
}

// An operation that still runs, for messages: its name, and the client that can resume it.
struct Running {
  std::string const& name;
  std::string_view client;

  std::string how_to_resume() const {
    if (client.empty()) return "The operation goes on.";
    return fmt::format("The operation goes on: pick it up with {}.resume<...>(\"{}\").", client, name);
  }
};

[[noreturn]] void throw_cancelled(Running const& operation) {
  throw Cancelled{ErrorFacts{.message = fmt::format("the wait for {} was stopped by the caller", operation.name),
                             .hint = operation.how_to_resume()}};
}

[[noreturn]] void throw_timeout(Running const& operation, int polls, nanoseconds elapsed,
                                std::string const& last_failure) {
  auto const elapsed_seconds = std::chrono::duration<double>(elapsed).count();
  throw OperationTimeout{
      operation.name,
      {.message = fmt::format("{} was still running after {:.1f} s and {} polls{}{}", operation.name, elapsed_seconds,
                              polls, last_failure.empty() ? "" : "; the last poll failed: ", last_failure),
       .hint = "Wait longer. " + operation.how_to_resume(),
       .retryable = true,
       .elapsed = elapsed}};
}

// Rethrows the error being handled, as its own type, with the hint that the operation goes on.
[[noreturn]] void rethrow_with_resumption(Running const& operation) {
  rethrow_with([&](Error const& error) {
    auto facts = error.facts();
    if (!facts.hint.empty()) facts.hint += ' ';
    facts.hint += operation.how_to_resume();
    return facts;
  });
}

bool is_passing_fault(Error const& error) {
  auto const* const fault = dynamic_cast<TransportError const*>(&error);
  return fault != nullptr && judge_fault(fault->kind()) != Verdict::give_up;
}

// Whether the next poll may succeed after one that failed `elapsed` after the operation began.
bool may_poll_again(Error const& error, nanoseconds elapsed) {
  if (error.http_status() == 404) return elapsed < longest_lag;
  return error.http_status() >= 500 || error.retryable() || is_passing_fault(error);
}

}  // namespace

struct OperationHandle::State {
  struct Wait;

  std::string const name;
  OperationSource const source;
  std::chrono::steady_clock::time_point const began;

  Guarded<OperationStatus> const last;

  State(OperationStatus first, OperationSource its_source)
      : name(first.name), source(std::move(its_source)), began(source.clock->now()), last(std::move(first)) {}

  Running running() const { return {name, source.client}; }

  OperationStatus status() const {
    return last.with([](OperationStatus const& known) { return known; });
  }

  bool may_lag() const { return source.clock->now() - began < longest_lag; }

  OperationStatus ask(std::optional<nanoseconds> timeout, std::stop_token stop) const {
    try {
      return source.poll(name, timeout, std::move(stop));
    } catch (Error const& error) {
      if (error.http_status() != 404 || source.gone.empty() || may_lag()) throw;
      return failed_operation(name, error.error_code(), fmt::format("{} {} ({})", name, source.gone, error.message()));
    }
  }

  // Polls. An operation that has ended stays so, in whatever order the responses to two threads come.
  OperationStatus poll(std::optional<nanoseconds> timeout, std::stop_token stop) {
    auto response = ask(timeout, std::move(stop));
    return last.with([&](OperationStatus& known) {
      if (!known.done) known = std::move(response);
      return known;
    });
  }

  // None if the poll failed but the next one may succeed; `failure` tells how it failed.
  std::optional<OperationStatus> try_to_poll(Pace const& pace, std::stop_token const& stop, std::string& failure) {
    try {
      auto status = poll(pace.left(), stop);
      failure.clear();
      return status;
    } catch (Error const& error) {
      if (stop.stop_requested()) throw_cancelled(running());
      if (!may_poll_again(error, pace.elapsed())) rethrow_with_resumption(running());
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
    throw_cancelled(state_->running());
  } catch (Error const& error) {
    if (error.http_status() == 404 && state_->may_lag()) return false;
    rethrow_with_resumption(state_->running());
  }
}

// The steps of the loop of one wait. Its first attempt looks at what is known already.
struct OperationHandle::State::Wait {
  State& state;
  WaitOptions const& options;
  Pace& pace;
  std::string failure{};

  int polls() const { return pace.loop().attempts() - 1; }

  void check() const {
    if (pace.loop().attempts() == 0) return;
    if (pace.loop().is_stopped()) throw_stopped();
    if (pace.is_over()) give_up();
  }

  std::optional<JsonText> attempt() {
    auto status = polls() == 0 ? std::optional{state.status()} : poll();
    if (!status || !status->done) return std::nullopt;
    return state.result_of(*std::move(status));
  }

  std::optional<OperationStatus> poll() {
    auto status = state.try_to_poll(pace, options.stop, failure);
    auto const done = status && status->done;
    if (options.on_poll) options.on_poll({state.name, polls(), pace.elapsed(), done, state.status().metadata});
    return status;
  }

  std::optional<nanoseconds> next_pause() const { return pace.next_pause(); }
  [[noreturn]] JsonText give_up() const { throw_timeout(state.running(), polls(), pace.elapsed(), failure); }
  [[noreturn]] void throw_stopped() const { throw_cancelled(state.running()); }
};

JsonText OperationHandle::wait(WaitOptions const& own) const {
  auto const options = merged(own, state_->source.defaults);
  Pace pace{*state_->source.clock, options};
  State::Wait wait{*state_, options, pace};
  auto const describe = [&] {
    return Event{.kind = EventKind::wait, .attempts = std::max(wait.polls(), 0), .subject = state_->name};
  };
  auto const& source = state_->source;
  return watch(source.events.get(), source.clock.get(), describe, [&] { return pace.loop().run(wait); });
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
