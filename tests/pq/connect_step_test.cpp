// What a login waits for, and how it ends, fed by hand.

#include <vector>

#include <gmock/gmock.h>

#include "support/by_hand.hpp"

namespace lakebase::tests {
namespace {

using pq::detail::DialStep;
using pq::detail::Wait;
using ::testing::HasSubstr;
using Login = Conversation::Login;

// The waits of a whole login, each of which was fed what it asked for.
std::vector<Wait> waits_of(DialStep& step) {
  std::vector<Wait> waits;
  feed(step, step.next(begin), [&](Wait const& wait) {
    if (waits.empty() || waits.back() != wait) waits.push_back(wait);
    return true;
  });
  return waits;
}

TEST(ConnectStep, WaitsToWriteThenToRead) {
  FakeServer const server{{{}}};
  auto const dial = dial_to(server);
  DialStep step{dial};
  auto const waits = waits_of(step);
  ASSERT_GE(waits.size(), 2U);
  EXPECT_TRUE(waits[0].write && !waits[0].read);
  EXPECT_TRUE(waits[1].read && !waits[1].write);
  for (auto const& wait : waits) {
    EXPECT_GE(wait.socket, 0);
    EXPECT_EQ(wait.until, dial.deadline);
    EXPECT_TRUE(wait.stoppable);
  }
  auto const dialled = step.take();
  ASSERT_TRUE(dialled.session);
  EXPECT_TRUE(dialled.session->usable());
}

// Goes through a login, and ends it at each of its waits in turn.
template <class Check>
void end_at_each_wait(pq::detail::Woken const& end, Check&& check) {
  FakeServer const server{{{}}};
  for (int fed = 0;; ++fed) {
    SCOPED_TRACE(fed);
    DialStep step{dial_to(server)};
    auto wait = step.next(begin);
    for (int i = 0; i < fed && wait; ++i) {
      ASSERT_TRUE(comes(*wait));
      wait = step.next(ready);
    }
    if (!wait) {
      EXPECT_GE(fed, 3) << "to connect, to begin with TLS, to log in";
      return;
    }
    EXPECT_FALSE(step.next(end));
    check(step.take());
  }
}

TEST(ConnectStep, EndsAtEachOfItsTimeouts) {
  end_at_each_wait(timeout, [](pq::detail::Dialled const& dialled) {
    EXPECT_FALSE(dialled.session);
    EXPECT_FALSE(dialled.stopped);
    EXPECT_EQ(dialled.failure.facts.message, "timeout expired");
  });
}

TEST(ConnectStep, EndsAtEachStop) {
  end_at_each_wait(stopped, [](pq::detail::Dialled const& dialled) {
    EXPECT_FALSE(dialled.session);
    EXPECT_TRUE(dialled.stopped);
  });
}

TEST(ConnectStep, TellsWhatTheServerSaysAgainstIt) {
  FakeServer const server{{{.login = Login::error_after_password, .sqlstate = "28000", .message = "no such role"}}};
  DialStep step{dial_to(server)};
  feed(step, step.next(begin));
  auto const dialled = step.take();
  EXPECT_FALSE(dialled.session);
  EXPECT_TRUE(dialled.password_sent);
  EXPECT_EQ(dialled.failure.pg.sqlstate, "28000");
  EXPECT_THAT(dialled.failure.facts.message, HasSubstr("no such role"));
}

TEST(ConnectStep, CanBeDestroyedWhileItWaits) {
  FakeServer const server{{{}}};
  DialStep step{dial_to(server)};
  ASSERT_TRUE(step.next(begin));
}

}  // namespace
}  // namespace lakebase::tests
