#include <atomic>
#include <cstdint>
#include <latch>
#include <limits>
#include <system_error>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/error.hpp>
#include <lakebase/pq/credential_provider.hpp>
#include <lakebase/testing/fake_clock.hpp>

#include "support/in_child.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using lakebase::testing::FakeClock;

// Mints planted-token-1, -2, …, each valid for `life` from the clock's now on.
struct Minter {
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::atomic<int> mints = 0;
  std::atomic<bool> fails = false;
  std::chrono::nanoseconds life = 1h;

  Mint mint() {
    return [this](CredentialsLimits const&) {
      int const number = ++mints;
      if (fails) throw AuthError("test", ErrorFacts{.message = "no mint"});
      return MintedToken{"planted-token-" + std::to_string(number),
                         clock->system_now() + std::chrono::duration_cast<std::chrono::system_clock::duration>(life)};
    };
  }
};

TEST(CachingCredentials, MintNothingBeforeTheFirstUse) {
  Minter minter;
  CachingCredentialProvider provider{minter.mint(), {}, minter.clock};
  EXPECT_EQ(minter.mints, 0);
  EXPECT_EQ(provider.get({}).password, "planted-token-1");
  EXPECT_EQ(provider.get({}).password, "planted-token-1");
  EXPECT_EQ(minter.mints, 1);
}

TEST(CachingCredentials, AThousandThreadsCauseOneMint) {
  auto const clock = std::make_shared<FakeClock>();
  std::atomic<int> mints = 0;
  CachingCredentialProvider provider{[&](CredentialsLimits const&) {
                                       ++mints;
                                       std::this_thread::sleep_for(50ms);
                                       return MintedToken{"planted-token", clock->system_now() + 1h};
                                     },
                                     {},
                                     clock};
  constexpr int wanted = 1000;
  int count = 0;
  std::latch start{wanted};
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(wanted);
    try {
      for (; count < wanted; ++count) {
        threads.emplace_back([&] {
          start.arrive_and_wait();
          if (provider.get({}).password == "planted-token") ++good;
        });
      }
    } catch (std::system_error const&) {  // a machine of 32 bits has no room for so many stacks
      start.count_down(wanted - count);
    }
  }
  EXPECT_GT(count, 1);
  EXPECT_EQ(good, count);
  EXPECT_EQ(mints, 1);
}

TEST(CachingCredentials, RefreshAheadInOneCallerWhileOthersKeepTheOldToken) {
  auto const clock = std::make_shared<FakeClock>();
  std::latch minting{1};
  std::latch go_on{1};
  int mints = 0;
  CachingCredentialProvider provider{
      [&](CredentialsLimits const&) {
        if (++mints == 2) {
          minting.count_down();
          go_on.wait();
        }
        return MintedToken{"planted-token-" + std::to_string(mints), clock->system_now() + 1h};
      },
      {},
      clock};
  EXPECT_EQ(provider.get({}).password, "planted-token-1");
  clock->advance(47min);
  EXPECT_EQ(provider.get({}).password, "planted-token-1");
  clock->advance(2min);
  std::jthread const refresher{[&] { EXPECT_EQ(provider.get({}).password, "planted-token-2"); }};
  minting.wait();
  EXPECT_EQ(provider.get({}).password, "planted-token-1");
  go_on.count_down();
}

TEST(CachingCredentials, DropWhatAnObserverThrows) {
  Minter minter;
  RefreshPolicy policy;
  policy.on_event = [](CredentialEvent const&) { throw std::runtime_error{"a broken observer breaks no login"}; };
  CachingCredentialProvider provider{minter.mint(), policy, minter.clock};
  EXPECT_EQ(provider.get({}).password, "planted-token-1");
  EXPECT_TRUE(provider.invalidate("planted-token-1"));
  EXPECT_EQ(provider.get({}).password, "planted-token-2");
}

