#include "auth/token_source.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/testing/fake_clock.hpp>

#include "auth/auth_context.hpp"
#include "support/in_child.hpp"

namespace lakebase::detail {
namespace {

using namespace std::chrono_literals;

class TokenSourceTest : public ::testing::Test {
 protected:
  TokenSource source(std::chrono::seconds life, bool early = true) {
    return TokenSource{[this, life](CredentialsLimits const&, std::string_view rejected) {
                         last_rejected = rejected;
                         ++fetches;
                         if (fails) throw AuthError{"test", ErrorFacts{.message = "no"}};
                         return Token{.access_token = "t" + std::to_string(fetches.load()),
                                      .expiry = clock->system_now() + life};
                       },
                       clock, early};
  }

  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  std::atomic<int> fetches{0};
  std::atomic<bool> fails{false};
  std::string last_rejected;
};

struct Life {
  std::chrono::seconds life, stale_after;
};

TEST_F(TokenSourceTest, RefreshesAheadByTheRule) {
  for (auto const [life, stale_after] : {Life{3600s, 2400s}, Life{600s, 300s}, Life{90s, 45s}}) {
    fetches = 0;
    auto tokens = source(life);
    EXPECT_EQ(tokens.token({})->access_token, "t1");
    clock->advance(stale_after - 1s);
    EXPECT_EQ(tokens.token({})->access_token, "t1");
    clock->advance(1s);
    EXPECT_EQ(tokens.token({})->access_token, "t2") << life.count();
  }
}

TEST_F(TokenSourceTest, WithoutRefreshAheadATokenIsUsedTo40SecondsBeforeItsEnd) {
  auto tokens = source(3600s, false);
  tokens.token({});
  clock->advance(3559s);
  EXPECT_EQ(tokens.token({})->access_token, "t1");
  clock->advance(1s);
  EXPECT_EQ(tokens.token({})->access_token, "t2");
}

TEST_F(TokenSourceTest, AFailedRefreshAheadPausesAMinuteAndTheOldTokenIsUsed) {
  auto tokens = source(3600s);
  tokens.token({});
  clock->advance(2400s);
  fails = true;
  EXPECT_EQ(tokens.token({})->access_token, "t1");
  EXPECT_EQ(tokens.token({})->access_token, "t1");
  EXPECT_EQ(fetches, 2);
  clock->advance(60s);
  fails = false;
  EXPECT_EQ(tokens.token({})->access_token, "t3");
}

TEST_F(TokenSourceTest, AFailedFetchIsThrownAndTheNextCallTriesAgain) {
  auto tokens = source(3600s);
  fails = true;
  EXPECT_THROW(tokens.token({}), AuthError);
  fails = false;
  EXPECT_EQ(tokens.token({})->access_token, "t2");
}

TEST_F(TokenSourceTest, AShortLivedTokenIsUsedOnce) {
  auto tokens = source(2s);
  EXPECT_EQ(tokens.token({})->access_token, "t1");
  EXPECT_EQ(tokens.token({})->access_token, "t2");
}

TEST_F(TokenSourceTest, ATokenWithoutAnEndIsKept) {
  int count = 0;
  TokenSource tokens{
      [&](CredentialsLimits const&, std::string_view) { return Token{.access_token = std::to_string(++count)}; },
      clock};
  tokens.token({});
  clock->advance(std::chrono::hours{100000});
  EXPECT_EQ(tokens.token({})->access_token, "1");
}

TEST_F(TokenSourceTest, ARejectedTokenIsDroppedAndTheFetchIsTold) {
  auto tokens = source(3600s);
  tokens.token({});
  EXPECT_TRUE(tokens.invalidate("another one"));
  EXPECT_EQ(tokens.token({})->access_token, "t1");
  EXPECT_TRUE(tokens.invalidate("t1"));
  EXPECT_EQ(tokens.token({})->access_token, "t2");
  EXPECT_EQ(last_rejected, "t1");
}

TEST_F(TokenSourceTest, ManyThreadsAtTheMomentOfExpiryCauseOneFetch) {
  std::atomic<int> started{0};
  int count = 0;
  TokenSource tokens{[&](CredentialsLimits const&, std::string_view) {
                       ++count;
                       if (count > 1) std::this_thread::sleep_for(20ms);
                       return Token{.access_token = std::to_string(count), .expiry = clock->system_now() + 3600s};
                     },
                     clock};
  tokens.token({});
  clock->advance(3600s);
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 32; ++i) {
      threads.emplace_back([&] {
        ++started;
        while (started < 32) std::this_thread::yield();
        if (tokens.token({})->access_token == "2") ++good;
      });
    }
  }
  EXPECT_EQ(good, 32);
  EXPECT_EQ(count, 2);
}

