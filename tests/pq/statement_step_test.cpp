// What a statement waits for, and what it does when a bound is hit, fed by hand.

#include <gmock/gmock.h>

#include "pq/session/statement_step.hpp"
#include "support/by_hand.hpp"

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using pq::detail::cancel_grace;
using pq::detail::CopyPieceStep;
using pq::detail::FlushStep;
using pq::detail::pause_between_cancels;
using pq::detail::ResultStep;
using pq::detail::Session;
using pq::detail::StatementStep;
using pq::detail::StatementWait;
using pq::detail::Wait;
using pq::detail::Woken;
using ::testing::HasSubstr;
using Login = Conversation::Login;
using Interrupted = StatementWait::Interrupted;

// When a bound is hit, the request to cancel has this long, and the server until the end of the grace.
constexpr auto cancel_ends = some_moment + 2s;
constexpr auto grace_ends = some_moment + cancel_grace;
// A server that took the request and does not react is asked again then.
constexpr auto asks_again = some_moment + pause_between_cancels;
constexpr Woken end_of_grace{.by = timeout.by, .at = grace_ends};

// Takes statements, and says nothing to them.
Conversation silence() {
  return {.on_query = [](std::string const&) { return std::optional{std::string{}}; }};
}

// Answers a statement, and from then on reads nothing more and sends notices.
Conversation deaf(std::string const& first_answer) {
  return {.on_query = [first_answer](std::string const&) { return std::optional{first_answer}; },
          .drip = 'N' + error_message("NOTICE", "00000", "still here").substr(1),
          .drip_pause = 5ms};
}

// PostgreSQL's message for the start of a copy: `G` in, `H` out, `W` both ways.
std::string copy_response(char kind) {
  return message(kind, std::string{"\0\0\1\0\0", 5});
}

std::string const more_than_a_socket_takes(32U << 20U, 'x');

bool is_of(std::optional<Wait> const& wait, Session const& session) {
  return wait && wait->socket == PQsocket(session.native());
}

// Feeds what goes over other sockets than the session's.
template <class Step>
std::optional<Wait> cancel_by(Step& step, std::optional<Wait> wait, Session const& session) {
  return feed(step, wait, [&](Wait const& of) {
    if (is_of(of, session)) return false;
    EXPECT_EQ(of.until, cancel_ends);
    EXPECT_FALSE(of.stoppable);
    return true;
  });
}

TEST(StatementStep, WaitsToReadWithinItsBounds) {
  FakeServer const server{{{}}};
  auto const session = session_at(server);
  std::stop_source const stop;
  StatementWait bounds{*session, some_moment, stop.get_token()};
  send(*session, "SELECT 1");
  StatementStep step{bounds};
  auto const wait = step.next(begin);
  EXPECT_EQ(wait, (Wait{PQsocket(session->native()), true, false, some_moment, true}));
  feed(step, wait);
  auto const ending = step.take();
  ASSERT_TRUE(ending.last);
  EXPECT_EQ(PQresultStatus(ending.last.get()), PGRES_COMMAND_OK);
  EXPECT_FALSE(ending.first_error);
  EXPECT_EQ(bounds.interrupted(), Interrupted::no);
}

TEST(StatementStep, IsNotStoppableWithoutAToken) {
  FakeServer const server{{{}}};
  auto const session = session_at(server);
  StatementWait bounds{*session};
  send(*session, "SELECT 1");
  StatementStep step{bounds};
  EXPECT_EQ(step.next(begin), (Wait{PQsocket(session->native()), true, false, std::nullopt, false}));
}