TEST(CachingCredentials, KeepTheTokenWhereARefreshFailsAndThrowOnceItIsTooOld) {
  Minter minter;
  std::vector<CredentialEvent::Kind> events;
  RefreshPolicy policy;
  policy.on_event = [&](CredentialEvent const& event) {
    events.push_back(event.kind);
    EXPECT_THAT(event.message, ::testing::Not(::testing::HasSubstr("planted")));
  };
  CachingCredentialProvider provider{minter.mint(), policy, minter.clock};
  provider.get({});
  minter.fails = true;
  minter.clock->advance(50min);
  EXPECT_EQ(provider.get({}).password, "planted-token-1");
  EXPECT_EQ(provider.get({}).password, "planted-token-1");  // no second try within the pause
  EXPECT_EQ(minter.mints, 2);
  minter.clock->advance(8min + 1s);
  EXPECT_THROW(provider.get({}), AuthError);
  EXPECT_THROW(provider.get({}), AuthError);
  EXPECT_EQ(minter.mints, 3);
  minter.fails = false;
  minter.clock->advance(1s);
  EXPECT_EQ(provider.get({}).password, "planted-token-4");
  using Kind = CredentialEvent::Kind;
  EXPECT_THAT(events, ::testing::ElementsAre(Kind::minted, Kind::refresh_failed, Kind::mint_failed, Kind::minted));
}

TEST(CachingCredentials, AreNotHandedOutInTheirLastTwoMinutes) {
  Minter minter;
  RefreshPolicy policy;
  policy.refresh_at = 1;
  CachingCredentialProvider provider{minter.mint(), policy, minter.clock};
  provider.get({});
  minter.clock->advance(57min + 59s);
  EXPECT_EQ(provider.get({}).password, "planted-token-1");
  minter.clock->advance(2s);
  EXPECT_EQ(provider.get({}).password, "planted-token-2");
}

TEST(CachingCredentials, WorkWithTokensThatLiveForSeconds) {
  Minter minter;
  minter.life = 5s;
  CachingCredentialProvider provider{minter.mint(), {}, minter.clock};
  EXPECT_EQ(provider.get({}).password, "planted-token-1");
  minter.clock->advance(3s);
  EXPECT_EQ(provider.get({}).password, "planted-token-1");
  minter.clock->advance(1600ms);
  EXPECT_EQ(provider.get({}).password, "planted-token-2");
}

TEST(CachingCredentials, AreGuardedAgainstAClockThatIsWrong) {
  Minter ahead;
  ahead.life = -30min;  // the local clock is 90 minutes ahead
  CachingCredentialProvider cautious{ahead.mint(), {}, ahead.clock};
  cautious.get({});
  ahead.clock->advance(3min);
  EXPECT_EQ(cautious.get({}).password, "planted-token-1");
  ahead.clock->advance(2min);
  EXPECT_EQ(cautious.get({}).password, "planted-token-2");

  Minter behind;
  behind.life = 24h;  // the local clock is 23 hours behind
  CachingCredentialProvider bounded{behind.mint(), {}, behind.clock};
  bounded.get({});
  behind.clock->advance(1h);
  EXPECT_EQ(bounded.get({}).password, "planted-token-2");
}

TEST(CachingCredentials, InvalidateOnlyTheCurrentToken) {
  Minter minter;
  CachingCredentialProvider provider{minter.mint(), {}, minter.clock};
  provider.get({});
  EXPECT_TRUE(provider.invalidate("planted-token-1"));
  EXPECT_EQ(provider.get({}).password, "planted-token-2");
  EXPECT_TRUE(provider.invalidate("planted-token-1"));  // somebody was late to complain
  EXPECT_EQ(provider.get({}).password, "planted-token-2");
  EXPECT_EQ(provider.statistics().invalidated, 1U);
}

TEST(CachingCredentials, BackOffWhereTheReplacementIsRefusedToo) {
  Minter minter;
  CachingCredentialProvider provider{minter.mint(), {}, minter.clock};
  EXPECT_TRUE(provider.invalidate(provider.get({}).password));
  EXPECT_FALSE(provider.invalidate(provider.get({}).password));
  EXPECT_FALSE(provider.invalidate("planted-token-2"));  // of another caller, who had the same one
  EXPECT_THROW(provider.get({}), AuthError);
  EXPECT_EQ(minter.mints, 2);
  minter.clock->advance(5s);
  EXPECT_EQ(provider.get({}).password, "planted-token-3");
  minter.clock->advance(10min);  // it was good for a while, so this is another matter
  EXPECT_TRUE(provider.invalidate("planted-token-3"));
  EXPECT_EQ(provider.get({}).password, "planted-token-4");
}

