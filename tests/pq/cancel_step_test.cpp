// What a request to cancel waits for, and what has become of it at each moment, fed by hand.

#include <array>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "pq/session/drive.hpp"
#include "pq/steps/cancel_step.hpp"
#include "support/by_hand.hpp"

namespace lakebase::tests {
namespace {

using pq::detail::CancelKey;
using pq::detail::CancelOutcome;
using pq::detail::CancelRequest;
using pq::detail::CancelRequestStep;
using pq::detail::CancelStep;
using pq::detail::SocketWaiter;
using pq::detail::Wait;
using Login = Conversation::Login;

CancelRequest request_to(std::uint16_t port) {
  return {.address = "127.0.0.1",
          .port = std::to_string(port),
          .host = "localhost",
          .message = {0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e, 0, 0, 0, 1, 0, 0, 0, 2}};
}

CancelRequest request_to(FakeServer const& server) {
  auto request = request_to(server.port());
  request.root_file = server.root_file();
  return request;
}

// A server in the test's own thread, in plain text.
class PlainServer {
 public:
  PlainServer() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 1);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~PlainServer() {
    hang_up();
    stop_listening();
  }
  PlainServer(PlainServer const&) = delete;
  PlainServer& operator=(PlainServer const&) = delete;

  CancelRequest request() const {
    auto request = request_to(port_);
    request.with_tls = false;
    return request;
  }
  // Once a client has begun to connect.
  std::string read() {
    if (peer_ < 0) peer_ = ::accept(listener_, nullptr, nullptr);
    std::array<char, 64> bytes{};
    auto const count = ::recv(peer_, bytes.data(), bytes.size(), 0);
    return {bytes.data(), count < 0 ? 0 : static_cast<std::size_t>(count)};
  }
  void hang_up() {
    if (peer_ >= 0) ::close(std::exchange(peer_, -1));
  }
  void stop_listening() {
    if (listener_ >= 0) ::close(std::exchange(listener_, -1));
  }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  int peer_ = -1;
};

TEST(CancelRequestStep, ConnectsThenSendsThenWaitsForTheEnd) {
  PlainServer server;
  auto const request = server.request();
  CancelRequestStep step{request, some_moment};
  auto wait = step.next(begin);
  ASSERT_TRUE(wait);
  EXPECT_TRUE(wait->write && !wait->read && !wait->stoppable);
  EXPECT_EQ(wait->until, some_moment);
  EXPECT_EQ(step.outcome(), CancelOutcome::not_sent);
  ASSERT_TRUE(comes(*wait));
  wait = step.next(ready);
  ASSERT_TRUE(wait);
  EXPECT_TRUE(wait->read && !wait->write && !wait->stoppable);
  EXPECT_EQ(wait->until, some_moment);
  EXPECT_EQ(step.outcome(), CancelOutcome::no_response);
  EXPECT_EQ(server.read(), std::string(request.message.begin(), request.message.end()));
  server.hang_up();
  ASSERT_TRUE(comes(*wait));
  EXPECT_FALSE(step.next(ready));
  EXPECT_EQ(step.outcome(), CancelOutcome::taken);
}

TEST(CancelRequestStep, IsUnansweredIfTheServerDoesNotHangUpInTime) {
  PlainServer server;
  CancelRequestStep step{server.request(), some_moment};
  auto const connecting = step.next(begin);
  ASSERT_TRUE(connecting && comes(*connecting) && step.next(ready));
  EXPECT_FALSE(step.next(timeout));
  EXPECT_EQ(step.outcome(), CancelOutcome::no_response);
  EXPECT_EQ(server.read().size(), 16U);
  EXPECT_EQ(server.read(), "") << "the connection was closed";
}

TEST(CancelRequestStep, IsNotSentIfNobodyListens) {
  PlainServer server;
  server.stop_listening();
  CancelRequestStep step{server.request(), some_moment};
  feed(step, step.next(begin));
  EXPECT_EQ(step.outcome(), CancelOutcome::not_sent);
}

TEST(CancelRequestStep, IsNotSentIfItsTimeEndsBeforeTheRequest) {
  FakeServer const server{{{}}};
  for (int fed = 0;; ++fed) {
    SCOPED_TRACE(fed);
    CancelRequestStep step{request_to(server), some_moment};
    auto wait = step.next(begin);
    for (int i = 0; i < fed; ++i) {
      ASSERT_TRUE(wait && comes(*wait));
      EXPECT_EQ(wait->until, some_moment);
      wait = step.next(ready);
    }
    if (step.outcome() != CancelOutcome::not_sent) {
      EXPECT_GE(fed, 3) << "to connect, to ask for TLS, to shake hands";
      return;
    }
    EXPECT_FALSE(step.next(timeout));
    EXPECT_EQ(step.outcome(), CancelOutcome::not_sent);
    EXPECT_EQ(server.cancels(), 0);
  }
}

TEST(CancelRequestStep, IsTakenByAServerWithTls) {
  FakeServer const server{{{}}};
  CancelRequestStep step{request_to(server), some_moment};
  feed(step, step.next(begin));
  EXPECT_EQ(step.outcome(), CancelOutcome::taken);
  EXPECT_EQ(server.cancels(), 1);
}

TEST(CancelRequestStep, TellsNothingToAServerWithoutTls) {
  for (auto const login : {Login::refuse_tls, Login::close_at_once, Login::error_instead_of_tls}) {
    FakeServer const server{{{.login = login}}};
    CancelRequestStep step{request_to(server), some_moment};
    feed(step, step.next(begin));
    EXPECT_EQ(step.outcome(), CancelOutcome::not_sent);
  }
}

TEST(CancelRequestStep, DoesNotBeginPastItsTime) {
  FakeServer const server{{{}}};
  SocketWaiter waiter;
  CancelRequestStep step{request_to(server), std::chrono::steady_clock::now() - std::chrono::seconds{1}};
  drive(step, waiter, {});
  EXPECT_EQ(step.outcome(), CancelOutcome::not_sent);
  EXPECT_EQ(server.cancels(), 0);
}

// By libpq, or by ourselves: whichever does it here.

CancelStep cancel_of(pq::detail::Session& session) {
  return {session.native(), CancelKey{1, 2}, some_moment};
}

TEST(CancelStep, IsTaken) {
  FakeServer const server{{{}}};
  auto const session = session_at(server);
  auto step = cancel_of(*session);
  feed(step, step.next(begin), [&](Wait const& wait) {
    EXPECT_EQ(wait.until, some_moment);
    EXPECT_NE(wait.socket, PQsocket(session->native()));
    return true;
  });
  EXPECT_EQ(step.outcome(), CancelOutcome::taken);
  EXPECT_EQ(server.cancels(), 1);
}

TEST(CancelStep, IsUnansweredIfTheServerKeepsSilent) {
  FakeServer const server{{{}, {.login = Login::keep_cancel}}};
  auto const session = session_at(server);
  auto step = cancel_of(*session);
  auto const wait = feed(step, step.next(begin), [&](Wait const&) { return server.cancels() == 0; });
  ASSERT_TRUE(wait);
  EXPECT_TRUE(wait->read);
  EXPECT_EQ(step.outcome(), CancelOutcome::no_response);
  EXPECT_FALSE(step.next(timeout));
  EXPECT_EQ(step.outcome(), CancelOutcome::no_response);
}

TEST(CancelStep, IsNotSentIfItsTimeEndsFirst) {
  FakeServer const server{{{}, {.login = Login::say_nothing}}};
  auto const session = session_at(server);
  auto step = cancel_of(*session);
  auto const wait = step.next(begin);
  ASSERT_TRUE(wait);
  EXPECT_TRUE(wait->write);
  EXPECT_FALSE(step.next(timeout));
  EXPECT_EQ(step.outcome(), CancelOutcome::not_sent);
}

TEST(CancelStep, HasNoKeyOfAnotherSession) {
  if (pq::detail::libpq_sends_cancels()) GTEST_SKIP() << "libpq knows its key";
  FakeServer const server{{{}}};
  auto const session = session_at(server);
  for (auto const& key : {std::optional<CancelKey>{}, std::optional{CancelKey{4711, 2}}}) {
    CancelStep step{session->native(), key, some_moment};
    EXPECT_FALSE(step.next(begin));
    EXPECT_EQ(step.outcome(), CancelOutcome::not_sent);
  }
  EXPECT_EQ(server.connections(), 1);
}

}  // namespace
}  // namespace lakebase::tests