TEST(StatementStep, CancelsThenWaitsForAGraceThenGivesTheSessionUp) {
  for (auto const& end : {timeout, stopped}) {
    SCOPED_TRACE(end.by == timeout.by ? "timeout" : "stop");
    FakeServer const server{{silence(), {.login = Login::keep_cancel}}};
    auto const session = session_at(server);
    std::stop_source const stop;
    StatementWait bounds{*session, some_moment, stop.get_token()};
    send(*session, "SELECT 1");
    StatementStep step{bounds};
    ASSERT_TRUE(is_of(step.next(begin), *session));
    auto wait = step.next(end);
    ASSERT_TRUE(wait);
    EXPECT_FALSE(is_of(wait, *session));
    EXPECT_TRUE(session->tainted());
    wait = feed(step, wait, [&](Wait const& of) {
      EXPECT_EQ(of.until, cancel_ends);
      return server.cancels() == 0;
    });
    EXPECT_EQ(server.cancels(), 1);
    wait = step.next(timeout);  // the server never hangs up
    EXPECT_EQ(wait, (Wait{PQsocket(session->native()), true, false, grace_ends, false}));
    EXPECT_FALSE(session->broken());
    EXPECT_FALSE(step.next(end_of_grace));
    ASSERT_TRUE(session->broken());
    EXPECT_THAT(session->broken()->message(), HasSubstr("did not react in time"));
    EXPECT_TRUE(bounds.overrun());
    EXPECT_EQ(bounds.interrupted(), end.by == timeout.by ? Interrupted::by_timeout : Interrupted::by_stop);
    EXPECT_EQ(session->patience_ends(), grace_ends);
  }
}

TEST(StatementStep, KeepsTheSessionOfAServerThatReacts) {
  FakeServer const* at = nullptr;
  FakeServer const server{{{.on_query = [&](std::string const&) { return end_when_cancelled(*at); }}}};
  at = &server;
  auto const session = session_at(server);
  StatementWait bounds{*session, some_moment};
  send(*session, "SELECT 1");
  StatementStep step{bounds};
  ASSERT_TRUE(step.next(begin));
  auto const wait = cancel_by(step, step.next(timeout), *session);
  EXPECT_EQ(wait, (Wait{PQsocket(session->native()), true, false, asks_again, false}));
  feed(step, wait);
  auto const ending = step.take();
  ASSERT_TRUE(ending.first_error);
  EXPECT_STREQ(PQresultErrorField(ending.first_error.get(), PG_DIAG_SQLSTATE), "57014");
  EXPECT_FALSE(session->broken());
  EXPECT_FALSE(bounds.overrun());
  EXPECT_EQ(server.cancels(), 1);
}

// PostgreSQL forgets a request that reaches it before the statement does.
TEST(StatementStep, AsksAgainAServerThatForgotTheRequest) {
  FakeServer const* at = nullptr;
  FakeServer const server{{{.on_query = [&](std::string const&) { return end_when_cancelled(*at, 'I', 2); }}}};
  at = &server;
  auto const session = session_at(server);
  StatementWait bounds{*session, some_moment};
  send(*session, "SELECT 1");
  StatementStep step{bounds};
  ASSERT_TRUE(step.next(begin));
  auto wait = cancel_by(step, step.next(timeout), *session);
  EXPECT_EQ(wait, (Wait{PQsocket(session->native()), true, false, asks_again, false}));
  EXPECT_EQ(server.cancels(), 1);
  wait = cancel_by(step, step.next({.by = timeout.by, .at = asks_again}), *session);
  EXPECT_EQ(server.cancels(), 2);
  feed(step, wait);
  EXPECT_FALSE(session->broken());
  EXPECT_FALSE(bounds.overrun());
  EXPECT_EQ(bounds.interrupted(), Interrupted::by_timeout);
}

TEST(StatementStep, AsksNoMoreWhenTheServerCouldNotReactInTime) {
  FakeServer const server{{silence(), {}, {}, {}, {}, {}, {}}};
  auto const session = session_at(server);
  StatementWait bounds{*session, some_moment};
  send(*session, "SELECT 1");
  StatementStep step{bounds};
  ASSERT_TRUE(step.next(begin));
  auto wait = cancel_by(step, step.next(timeout), *session);
  int asked = 1;
  while (wait && wait->until != grace_ends) {
    wait = cancel_by(step, step.next({.by = timeout.by, .at = *wait->until}), *session);
    EXPECT_EQ(server.cancels(), ++asked);
  }
  EXPECT_EQ(asked, 5) << "at 0, 0.4, 0.8, 1.2 and 1.6 s; the server has 1 s to react at least";
  EXPECT_FALSE(step.next(end_of_grace));
  EXPECT_TRUE(session->broken());
  EXPECT_EQ(server.connections(), 6);
}

TEST(StatementStep, GivesTheSessionUpIfItCannotCancel) {
  FakeServer const server{{silence(), {.login = Login::close_at_once}}};
  auto const session = session_at(server);
  StatementWait bounds{*session, some_moment};
  send(*session, "SELECT 1");
  StatementStep step{bounds};
  ASSERT_TRUE(step.next(begin));
  EXPECT_FALSE(cancel_by(step, step.next(timeout), *session));
  ASSERT_TRUE(session->broken());
  EXPECT_THAT(session->broken()->message(), HasSubstr("could not be asked to stop"));
  EXPECT_TRUE(bounds.overrun());
}