TEST(CachingCredentials, PauseAfterAFailureForAsLongAsTheyAreTold) {
  Minter minter;
  CachingCredentialProvider provider{minter.mint(), {.pause_after_failure = 10s}, minter.clock};
  minter.fails = true;
  EXPECT_THROW(provider.get({}), AuthError);
  minter.fails = false;
  minter.clock->advance(9s);
  EXPECT_THROW(provider.get({}), AuthError);
  EXPECT_EQ(minter.mints, 1);
  minter.clock->advance(1s);
  EXPECT_EQ(provider.get({}).password, "planted-token-2");
}

TEST(CachingCredentials, PauseAfterARefusalForAsLongAsTheyAreTold) {
  Minter minter;
  CachingCredentialProvider provider{minter.mint(), {.pause_after_refusal = 1min}, minter.clock};
  EXPECT_TRUE(provider.invalidate(provider.get({}).password));
  EXPECT_FALSE(provider.invalidate(provider.get({}).password));
  minter.clock->advance(59s);
  EXPECT_THROW(provider.get({}), AuthError);
  minter.clock->advance(1s);
  EXPECT_EQ(provider.get({}).password, "planted-token-3");
}

TEST(CachingCredentials, WaitTenSecondsForARefreshAheadOfNeed) {
  auto const clock = std::make_shared<FakeClock>();
  std::vector<CredentialsLimits> seen;
  CachingCredentialProvider provider{[&](CredentialsLimits const& limits) {
                                       seen.push_back(limits);
                                       return MintedToken{"planted-token", clock->system_now() + 1h};
                                     },
                                     {},
                                     clock};
  auto const deadline = clock->now() + 2h;
  provider.get({.deadline = deadline});
  clock->advance(50min);
  auto const refreshed = clock->now();
  provider.get({.deadline = deadline});
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].deadline, deadline);
  EXPECT_EQ(seen[1].deadline, refreshed + 10s);
}

TEST(CachingCredentials, ShareAFailureAmongThoseWhoWaited) {
  auto const clock = std::make_shared<FakeClock>();
  std::atomic<int> mints = 0;
  CachingCredentialProvider provider{[&](CredentialsLimits const&) -> MintedToken {
                                       ++mints;
                                       std::this_thread::sleep_for(50ms);
                                       throw AuthError("test", ErrorFacts{.message = "no"});
                                     },
                                     {},
                                     clock};
  std::atomic<int> failed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 20; ++i) {
      threads.emplace_back([&] {
        try {
          provider.get({});
        } catch (AuthError const&) {
          ++failed;
        }
      });
    }
  }
  EXPECT_EQ(failed, 20);
  EXPECT_EQ(mints, 1);
}

TEST(CachingCredentials, WaitNoLongerThanTheyMay) {
  auto const clock = make_system_clock();
  std::latch started{1};
  std::latch end{1};
  CachingCredentialProvider provider{[&](CredentialsLimits const&) {
                                       started.count_down();
                                       end.wait();
                                       return MintedToken{"planted-token", clock->system_now() + 1h};
                                     },
                                     {},
                                     clock};
  std::jthread const first{[&] { provider.get({}); }};
  started.wait();
  EXPECT_THROW(provider.get({.deadline = clock->now() + 20ms}), AuthError);
  std::stop_source stop;
  std::jthread const stopper{[&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  }};
  EXPECT_THROW(provider.get({.stop = stop.get_token()}), Cancelled);
  end.count_down();
}

TEST(CachingCredentials, DoNotFailForOneCallersImpatience) {
  auto const clock = make_system_clock();
  int mints = 0;
  std::latch started{1};
  CachingCredentialProvider provider{[&](CredentialsLimits const& limits) {
                                       if (++mints == 1) {
                                         started.count_down();
                                         while (!limits.stop.stop_requested()) std::this_thread::sleep_for(1ms);
                                         throw Cancelled("stopped");
                                       }
                                       return MintedToken{"planted-token", clock->system_now() + 1h};
                                     },
                                     {},
                                     clock};
  std::stop_source stop;
  std::jthread const impatient{[&] { EXPECT_THROW(provider.get({.stop = stop.get_token()}), Cancelled); }};
  started.wait();
  std::jthread const patient{[&] { EXPECT_EQ(provider.get({}).password, "planted-token"); }};
  std::this_thread::sleep_for(10ms);
  stop.request_stop();
}

