// What a Listener does, against a real server.

#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/pq/pq.hpp>
#include <lakebase/testing/fake_clock.hpp>

#include "support/local_postgres.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;
using SystemClock = std::chrono::system_clock;

ConnectionSource source_named(std::string const& application) {
  auto source = LocalPostgres::instance().source();
  source.parameters.application_name = application;
  return source;
}

Connection helper() {
  return connect(LocalPostgres::instance().source());
}

void notify(std::string const& channel, std::string const& payload) {
  helper().exec("SELECT pg_notify($1, $2)", {channel, payload});
}

std::int64_t sessions_named(Connection& by, std::string const& application) {
  return by.exec("SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", {application})
      .value<std::int64_t>();
}

// Ends all sessions of an application, and waits until they are gone.
void terminate_all(std::string const& application) {
  auto by = helper();
  by.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", {application});
  while (sessions_named(by, application) > 0) std::this_thread::sleep_for(1ms);
}

// The next thing that it tells, as text: a payload, or `gap`.
std::string tell(Listener& listener) {
  auto const heard = listener.next({.timeout = 20s});
  if (!heard) return "nothing";
  auto const* const notification = std::get_if<Notification>(&*heard);
  return notification != nullptr ? notification->channel + '=' + notification->payload : "gap";
}

TEST(PgListener, HearsAllOfItsChannelsAndNoOthers) {
  Listener listener{source_named("hears")};
  EXPECT_EQ(listener.state(), ListenerState::idle);
  listener.listen("orders");
  listener.listen("odd \"channel\"");
  listener.listen("orders");
  EXPECT_EQ(listener.state(), ListenerState::listening);
  EXPECT_THAT(listener.channels(), ElementsAre("odd \"channel\"", "orders"));
  notify("orders", "1");
  notify("Orders", "2");
  notify("odd \"channel\"", "3");
  EXPECT_EQ(tell(listener), "orders=1");
  EXPECT_EQ(tell(listener), "odd \"channel\"=3");
  EXPECT_FALSE(listener.next({.timeout = 1ms}));
  notify("orders", "4");
  notify("odd \"channel\"", "5");
  listener.unlisten("orders");  // and what is under way
  EXPECT_EQ(tell(listener), "odd \"channel\"=5");
}

TEST(PgListener, RefusesNamesThatPostgresqlWouldCut) {
  Listener listener{source_named("names")};
  EXPECT_THROW(listener.listen(""), InvalidArgument);
  EXPECT_THROW(listener.listen(std::string(64, 'c')), InvalidArgument);
  EXPECT_THROW(listener.listen(std::string_view{"a\0b", 3}), InvalidArgument);
  EXPECT_THROW(static_cast<void>(listener.next({.timeout = 1ms})), InvalidArgument);  // no channel
  std::string const longest(63, 'c');
  listener.listen(longest);
  notify(longest, "here");
  EXPECT_EQ(tell(listener), longest + "=here");
}

TEST(PgListener, HasAConnectionOnlyWhileItHasAChannel) {
  auto by = helper();
  Listener listener{source_named("only-while")};
  EXPECT_EQ(sessions_named(by, "only-while"), 0);
  listener.listen("a");
  listener.listen("b");
  EXPECT_EQ(sessions_named(by, "only-while"), 1);
  listener.unlisten("b");
  EXPECT_EQ(sessions_named(by, "only-while"), 1);
  listener.unlisten("a");
  EXPECT_EQ(listener.state(), ListenerState::idle);
  while (sessions_named(by, "only-while") > 0) std::this_thread::sleep_for(1ms);
  listener.listen("a");
  EXPECT_EQ(sessions_named(by, "only-while"), 1);
  notify("a", "again");
  EXPECT_EQ(tell(listener), "a=again");
}

TEST(PgListener, SendsNothingWhileItWaits) {
  auto by = helper();
  Listener listener{source_named("quiet")};
  listener.listen("quiet");
  auto const last_change = [&] {
    return by.exec("SELECT state_change::text FROM pg_stat_activity WHERE application_name = 'quiet'")
        .value<std::string>();
  };
  auto const before = last_change();
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(listener.next({.timeout = 5ms}));
  EXPECT_EQ(last_change(), before);
}

