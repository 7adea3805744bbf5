#include "auth/token_source.hpp"

#include <algorithm>

#include <lakebase/error.hpp>

#include "base/after.hpp"

namespace lakebase::inline v0::detail {

namespace {

using std::chrono::seconds;

// Databricks on Azure refuses tokens with 30 s or less left.
constexpr auto expiry_skew = seconds{40};
constexpr auto longest_lead = std::chrono::minutes{20};
constexpr auto early_fetch_limit = seconds{60};
constexpr auto pause_after_failed_early_fetch = seconds{60};

}  // namespace

TokenSource::Age TokenSource::age_of(Entry const& entry) const {
  if (!entry.token.expiry) return Age::fresh;
  auto const steady = clock_->now();
  auto const system = clock_->system_now();
  if (steady >= entry.expired_steady || system >= entry.expired_system) return Age::expired;
  return steady >= entry.stale_steady || system >= entry.stale_system ? Age::stale : Age::fresh;
}

TokenSource::Entry TokenSource::make_entry(Token token) const {
  Entry entry{.token = std::move(token)};
  if (!entry.token.expiry) return entry;
  auto const expiry = *entry.token.expiry;
  auto const steady = clock_->now();
  auto const life = std::clamp<std::chrono::system_clock::duration>(expiry - clock_->system_now(), seconds{0},
                                                                    std::chrono::hours{24 * 365});
  auto const lead = std::min<std::chrono::system_clock::duration>(life / 2, longest_lead);
  entry.expired_system = expiry - expiry_skew;
  entry.stale_system = expiry - lead;
  entry.expired_steady = after(steady, life - expiry_skew);
  entry.stale_steady = after(steady, life - lead);
  return entry;
}

std::shared_ptr<Token const> TokenSource::token(CredentialsLimits const& limits) {
  auto& here = state();
  std::unique_lock lock{here.mutex};
  // What this call has fetched, or waited for, is used even if it lives too short to be kept, and is not refreshed
  // ahead.
  for (bool fetched = false, tried_early = false;;) {
    auto const entry = here.entry;
    auto const age = entry ? age_of(*entry) : Age::expired;
    if (entry && (age != Age::expired || fetched)) {
      bool const wants_next = age == Age::stale && refresh_early_ && !here.flight && !fetched && !tried_early &&
                              clock_->now() >= here.next_early_try;
      if (!wants_next) return {entry, &entry->token};
      tried_early = true;
      fetched = fetch_now(here, lock, limits, true);
    } else if (here.flight) {
      if (auto const landed = wait_for(here, lock, limits)) return {landed, &landed->token};
    } else {
      fetched = fetch_now(here, lock, limits, false);
    }
  }
}

std::shared_ptr<TokenSource::Entry const> TokenSource::wait_for(State& here, std::unique_lock<std::mutex>& lock,
                                                                CredentialsLimits const& limits) {
  auto const flight = here.flight;
  auto const landed = [&] { return flight->done; };
  bool done = false;
  if (limits.deadline) {
    // The deadline is one of the injected clock; the wait is a real one.
    done = here.landed.wait_for(lock, limits.stop, time_left(clock_->now(), *limits.deadline), landed);
  } else {
    done = here.landed.wait(lock, limits.stop, landed);
  }
  if (!done && limits.stop.stop_requested()) {
    throw Cancelled{ErrorFacts{.message = "the call was stopped by the caller"}};
  }
  if (!done) throw AuthError{"", ErrorFacts{.message = "no token in time", .retryable = true}};
  if (flight->failure.happened() && !flight->is_private) flight->failure.raise();
  return flight->entry;
}

CredentialsLimits TokenSource::early_limits(CredentialsLimits const& limits) const {
  auto const now = clock_->now();
  auto deadline = after(now, early_fetch_limit);
  // The call that fetches ahead has its own work to do; half of its time is left for that.
  if (limits.deadline) deadline = std::min(deadline, after(now, time_left(now, *limits.deadline) / 2));
  return {deadline, limits.stop};
}

bool TokenSource::is_private_end(CredentialsLimits const& limits) const {
  return limits.stop.stop_requested() || (limits.deadline && clock_->now() >= *limits.deadline);
}

bool TokenSource::fetch_now(State& here, std::unique_lock<std::mutex>& lock, CredentialsLimits const& limits,
                            bool is_early) {
  auto const flight = std::make_shared<Flight>();
  here.flight = flight;
  auto const rejected = here.rejected;
  lock.unlock();
  std::shared_ptr<Entry const> entry;
  std::exception_ptr error;
  SharedFailure failure;
  try {
    entry = std::make_shared<Entry const>(make_entry(fetch_(is_early ? early_limits(limits) : limits, rejected)));
  } catch (...) {
    error = std::current_exception();
    failure = SharedFailure::current();
  }
  lock.lock();
  here.flight.reset();
  flight->done = true;
  flight->failure = std::move(failure);
  flight->is_private = is_early || is_private_end(limits);
  flight->entry = entry;
  if (entry) {
    here.entry = std::move(entry);
    here.rejected.clear();
  } else if (is_early) {
    here.next_early_try = after(clock_->now(), pause_after_failed_early_fetch);
  }
  here.landed.notify_all();
  if (error && (!is_early || limits.stop.stop_requested())) std::rethrow_exception(error);
  return error == nullptr;
}

bool TokenSource::invalidate(std::string_view access_token) {
  auto& here = state();
  std::lock_guard const lock{here.mutex};
  if (here.entry && here.entry->token.access_token == access_token) {
    here.entry.reset();
    here.rejected = access_token;
  }
  return true;
}

}  // namespace lakebase::inline v0::detail
