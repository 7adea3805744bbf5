// What tidying up waits for, and for how long, fed by hand.

#include <gtest/gtest.h>

#include "pq/session/tidy_step.hpp"
#include "support/by_hand.hpp"

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using pq::detail::cancel_grace;
using pq::detail::pause_between_cancels;
using pq::detail::RollBackStep;
using pq::detail::Session;
using pq::detail::SettleStep;
using pq::detail::StatementStep;
using pq::detail::StatementWait;
using pq::detail::TidyStep;
using pq::detail::Wait;
using Login = Conversation::Login;

void run(Session& session, std::string const& sql) {
  StatementWait bounds{session};
  send(session, sql);
  StatementStep step{bounds};
  feed(step, step.next(begin));
}

// To read from the session, which nothing but the time ends.
Wait reading_until(Session const& session, pq::detail::Moment until) {
  return {PQsocket(session.native()), true, false, until, false};
}

TEST(TidyStep, SucceedsWithItsStatement) {
  FakeServer const server{{{}}};
  auto const session = session_at(server);
  TidyStep step{*session, "SELECT 1", some_moment};
  auto const wait = step.next(begin);
  EXPECT_EQ(wait, reading_until(*session, some_moment));
  feed(step, wait);
  EXPECT_TRUE(step.succeeded());
}

TEST(TidyStep, GivesTheSessionUpWithoutACancelWhenItsTimeEnds) {
  FakeServer const server{{{.on_query = [](std::string const&) { return std::optional{std::string{}}; }}}};
  auto const session = session_at(server);
  std::stop_source const stop;
  TidyStep step{*session, "SELECT 1", some_moment, stop.get_token()};
  auto const wait = step.next(begin);
  ASSERT_TRUE(wait);
  EXPECT_TRUE(wait->stoppable);
  EXPECT_FALSE(step.next(stopped));
  EXPECT_FALSE(step.succeeded());
  EXPECT_TRUE(session->broken());
  EXPECT_EQ(server.connections(), 1);
}

TEST(TidyStep, GivesASessionUpWhoseStatementEndsWithoutAResult) {
  FakeServer const server{{{.on_query = [](std::string const&) { return std::optional{message('Z', "I")}; }}}};
  auto const session = session_at(server);
  TidyStep step{*session, "SELECT 1", some_moment};
  feed(step, step.next(begin));
  EXPECT_FALSE(step.succeeded());
  EXPECT_TRUE(session->broken());
}

TEST(RollBackStep, WaitsForNothingOutsideOfATransaction) {
  FakeServer const server{{{}}};
  auto const session = session_at(server);
  RollBackStep step{*session};
  EXPECT_FALSE(step.next(begin));
  EXPECT_TRUE(step.succeeded());
}

TEST(RollBackStep, HasAGraceInATransaction) {
  FakeServer const server{{{}}};
  auto const session = session_at(server);
  run(*session, "BEGIN");
  RollBackStep step{*session};
  auto const wait = step.next(ready);
  EXPECT_EQ(wait, reading_until(*session, some_moment + cancel_grace));
  feed(step, wait);
  EXPECT_TRUE(step.succeeded());
  EXPECT_TRUE(session->outside_transaction());
}

TEST(RollBackStep, HasWhatAnInterruptedStatementLeftOfItsCallersPatience) {
  struct Case {
    std::chrono::milliseconds patience_left;
    std::chrono::milliseconds expected;
  };
  for (auto const& one : {Case{-10s, cancel_grace == 3s ? 3s : 0s}, Case{0s, 500ms}, Case{1s, 1s}}) {
    FakeServer const server{{{}}};
    auto const session = session_at(server);
    run(*session, "BEGIN");
    session->be_patient_until(some_moment + one.patience_left);
    RollBackStep step{*session};
    EXPECT_EQ(step.next(ready), reading_until(*session, some_moment + one.expected));
  }
}