TEST(PgListener, TellsTheGapWhenItsSessionHasEnded) {
  std::vector<ListenerEvent> events;
  Listener listener{source_named("ended"), {.on_event = [&](ListenerEvent const& event) { events.push_back(event); }}};
  listener.listen("a");
  listener.listen("b");
  auto const before = SystemClock::now();
  terminate_all("ended");
  auto const heard = listener.next({.timeout = 20s});
  auto const after = SystemClock::now();
  ASSERT_TRUE(heard && std::holds_alternative<NotificationGap>(*heard));
  auto const& gap = std::get<NotificationGap>(*heard);
  EXPECT_THAT(gap.since, Le(before));
  EXPECT_THAT(gap.until, AllOf(Ge(before), Le(after)));
  EXPECT_THAT(gap.reason, HasSubstr("terminating connection"));
  notify("a", "1");
  notify("b", "2");
  EXPECT_EQ(tell(listener), "a=1");
  EXPECT_EQ(tell(listener), "b=2");
  ASSERT_THAT(events, SizeIs(4));
  EXPECT_EQ(events[0].state, ListenerState::connecting);
  EXPECT_EQ(events[1].state, ListenerState::listening);
  EXPECT_EQ(events[2].state, ListenerState::connecting);
  EXPECT_EQ(events[2].reason, gap.reason);
  EXPECT_EQ(events[3].state, ListenerState::listening);
}

TEST(PgListener, HandsOverWhatCameBeforeTheEnd) {
  Listener listener{source_named("before")};
  listener.listen("c");
  auto by = helper();
  auto transaction = by.begin();
  for (int i = 0; i < 3; ++i) transaction.exec("SELECT pg_notify('c', $1)", {std::to_string(i)});
  transaction.commit();
  EXPECT_EQ(tell(listener), "c=0");  // so the others have been sent, too
  terminate_all("before");
  EXPECT_EQ(tell(listener), "c=1");
  EXPECT_EQ(tell(listener), "c=2");
  EXPECT_EQ(tell(listener), "gap");
}

TEST(PgListener, TellsTheGapAlsoWhenItIsCalledForAnotherChannelFirst) {
  Listener listener{source_named("another")};
  listener.listen("a");
  terminate_all("another");
  listener.listen("b");
  EXPECT_EQ(listener.state(), ListenerState::listening);
  EXPECT_EQ(tell(listener), "gap");
  terminate_all("another");
  listener.unlisten("b");
  EXPECT_EQ(tell(listener), "gap");
  notify("a", "1");
  EXPECT_EQ(tell(listener), "a=1");
}

TEST(PgListener, KeepsTheGapWhileTheServerIsAway) {
  auto& server = LocalPostgres::instance();
  Listener listener{source_named("away"), {.connect = {.timeout = 4s, .attempt_timeout = 2s}}};
  listener.listen("a");
  server.stop();
  EXPECT_FALSE(listener.next({.timeout = 50ms}));
  EXPECT_EQ(listener.state(), ListenerState::connecting);
  EXPECT_FALSE(listener.next({.timeout = 0ns}));
  EXPECT_THROW(listener.listen("b", {.timeout = 50ms}), ConnectionError);
  EXPECT_THAT(listener.channels(), ElementsAre("a"));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(static_cast<void>(listener.next({.stop = stop.get_token()})), Cancelled);
  server.start();
  EXPECT_EQ(tell(listener), "gap");
  notify("a", "1");
  EXPECT_EQ(tell(listener), "a=1");
}

TEST(PgListener, PausesBetweenAttemptsThatFailAtOnce) {
  auto& server = LocalPostgres::instance();
  auto const clock = std::make_shared<lakebase::testing::FakeClock>();
  Listener listener{source_named("pauses"), {.connect = {.max_attempts = 1, .clock = clock}}};
  listener.listen("a");
  server.stop();
  EXPECT_FALSE(listener.next({.timeout = 60s}));
  EXPECT_THAT(clock->sleeps(), AllOf(SizeIs(Le(200U)), SizeIs(Ge(30U)), Each(Le(2s))));
  server.start();
  EXPECT_EQ(tell(listener), "gap");
}