TEST_F(TokenSourceTest, WaitersShareATokenThatLivesTooShortToBeKept) {
  std::atomic<int> waiting{0};
  std::atomic<int> count{0};
  TokenSource tokens{[&](CredentialsLimits const&, std::string_view) {
                       ++count;
                       while (waiting < 8) std::this_thread::yield();
                       std::this_thread::sleep_for(50ms);  // for the others to come to the wait
                       return Token{.access_token = "short", .expiry = clock->system_now() + 2s};
                     },
                     clock};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        ++waiting;
        EXPECT_EQ(tokens.token({})->access_token, "short");
      });
    }
  }
  EXPECT_EQ(count, 1);
}

TEST_F(TokenSourceTest, NoLockIsHeldWhileATokenIsFetched) {
  auto tokens = source(3600s);
  tokens.token({});
  TokenSource* all = nullptr;
  std::string seen;
  TokenSource asking{[&](CredentialsLimits const&, std::string_view) {
                       // Another thread gets the old token at once while this one fetches the next.
                       if (fetches > 1) std::jthread{[&] { seen = all->token({})->access_token; }}.join();
                       return Token{.access_token = std::to_string(++fetches), .expiry = clock->system_now() + 3600s};
                     },
                     clock};
  all = &asking;
  EXPECT_EQ(asking.token({})->access_token, "2");
  clock->advance(2400s);
  EXPECT_EQ(asking.token({})->access_token, "3");
  EXPECT_EQ(seen, "2");
}

TEST_F(TokenSourceTest, WaitersShareAnErrorButNotTheEndOfAnotherCall) {
  std::atomic<bool> entered{false};
  std::atomic<int> count{0};
  std::stop_source stop;
  TokenSource tokens{[&](CredentialsLimits const& limits, std::string_view) {
                       if (++count == 1) {
                         entered = true;
                         while (!limits.stop.stop_requested()) std::this_thread::yield();
                         throw Cancelled{"stopped"};
                       }
                       return Token{.access_token = "good", .expiry = clock->system_now() + 3600s};
                     },
                     clock};
  std::jthread leader{[&] { EXPECT_THROW(tokens.token({.stop = stop.get_token()}), Cancelled); }};
  while (!entered) std::this_thread::yield();
  std::jthread waiter{[&] { EXPECT_EQ(tokens.token({})->access_token, "good"); }};
  std::stop_source impatient;
  std::jthread other{[&] { EXPECT_THROW(tokens.token({.stop = impatient.get_token()}), Cancelled); }};
  std::this_thread::sleep_for(10ms);
  impatient.request_stop();
  other.join();
  stop.request_stop();
}

TEST_F(TokenSourceTest, AWaitEndsWithItsDeadline) {
  std::atomic<bool> entered{false};
  std::atomic<bool> leave{false};
  TokenSource tokens{[&](CredentialsLimits const&, std::string_view) {
                       entered = true;
                       while (!leave) std::this_thread::yield();
                       return Token{.access_token = "x"};
                     },
                     clock};
  std::jthread leader{[&] { tokens.token({}); }};
  while (!entered) std::this_thread::yield();
  EXPECT_THROW(tokens.token({.deadline = clock->now() + 20ms}), AuthError);
  leave = true;
}

TEST(HostFacts, AreKnownToTheChildOfAForkWhateverOtherThreadsDo) {
  HostFacts facts;
  facts.set_metadata("host", {.host_type = "workspace"}, HostFacts::SteadyTime::max());
  std::jthread const writer{[&](std::stop_token const& stop) {
    while (!stop.stop_requested()) facts.set_url("resource", "https://example.test");
  }};
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(tests::in_child([&] {
                static_cast<void>(facts.metadata("host", {}));  // perhaps not known, but no wait for the writer
                facts.set_url("resource", "https://child.test");
                return facts.url_of("resource") == "https://child.test" ? 0 : 1;
              }),
              0);
  }
}

TEST_F(TokenSourceTest, TheChildOfAForkFetchesItsOwn) {
  std::atomic<bool> entered{false};
  std::atomic<bool> leave{false};
  std::atomic<bool> is_child{false};
  TokenSource tokens{[&](CredentialsLimits const&, std::string_view) {
                       entered = true;
                       while (!leave && !is_child) std::this_thread::yield();
                       return Token{.access_token = "x"};
                     },
                     clock};
  std::jthread leader{[&] { tokens.token({}); }};
  while (!entered) std::this_thread::yield();
  auto const child = fork();  // while a fetch is under way, which will never end in the child
  if (child == 0) {
    is_child = true;
    _exit(tokens.token({})->access_token == "x" ? 0 : 1);
  }
  leave = true;
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace lakebase::detail