TEST(RollBackStep, CancelsWhatIsUnderWayFirst) {
  FakeServer const* at = nullptr;
  auto const answer = [&](std::string const& sql) {
    if (sql == "SELECT 1") return end_when_cancelled(*at, 'E');
    return std::optional{command_complete(sql, sql == "BEGIN" ? 'T' : 'I')};
  };
  FakeServer const server{{{.on_query = answer}}};
  at = &server;
  auto const session = session_at(server);
  run(*session, "BEGIN");
  send(*session, "SELECT 1");
  RollBackStep step{*session};
  auto wait = step.next(ready);
  ASSERT_TRUE(wait);
  EXPECT_NE(wait->socket, PQsocket(session->native()));
  EXPECT_EQ(wait->until, some_moment + 2s);
  wait = feed(step, wait, [&](Wait const& of) { return of.socket != PQsocket(session->native()); });
  EXPECT_EQ(wait, reading_until(*session, some_moment + pause_between_cancels));
  wait = feed(step, wait, [&](Wait const& of) { return of.until == some_moment + pause_between_cancels; });
  EXPECT_EQ(wait, reading_until(*session, some_moment + 500ms)) << "for ROLLBACK";
  feed(step, wait);
  EXPECT_TRUE(step.succeeded());
  EXPECT_EQ(server.cancels(), 1);
}

TEST(RollBackStep, RollsBackTwiceAndThenGivesTheSessionUp) {
  int rollbacks = 0;
  auto const answer = [&](std::string const& sql) {
    rollbacks += sql == "ROLLBACK";
    return std::optional{command_complete(sql, 'T')};
  };
  FakeServer const server{{{.on_query = answer}}};
  auto const session = session_at(server);
  run(*session, "BEGIN");
  RollBackStep step{*session};
  feed(step, step.next(begin));
  EXPECT_FALSE(step.succeeded());
  EXPECT_EQ(rollbacks, 2);
  EXPECT_TRUE(session->broken());
}

TEST(RollBackStep, GivesTheSessionUpWhenItsTimeEnds) {
  auto const answer = [](std::string const& sql) {
    return std::optional{sql == "BEGIN" ? command_complete("BEGIN", 'T') : std::string{}};
  };
  FakeServer const server{{{.on_query = answer}}};
  auto const session = session_at(server);
  run(*session, "BEGIN");
  RollBackStep step{*session};
  ASSERT_TRUE(step.next(begin));
  EXPECT_FALSE(step.next(timeout));
  EXPECT_FALSE(step.succeeded());
  EXPECT_TRUE(session->broken());
  EXPECT_EQ(server.connections(), 1) << "nothing is cancelled for that";
}

TEST(SettleStep, DiscardsWhatWasSetAfterItRolledBack) {
  std::vector<std::string> statements;
  auto const answer = [&](std::string const& sql) {
    statements.push_back(sql);
    return std::optional{command_complete(sql, sql == "BEGIN" ? 'T' : 'I')};
  };
  FakeServer const server{{{.on_query = answer}}};
  auto const session = session_at(server);
  run(*session, "BEGIN");
  SettleStep step{*session, true};
  feed(step, step.next(begin));
  EXPECT_TRUE(step.succeeded());
  EXPECT_EQ(statements, (std::vector<std::string>{"BEGIN", "ROLLBACK", "DISCARD ALL"}));
}

TEST(SettleStep, WaitsForNothingIfThereIsNothingToDo) {
  FakeServer const server{{{}}};
  auto const session = session_at(server);
  SettleStep step{*session, false};
  EXPECT_FALSE(step.next(begin));
  EXPECT_TRUE(step.succeeded());
}

TEST(SettleStep, RefusesASessionThatALateCancelMayHit) {
  FakeServer const server{{{}}};
  auto const session = session_at(server);
  static_cast<void>(session->begin_cancel(some_moment));
  SettleStep step{*session, true};
  EXPECT_FALSE(step.next(begin));
  EXPECT_FALSE(step.succeeded());
}

TEST(SettleStep, RefusesASessionWhoseStatementIsUnderWay) {
  FakeServer const server{{{}}};
  auto const session = session_at(server);
  send(*session, "SELECT 1");
  SettleStep step{*session, true};
  EXPECT_FALSE(step.next(begin));
  EXPECT_FALSE(step.succeeded());
}

}  // namespace
}  // namespace lakebase::tests