TEST(PgListener, EndsItsWaitAtAStopRequest) {
  Listener listener{source_named("stopped")};
  listener.listen("a");
  std::stop_source stop;
  {
    std::jthread const stopper{[&] { stop.request_stop(); }};
    EXPECT_THROW(static_cast<void>(listener.next({.stop = stop.get_token()})), Cancelled);
  }
  int calls = 0;
  listener.run([&](Notification const&) { ++calls; }, [&](NotificationGap const&) { ++calls; }, stop.get_token());
  EXPECT_EQ(calls, 0);
}

TEST(PgListener, CallsAFunctionForEachUntilNoChannelIsLeft) {
  Listener listener{source_named("runs")};
  listener.listen("a");
  notify("a", "1");
  std::vector<std::string> told;
  listener.run(
      [&](Notification const& notification) {
        told.push_back(notification.payload);
        if (notification.payload == "1") {
          listener.listen("b");
          terminate_all("runs");
        } else {
          listener.unlisten("a");
          listener.unlisten("b");
        }
      },
      [&](NotificationGap const&) {
        told.emplace_back("gap");
        notify("b", "2");
      });
  EXPECT_THAT(told, ElementsAre("1", "gap", "2"));
}

TEST(PgListener, DoesNotWakeItsEndpointUnlessItIsTo) {
  auto const clock = std::make_shared<lakebase::testing::FakeClock>();
  int asked = 0;
  auto source = source_named("sleeps");
  source.ask_running = [&](std::chrono::nanoseconds, std::stop_token const&) { return ++asked == 4; };
  std::vector<ListenerState> states;
  Listener listener{
      source,
      {.connect = {.clock = clock}, .wake = false, .look_interval = 7s, .on_event = [&](ListenerEvent const& event) {
         states.push_back(event.state);
       }}};
  listener.listen("a");
  EXPECT_EQ(asked, 0);
  terminate_all("sleeps");
  auto by = helper();
  EXPECT_FALSE(listener.next({.timeout = 6s}));
  EXPECT_EQ(asked, 0);
  EXPECT_FALSE(listener.next({.timeout = 6s}));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(listener.state(), ListenerState::asleep);
  EXPECT_EQ(sessions_named(by, "sleeps"), 0);
  EXPECT_EQ(tell(listener), "gap");
  EXPECT_EQ(asked, 4);
  using enum ListenerState;
  EXPECT_THAT(states, ElementsAre(connecting, listening, connecting, asleep, connecting, listening));
}

TEST(PgListener, WaitsUntilTheServiceKnows) {
  auto const clock = std::make_shared<lakebase::testing::FakeClock>();
  int asked = 0;
  auto source = source_named("unsure");
  source.ask_running = [&](std::chrono::nanoseconds, std::stop_token const&) {
    if (++asked < 3) throw TemporarilyUnavailable{ErrorFacts{.message = "later"}};
    return true;
  };
  Listener listener{source, {.connect = {.clock = clock}, .wake = false}};
  listener.listen("a");
  terminate_all("unsure");
  EXPECT_EQ(tell(listener), "gap");
  EXPECT_EQ(asked, 3);
  EXPECT_THAT(clock->sleeps(), ElementsAre(5s, 5s, 5s));
}

TEST(PgListener, RefusesSourcesThatItCannotListenAt) {
  EXPECT_THROW(static_cast<void>(Listener{source_named("blind"), {.wake = false}}), ConfigError);
  auto pooled = source_named("pooled");
  pooled.parameters.pooled = true;
  EXPECT_THROW(static_cast<void>(Listener{pooled}), ConfigError);
  auto nobody = source_named("nobody");
  nobody.parameters.dbname = "no such database";
  Listener listener{nobody};
  EXPECT_THROW(listener.listen("a"), ConnectionError);
  EXPECT_EQ(listener.state(), ListenerState::idle);
  EXPECT_THAT(listener.channels(), IsEmpty());
}

}  // namespace
}  // namespace lakebase::tests
