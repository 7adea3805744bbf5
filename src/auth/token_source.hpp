#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <lakebase/clock.hpp>
#include <lakebase/credentials.hpp>

#include "auth/shared_failure.hpp"
#include "http/process_state.hpp"

namespace lakebase::inline v0::detail {

/// A bearer token and how long it is good.
struct Token {
  std::string access_token{};
  std::string token_type = "Bearer";
  /// None: for ever.
  std::optional<std::chrono::system_clock::time_point> expiry{};
  std::string refresh_token{};
  /// `Authorization` of a request.
  std::string authorization() const { return token_type + ' ' + access_token; }
};

/// A time of expiry in seconds since 1970. What lies beyond the clock's range is put at its end.
inline std::chrono::system_clock::time_point time_from_epoch(double seconds) {
  constexpr double most = 9e9;  // the year 2255
  auto const whole = static_cast<std::int64_t>(seconds < 0 ? 0 : seconds > most ? most : seconds);
  return std::chrono::system_clock::time_point{} + std::chrono::seconds{whole};
}

/// A token that is fetched when it is needed and kept while it is good. Any number of threads may ask at once: one of
/// them fetches, the others wait for it. Before a token expires, a call that notices its age fetches the next one while
/// all others go on with the old one; there is no background thread. No lock is held while a token is fetched.
class TokenSource {
 public:
  /// `rejected`: a token that the server has refused, if any; it is not worth returning again.
  using Fetch = std::function<Token(CredentialsLimits const&, std::string_view rejected)>;

  /// `refresh_early`: fetch ahead of the expiry.
  TokenSource(Fetch fetch, std::shared_ptr<Clock> clock, bool refresh_early = true)
      : fetch_(std::move(fetch)), clock_(std::move(clock)), refresh_early_(refresh_early) {}

  /// A token that is good for 40 s at least.
  /// @throws what the fetch throws; Cancelled; AuthError where the time is over
  std::shared_ptr<Token const> token(CredentialsLimits const& limits);

  /// Drops the token where it is this one. @return whether the next token will be another one
  bool invalidate(std::string_view access_token);

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  using SystemTime = std::chrono::system_clock::time_point;

  // A token with the times, by both clocks, after which it is old and after which it is of no use. The steady clock
  // does not jump; the other one goes on while a laptop sleeps. The earlier one counts.
  struct Entry {
    Token token{};
    SteadyTime stale_steady = SteadyTime::max();
    SteadyTime expired_steady = SteadyTime::max();
    SystemTime stale_system = SystemTime::max();
    SystemTime expired_system = SystemTime::max();
  };
  enum class Age { fresh, stale, expired };

  // A fetch under way.
  struct Flight {
    bool done = false;
    std::shared_ptr<Entry const> entry{};
    SharedFailure failure{};
    // The failure is the fetching call's own affair: its time was over, or it was stopped.
    bool is_private = false;
  };

  struct State {
    std::mutex mutex;
    std::condition_variable_any landed;
    std::shared_ptr<Entry const> entry;
    std::shared_ptr<Flight> flight;
    SteadyTime next_early_try{};
    std::string rejected;
  };

  State& state() {
    return state_.get([] { return std::make_unique<State>(); });
  }
  Age age_of(Entry const& entry) const;
  Entry make_entry(Token token) const;
  /// What another call has fetched; null where that one only gave up for itself.
  std::shared_ptr<Entry const> wait_for(State& state, std::unique_lock<std::mutex>& lock,
                                        CredentialsLimits const& limits);
  /// Whether there is a new token; a failure ahead of time is none to the caller.
  bool fetch_now(State& state, std::unique_lock<std::mutex>& lock, CredentialsLimits const& limits, bool is_early);
  CredentialsLimits early_limits(CredentialsLimits const& limits) const;
  bool is_private_end(CredentialsLimits const& limits) const;

  Fetch const fetch_;
  std::shared_ptr<Clock> const clock_;
  bool const refresh_early_;
  PerProcess<State> state_;
};

}  // namespace lakebase::inline v0::detail