TEST(StatementStep, GivesTheSessionUpIfTheCancelUsesItsTimeUp) {
  FakeServer const server{{silence(), {.login = Login::say_nothing}}};
  auto const session = session_at(server);
  StatementWait bounds{*session, some_moment};
  send(*session, "SELECT 1");
  StatementStep step{bounds};
  ASSERT_TRUE(step.next(begin));
  ASSERT_TRUE(step.next(timeout));
  EXPECT_FALSE(step.next(timeout));
  EXPECT_TRUE(session->broken());
}

TEST(StatementStep, IsStoppedWhileALargeStatementIsSent) {
  FakeServer const server{{deaf(command_complete("OK", 'I')), {}}};
  auto const session = session_at(server);
  StatementWait first{*session};
  send(*session, "SELECT 1");
  StatementStep reading{first};
  feed(reading, reading.next(begin));
  std::stop_source const stop;
  StatementWait bounds{*session, std::nullopt, stop.get_token()};
  send(*session, more_than_a_socket_takes);
  StatementStep step{bounds};
  auto wait = step.next(begin);
  EXPECT_EQ(wait, (Wait{PQsocket(session->native()), true, true, std::nullopt, true}));
  wait = cancel_by(step, step.next(stopped), *session);
  EXPECT_EQ(server.cancels(), 1);
  EXPECT_EQ(wait, (Wait{PQsocket(session->native()), true, true, asks_again, false}));
  EXPECT_FALSE(step.next(end_of_grace));
  EXPECT_TRUE(session->broken());
  EXPECT_EQ(bounds.interrupted(), Interrupted::by_stop);
}

TEST(StatementStep, CancelsACopyOutThatNobodyAskedFor) {
  FakeServer const server{{deaf(copy_response('H')), {}}};
  auto const session = session_at(server);
  StatementWait bounds{*session};
  send(*session, "COPY t TO STDOUT");
  StatementStep step{bounds};
  auto wait = feed(step, step.next(begin), [&](Wait const& of) { return of.socket == PQsocket(session->native()); });
  wait = cancel_by(step, wait, *session);
  EXPECT_EQ(server.cancels(), 1);
  EXPECT_EQ(bounds.interrupted(), Interrupted::by_misuse);
  EXPECT_EQ(wait, (Wait{PQsocket(session->native()), true, false, asks_again, false}));
  EXPECT_FALSE(step.next(end_of_grace));
  EXPECT_TRUE(session->broken());
  EXPECT_EQ(step.take().copied, PGRES_COPY_OUT);
}

TEST(StatementStep, EndsACopyInThatNobodyAskedForWithoutACancel) {
  auto const failed = error_message("ERROR", "57014", "COPY from stdin failed") + message('Z', "I");
  FakeServer const server{{{.on_query = [](std::string const&) { return std::optional{copy_response('G')}; },
                            .on_message = [&](char, std::string const&) { return std::optional{failed}; }}}};
  auto const session = session_at(server);
  StatementWait bounds{*session};
  send(*session, "COPY t FROM STDIN");
  StatementStep step{bounds};
  feed(step, step.next(begin));
  auto const ending = step.take();
  EXPECT_EQ(ending.copied, PGRES_COPY_IN);
  EXPECT_TRUE(ending.first_error);
  EXPECT_FALSE(session->broken());
  EXPECT_EQ(server.connections(), 1);
}

TEST(StatementStep, GivesUpACopyBothWays) {
  FakeServer const server{{{.on_query = [](std::string const&) { return std::optional{copy_response('W')}; }}}};
  auto const session = session_at(server);
  StatementWait bounds{*session};
  send(*session, "START_REPLICATION");
  StatementStep step{bounds};
  feed(step, step.next(begin));
  EXPECT_TRUE(step.take().copies_on);
  EXPECT_TRUE(session->broken());
}

