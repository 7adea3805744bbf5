#include <algorithm>
#include <thread>

#include "data_plane_fixture.hpp"
#include "raw_client.hpp"

namespace lakebase::emulator {
namespace {

using testing::HasSubstr;

class HandshakeTest : public DataPlaneTest {
 protected:
  static std::string startup(std::uint32_t protocol = wire::protocol_3_0,
                             std::vector<std::pair<std::string, std::string>> more = {}) {
    more.insert(more.begin(), {{"user", "alice"}, {"database", "app"}});
    return startup_packet(protocol, startup_parameters(more));
  }

  /// Reads until PostgreSQL is ready, and returns the payload of its BackendKeyData.
  static std::string read_greeting(RawClient& client) {
    std::string key;
    while (auto message = client.message()) {
      if (message->type == 'K') key = message->payload;
      if (message->type == 'Z') return key;
      if (message->type == 'E') return wire::parse_error(message->payload).message;
    }
    return "the end";
  }

  static std::string error_code(RawClient& client) {
    while (auto message = client.message()) {
      if (message->type == 'E') return wire::parse_error(message->payload).code;
    }
    return "no error";
  }

  static void log_in(RawClient& client) {
    client.send(startup());
    client.message();
    client.send(password_message(good_token));
  }
};

TEST_F(HandshakeTest, DeclinesGssAndGoesOnWithTls) {
  RawClient client{host_};
  client.send(startup_packet(wire::gssenc_request));
  EXPECT_EQ(client.receive(1), "N");
  ASSERT_TRUE(client.request_tls());
  log_in(client);
  EXPECT_EQ(read_greeting(client).size(), 8U);
}

TEST_F(HandshakeTest, TakesTlsFromTheFirstByteOn) {
  RawClient client{host_};
  ASSERT_TRUE(client.start_tls("postgresql"));
  EXPECT_EQ(client.chosen_alpn(), "postgresql");
  log_in(client);
  EXPECT_EQ(read_greeting(client).size(), 8U);
  RawClient without{host_};
  EXPECT_TRUE(without.start_tls());
  RawClient other{host_};
  EXPECT_FALSE(other.start_tls("http/1.1"));
}

TEST_F(HandshakeTest, NegotiatesALaterProtocolDown) {
  RawClient client{host_};
  ASSERT_TRUE(client.request_tls());
  client.send(startup(wire::protocol_3_0 + 2, {{"_pq_.fancy", "on"}}));
  auto negotiation = client.message();
  ASSERT_TRUE(negotiation);
  EXPECT_EQ(negotiation->type, 'v');
  EXPECT_THAT(negotiation->payload, HasSubstr("_pq_.fancy"));
  EXPECT_EQ(client.message()->type, 'R');
  client.send(password_message(good_token));
  EXPECT_EQ(read_greeting(client).size(), 8U);
}

TEST_F(HandshakeTest, KeepsTheEndpointOptionFromPostgres) {
  auto session = connect("options='endpoint=ep-x -c geqo=off'");
  ASSERT_TRUE(session.ok()) << session.error();
  EXPECT_EQ(session.value("SHOW geqo"), "off");
}

TEST_F(HandshakeTest, RefusesPacketsThatBreakTheProtocol) {
  std::string const too_long = [] {
    std::string packet;
    wire::append_uint32(packet, 10'001);
    return packet;
  }();
  for (std::string const& packet : {too_long, std::string{"\0\0\0\4", 4}, std::string{"GET / HTTP/1.1\r\n\r\n"}}) {
    RawClient client{host_};
    client.send(packet);
    EXPECT_EQ(error_code(client), "08P01");
  }
  RawClient old{host_};
  old.send(startup_packet(2U << 16U));
  EXPECT_EQ(error_code(old), "0A000");
  for (std::string const& packet : {startup_packet(wire::protocol_3_0, "user"), startup_packet(wire::ssl_request)}) {
    RawClient client{host_};
    ASSERT_TRUE(client.request_tls());
    client.send(packet);
    EXPECT_THAT(error_code(client), testing::AnyOf("08P01", "0A000"));
  }
}

TEST_F(HandshakeTest, SaysGoodbyeAtEveryEndUnderTls) {
  std::string const terminate = wire::message('X', "");
  std::vector<std::string> const talks = {
      startup() + password_message("wrong"),
      startup() + password_message(""),
      startup() + terminate,
      startup(2U << 16U),
      startup_packet(wire::ssl_request),
      startup_packet(wire::cancel_request),
      startup_packet(wire::cancel_request, std::string(8, 'k')),
      startup_packet(wire::cancel_request, std::string(300, 'k')),
      startup() + password_message(good_token) + terminate,
      startup() + password_message(good_token) +
          wire::message('Q', std::string{"SELECT pg_terminate_backend(pg_backend_pid())\0", 46})};
  for (std::string const& talk : talks) {
    RawClient client{host_};
    ASSERT_TRUE(client.request_tls());
    client.send(talk);
    EXPECT_TRUE(client.ends_with_goodbye()) << testing::PrintToString(talk);
  }
}

TEST_F(HandshakeTest, SaysGoodbyeWhenTheEndpointGoes) {
  RawClient serving{host_};
  ASSERT_TRUE(serving.request_tls());
  log_in(serving);
  read_greeting(serving);
  RawClient asked{host_};
  ASSERT_TRUE(asked.request_tls());
  asked.send(startup());
  asked.message();
  plane().remove_endpoint("primary");
  EXPECT_TRUE(serving.ends_with_goodbye());
  EXPECT_TRUE(asked.ends_with_goodbye());
}

TEST_F(HandshakeTest, RefusesBrokenPasswordMessages) {
  std::string too_long = "p";
  wire::append_uint32(too_long, 70'000);
  for (std::string const& message : {too_long, wire::message('p', ""), wire::message('p', "no end"),
                                     wire::message('Q', std::string{"SELECT 1\0", 9})}) {
    RawClient client{host_};
    ASSERT_TRUE(client.request_tls());
    client.send(startup());
    client.message();
    client.send(message);
    EXPECT_EQ(error_code(client), "08P01");
  }
}

TEST_F(HandshakeTest, ToleratesHangUpsAtEveryStage) {
  { RawClient client{host_}; }
  {
    RawClient client{host_};
    client.send(std::string{"\0\0", 2});
  }
  {
    RawClient client{host_};
    client.send(startup_packet(wire::ssl_request));
  }
  {
    RawClient client{host_};
    client.send("\x16\x03\x01");
  }
  std::vector<std::string> const talks = {"", startup(), startup() + "p", startup() + password_message(good_token),
                                          startup() + password_message(good_token) + wire::message('Q', "SELECT")};
  for (std::string const& talk : talks) {
    RawClient client{host_};
    ASSERT_TRUE(client.request_tls());
    if (!talk.empty()) client.send(talk);
  }
  EXPECT_TRUE(connect().ok());
  EXPECT_TRUE(eventually([&] { return plane().status("primary").open_sessions == 0; }));
}

TEST_F(HandshakeTest, CarriesWhatAClientSendsBeforeItHangsUp) {
  {
    RawClient client{host_};
    ASSERT_TRUE(client.request_tls());
    log_in(client);
    read_greeting(client);
    client.send(wire::message('Q', std::string{"CREATE TABLE said_last ()\0", 26}) + wire::message('X', ""));
  }
  auto session = connect();
  EXPECT_TRUE(eventually([&] { return session.value("SELECT to_regclass('said_last')") == "said_last"; }));
}

TEST_F(HandshakeTest, CancelsAStatement) {
  auto session = connect();
  ASSERT_TRUE(session.ok()) << session.error();
  PQsendQuery(session.get(), "SELECT pg_sleep(60)");
  auto watcher = connect();
  ASSERT_TRUE(eventually([&] {
    return watcher.value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") == "1";
  }));
  std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel{PQgetCancel(session.get()), &PQfreeCancel};
  char error[256];
  EXPECT_EQ(PQcancel(cancel.get(), error, sizeof error), 1) << error;
  EXPECT_EQ(session.finish().sqlstate, "57014");
}

TEST_F(HandshakeTest, CancelsAStatementUnderTls) {
  RawClient client{host_};
  ASSERT_TRUE(client.request_tls());
  log_in(client);
  std::string const key = read_greeting(client);
  client.send(wire::message('Q', std::string{"SELECT pg_sleep(60)\0", 20}));
  auto watcher = connect();
  ASSERT_TRUE(eventually([&] {
    return watcher.value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") == "1";
  }));
  RawClient canceller{host_};
  ASSERT_TRUE(canceller.request_tls());
  canceller.send(startup_packet(wire::cancel_request, key));
  EXPECT_TRUE(canceller.ends_with_goodbye());
  EXPECT_EQ(error_code(client), "57014");
}

TEST_F(HandshakeTest, RelaysLargeResultsAndUploadsAtOnce) {
  auto session = connect();
  ASSERT_TRUE(session.ok()) << session.error();
  std::string const text(20'000'000, 'x');
  auto answer = session.run("SELECT repeat('y', 20000000) || '" + text + "'");
  EXPECT_EQ(answer.value.size(), 40'000'000U) << answer.error;
}

}  // namespace
}  // namespace lakebase::emulator