TEST(CachingCredentials, EndTheCallThatWasStoppedThoughAnotherOneLandsMeanwhile) {
  auto const clock = make_system_clock();
  std::stop_source stop;
  int mints = 0;
  CachingCredentialProvider* shared = nullptr;
  std::string of_the_other;
  RefreshPolicy policy;
  policy.on_event = [&](CredentialEvent const& event) {
    if (event.kind == CredentialEvent::Kind::mint_failed) of_the_other = shared->get({}).password;
  };
  CachingCredentialProvider provider{[&](CredentialsLimits const&) {
                                       if (++mints == 1) {
                                         stop.request_stop();
                                         throw Cancelled("stopped");
                                       }
                                       return MintedToken{"planted-token", clock->system_now() + 1h};
                                     },
                                     policy, clock};
  shared = &provider;
  EXPECT_THROW(provider.get({.stop = stop.get_token()}), Cancelled);
  EXPECT_EQ(of_the_other, "planted-token");
}

TEST(CachingCredentials, AreMintedByTheChildWhereAForkFellIntoAMint) {
  auto const clock = std::make_shared<FakeClock>();
  std::atomic<bool> is_child = false;
  std::latch minting{1};
  std::latch go_on{1};
  CachingCredentialProvider provider{[&](CredentialsLimits const&) {
                                       if (is_child) return MintedToken{"planted-of-child", clock->system_now() + 1h};
                                       minting.count_down();
                                       go_on.wait();
                                       return MintedToken{"planted-of-parent", clock->system_now() + 1h};
                                     },
                                     {},
                                     clock};
  std::jthread const parent{[&] { EXPECT_EQ(provider.get({}).password, "planted-of-parent"); }};
  minting.wait();
  EXPECT_EQ(in_child([&] {
              is_child = true;
              bool const good = provider.get({.deadline = clock->now() + 1h}).password == "planted-of-child";
              bool const counted = provider.statistics().mints == 1;
              return good && counted && provider.invalidate("planted-of-child") ? 0 : 1;
            }),
            0);
  go_on.count_down();
}

TEST(CachingCredentials, AreSharedWithTheChildOfAFork) {
  Minter minter;
  CachingCredentialProvider provider{minter.mint(), {}, minter.clock};
  provider.get({});
  EXPECT_EQ(in_child([&] { return provider.get({}).password == "planted-token-1" && minter.mints == 1 ? 0 : 1; }), 0);
}

TEST(CachingCredentials, TakeAnySpan) {
  for (auto const span : {std::chrono::nanoseconds::max(), 0ns, -1ns, std::chrono::nanoseconds::min()}) {
    Minter minter;
    minter.fails = true;
    RefreshPolicy const policy{
        .reserve = span, .longest_life = span, .pause_after_failure = span, .pause_after_refusal = span};
    CachingCredentialProvider provider{minter.mint(), policy, minter.clock};
    EXPECT_THROW(provider.get({.deadline = minter.clock->now() + 1s}), AuthError);
    EXPECT_THROW(provider.get({}), AuthError);
    EXPECT_EQ(minter.mints, span > 0ns ? 1 : 2);
    minter.fails = false;
    minter.clock->advance(std::chrono::hours{24 * 365 * 200});
    if (span > 0ns) continue;  // it rests for ever
    EXPECT_EQ(provider.get({}).password, "planted-token-3");
    EXPECT_EQ(provider.get({}).password, "planted-token-4") << "no life is believed in";
  }
}

TEST(CachingCredentials, TakeAnyExpiry) {
  for (auto const seconds : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{9'300'000'000},
                             std::numeric_limits<std::int64_t>::max()}) {
    CachingCredentialProvider provider{[&](CredentialsLimits const&) {
                                         return MintedToken{"planted-token", Timestamp::of(seconds, 999'999'999)};
                                       },
                                       {},
                                       std::make_shared<FakeClock>()};
    EXPECT_EQ(provider.get({}).password, "planted-token");
    EXPECT_EQ(provider.get({}).password, "planted-token");
    EXPECT_EQ(provider.statistics().mints, 1U) << seconds;
  }
}

TEST(PasswordCredentials, CannotBeReplaced) {
  auto const provider = make_password_credentials("planted-password");
  EXPECT_FALSE(provider->get({}).is_token);
  EXPECT_FALSE(provider->invalidate("planted-password"));
}

}  // namespace
}  // namespace lakebase::tests