TEST(StatementStep, BeginsWithACancelThatIsDue) {
  FakeServer const* at = nullptr;
  FakeServer const server{{{.on_query = [&](std::string const&) { return end_when_cancelled(*at); }}}};
  at = &server;
  auto const session = session_at(server);
  StatementWait bounds{*session};
  send(*session, "SELECT 1");
  bounds.interrupt(Interrupted::by_stop, some_moment);
  StatementStep step{bounds};
  auto const wait = step.next(begin);
  ASSERT_TRUE(wait);
  EXPECT_FALSE(is_of(wait, *session));
  feed(step, cancel_by(step, wait, *session));
  EXPECT_EQ(server.cancels(), 1);
  EXPECT_FALSE(session->broken());
}

TEST(StatementStep, NoticesThatTheServerHangsUp) {
  FakeServer const server{{{.on_query = [](std::string const&) { return std::optional<std::string>{}; }}}};
  auto const session = session_at(server);
  StatementWait bounds{*session};
  send(*session, "SELECT 1");
  StatementStep step{bounds};
  feed(step, step.next(begin));
  EXPECT_TRUE(step.take().first_error);
  EXPECT_TRUE(session->broken());
  EXPECT_FALSE(bounds.overrun());
}

TEST(StatementStep, WaitsForNothingOnALostSession) {
  FakeServer const server{{{}}};
  auto const session = session_at(server);
  session->give_up(pq::detail::failure_saying("lost", "localhost"), true);
  StatementWait bounds{*session};
  EXPECT_FALSE(StatementStep{bounds}.next(begin));
  EXPECT_FALSE(ResultStep{bounds}.next(begin));
  EXPECT_FALSE(bounds.begin(false));
}

TEST(ResultStep, GivesOneResultAfterAnother) {
  auto const two = message('C', std::string{"ONE\0", 4}) + command_complete("TWO", 'I');
  FakeServer const server{{{.on_query = [&](std::string const&) { return std::optional{two}; }}}};
  auto const session = session_at(server);
  StatementWait bounds{*session};
  send(*session, "one; two");
  ResultStep step{bounds};
  feed(step, step.next(begin));
  EXPECT_STREQ(PQcmdStatus(step.take().get()), "ONE");
  EXPECT_FALSE(step.next(begin)) << "it has come already";
  EXPECT_STREQ(PQcmdStatus(step.take().get()), "TWO");
  EXPECT_FALSE(step.next(begin));
  EXPECT_FALSE(step.take());
}

TEST(FlushStep, EndsWithoutHavingSentAllIfABoundIsHit) {
  FakeServer const server{{deaf(copy_response('G')), {}}};
  auto const session = session_at(server);
  StatementWait bounds{*session, some_moment};
  send(*session, "COPY t FROM STDIN");
  ResultStep beginning{bounds};
  feed(beginning, beginning.next(begin));
  ASSERT_EQ(PQresultStatus(beginning.take().get()), PGRES_COPY_IN);
  ASSERT_EQ(PQputCopyData(session->native(), more_than_a_socket_takes.data(), 32 << 20), 1);
  FlushStep step{bounds};
  EXPECT_EQ(step.next(begin), (Wait{PQsocket(session->native()), true, true, some_moment, false}));
  auto const wait = cancel_by(step, step.next(timeout), *session);
  EXPECT_EQ(wait, (Wait{PQsocket(session->native()), true, true, asks_again, false}));
  EXPECT_FALSE(step.next(ready));
  EXPECT_EQ(bounds.interrupted(), Interrupted::by_timeout);
  EXPECT_FALSE(session->broken());
}

TEST(CopyPieceStep, GivesOnePieceAfterAnotherAndThenTheEnd) {
  auto const all = copy_response('H') + message('d', "one\n") + message('d', "two\n") + message('c', "") +
                   command_complete("COPY 2", 'I');
  FakeServer const server{{{.on_query = [&](std::string const&) { return std::optional{all}; }}}};
  auto const session = session_at(server);
  StatementWait bounds{*session};
  send(*session, "COPY t TO STDOUT");
  ResultStep beginning{bounds};
  feed(beginning, beginning.next(begin));
  CopyPieceStep step{bounds};
  for (auto const* const piece : {"one\n", "two\n"}) {
    feed(step, step.next(begin));
    EXPECT_EQ(step.size(), 4);
    EXPECT_STREQ(step.take().get(), piece);
  }
  feed(step, step.next(begin));
  EXPECT_EQ(step.size(), -1);
}

}  // namespace
}  // namespace lakebase::tests
