#include <algorithm>
#include <iostream>
#include <thread>

#include "data_plane/front/client_budget.hpp"
#include "data_plane/protocol/startup_packet.hpp"
#include "data_plane_fixture.hpp"
#include "raw_client.hpp"

namespace lakebase::emulator {
namespace {

using testing::HasSubstr;

class HandshakeTest : public DataPlaneTest {
 protected:
  std::uint32_t newest_protocol() { return wire::newest_protocol(plane().branch_version("main")); }

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

  static void log_in(RawClient& client, std::uint32_t protocol = wire::protocol_3_0) {
    client.send(startup(protocol) + password_message(good_token));
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
}

TEST_F(HandshakeTest, WantsTlsFromTheFirstByteOnToNamePostgresAsPostgresDoes) {
  RawClient without{host_};
  ASSERT_TRUE(without.start_tls());
  EXPECT_TRUE(without.ends_with_goodbye()) << "without a word";
  EXPECT_THAT(logged(), HasSubstr("received direct SSL connection request without ALPN"));
  RawClient other{host_};
  EXPECT_FALSE(other.start_tls("http/1.1"));
}

TEST_F(HandshakeTest, ChoosesPostgresProtocolAfterAnSslRequestWhereItIsOffered) {
  RawClient offering{host_};
  ASSERT_TRUE(offering.request_tls("postgresql"));
  EXPECT_EQ(offering.chosen_alpn(), "postgresql");
  RawClient silent{host_};
  ASSERT_TRUE(silent.request_tls());
  EXPECT_EQ(silent.chosen_alpn(), "");
  RawClient other{host_};
  EXPECT_FALSE(other.request_tls("http/1.1"));
}

TEST_F(HandshakeTest, NegotiatesALaterProtocolDown) {
  RawClient client{host_};
  ASSERT_TRUE(client.request_tls());
  client.send(startup(wire::protocol_3_0 + 2, {{"_pq_.fancy", "on"}}));
  auto negotiation = client.message();
  ASSERT_TRUE(negotiation);
  EXPECT_EQ(negotiation->type, 'v');
  EXPECT_EQ(wire::read_uint32(negotiation->payload.data()), newest_protocol());
  EXPECT_EQ(negotiation->payload.substr(4), (std::string{"\0\0\0\1_pq_.fancy\0", 15}));
  EXPECT_EQ(client.message()->type, 'R');
  client.send(password_message(good_token));
  EXPECT_EQ(read_greeting(client).size(), newest_protocol() == wire::protocol_3_0 ? 8U : 36U);
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

TEST_F(HandshakeTest, RefusesAParameterThatStandsTwiceBeforeItAsksForAPassword) {
  for (auto const& repeated : {std::pair{"user", "cloud_admin"}, {"database", "postgres"}, {"User", "cloud_admin"}}) {
    RawClient client{host_};
    ASSERT_TRUE(client.request_tls());
    client.send(startup(wire::protocol_3_0, {repeated}));
    auto const answer = client.message();
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->type, 'E');
    EXPECT_EQ(wire::parse_error(answer->payload).code, "08P01");
    EXPECT_TRUE(client.ends_with_goodbye());
  }
}

TEST_F(HandshakeTest, LeavesNoSettingToMakeAClientSomebodyElse) {
  for (char const* options :
       {"-c role=cloud_admin", "-crole=cloud_admin", "--role=cloud_admin", "-c\\trole=cloud_admin",
        "\\-\\c\\r\\o\\l\\e=cloud_admin", "--session-authorization=cloud_admin", "-c SESSION_AUTHORIZATION=cloud_admin",
        "-F -c is_superuser=on", "--single"}) {
    RawClient client{host_};
    ASSERT_TRUE(client.request_tls());
    client.send(startup(wire::protocol_3_0, {{"options", options}}) + password_message(good_token));
    EXPECT_THAT(error_code(client), testing::AnyOf("42501", "55P02", "42601", "42704")) << options;
  }
  for (auto const& [name, value] : {std::pair{"role", "cloud_admin"},
                                    {"ROLE", "cloud_admin"},
                                    {"USER", "cloud_admin"},
                                    {"session_authorization", "cloud_admin"},
                                    {"is_superuser", "on"},
                                    {"session_preload_libraries", "x"},
                                    {"Replication", "true"}}) {
    RawClient client{host_};
    ASSERT_TRUE(client.request_tls());
    std::vector<std::pair<std::string, std::string>> parameters = {{"database", "app"}, {name, value}};
    if (name != std::string_view{"USER"}) parameters.insert(parameters.begin(), {"user", "alice"});
    client.send(startup_packet(wire::protocol_3_0, startup_parameters(parameters)) + password_message(good_token));
    EXPECT_THAT(error_code(client), testing::AnyOf("42501", "55P02", "42704", "28000")) << name;
  }
  auto member = connect("options='-c role=databricks_superuser'");
  ASSERT_TRUE(member.ok()) << member.error();
  EXPECT_EQ(member.value("SELECT session_user || ' as ' || current_user"), "alice as databricks_superuser");
}

TEST_F(HandshakeTest, TakesNoNameForItsFirst63Bytes) {
  std::string const cut(63, 'n');
  plane().execute("main", "postgres", {"CREATE ROLE " + cut + " SUPERUSER LOGIN", "CREATE DATABASE " + cut});
  EXPECT_THAT(connect("user=" + cut + "o").error(), HasSubstr("28P01"));
  EXPECT_THAT(connect("dbname=" + cut + "o").error(), HasSubstr("3D000"));
  EXPECT_TRUE(connect("dbname=" + cut).ok());
}

TEST_F(HandshakeTest, RefusesReplicationInPostgresWords) {
  char const* words = plane().branch_version("main") < 16 ? "must be superuser or replication role to start walsender"
                                                          : "permission denied to start WAL sender";
  for (char const* wanted : {"true", "on", "database", "T", "1"}) {
    auto session = connect(std::string{"replication="} + wanted);
    EXPECT_THAT(session.error(), HasSubstr(std::string{"42501: "} + words)) << wanted;
  }
  EXPECT_TRUE(connect("replication=false").ok());
  EXPECT_THAT(connect("replication=maybe").error(), HasSubstr("22023: invalid value for parameter \"replication\""));
}

TEST_F(HandshakeTest, RefusesWhatCameInPlaintextBeforeTls) {
  for (std::uint32_t request : {wire::ssl_request, wire::gssenc_request}) {
    RawClient client{host_};
    client.send(startup_packet(request) + startup());
    auto const answer = client.message();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->type, 'E');
    EXPECT_THAT(wire::parse_error(answer->payload).message, HasSubstr("received unencrypted data after"));
  }
}

TEST_F(HandshakeTest, DeclinesGssOnce) {
  RawClient client{host_};
  client.send(startup_packet(wire::gssenc_request));
  EXPECT_EQ(client.receive(1), "N");
  client.send(startup_packet(wire::gssenc_request));
  EXPECT_EQ(error_code(client), "0A000");
  RawClient under_tls{host_};
  ASSERT_TRUE(under_tls.request_tls());
  under_tls.send(startup_packet(wire::gssenc_request));
  EXPECT_EQ(error_code(under_tls), "0A000");
  RawClient longer{host_};
  longer.send(startup_packet(wire::ssl_request, "more"));
  EXPECT_EQ(error_code(longer), "08P01");
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

TEST_F(HandshakeTest, CancelsAStatementUnderTlsInEachProtocol) {
  auto watcher = connect();
  std::string const asleep =
      "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(60)'";
  for (std::uint32_t protocol : {wire::protocol_3_0, wire::protocol_3_2}) {
    RawClient client{host_};
    ASSERT_TRUE(client.request_tls());
    log_in(client, protocol);
    std::string const key = read_greeting(client);
    bool const long_key = std::min<std::uint32_t>(protocol, newest_protocol()) == wire::protocol_3_2;
    EXPECT_EQ(key.size(), long_key ? 36U : 8U);
    client.send(wire::message('Q', std::string{"SELECT pg_sleep(60)\0", 20}));
    ASSERT_TRUE(eventually([&] { return watcher.value(asleep) == "1"; }));
    RawClient canceller{host_};
    ASSERT_TRUE(canceller.request_tls());
    canceller.send(startup_packet(wire::cancel_request, key));
    EXPECT_TRUE(canceller.ends_with_goodbye());
    EXPECT_EQ(error_code(client), "57014");
  }
}

TEST_F(HandshakeTest, RelaysLargeResultsAndUploadsAtOnce) {
  auto session = connect();
  ASSERT_TRUE(session.ok()) << session.error();
  std::string const text(20'000'000, 'x');
  auto answer = session.run("SELECT repeat('y', 20000000) || '" + text + "'");
  EXPECT_EQ(answer.value.size(), 40'000'000U) << answer.error;
}

TEST_F(HandshakeTest, SendsNoRecordThatLibpqReadsInParts) {
  RawClient client{host_};
  ASSERT_TRUE(client.request_tls());
  log_in(client);
  read_greeting(client);
  client.send(wire::message('Q', std::string{"SELECT repeat('x', 1000000)"} + '\0'));
  read_greeting(client);
  EXPECT_GT(client.longest_record(), 4096U);
  EXPECT_LE(client.longest_record(), 8192U);
}

// Clients that connect and say nothing, or half of what they should.
TEST_F(HandshakeTest, SilentClientsGiveWayToOthers) {
  plane_.reset();
  auto wanted = options();
  wanted.most_unknown_clients = 20;
  plane_ = std::make_unique<DataPlane>(wanted);
  host_ = plane_->add_endpoint("primary", "main", {});
  auto const before = std::chrono::steady_clock::now();
  PqConnection first = connect();
  std::vector<std::unique_ptr<RawClient>> hostile;
  for (int i = 0; i < 300; ++i) {
    hostile.push_back(std::make_unique<RawClient>(host_));
    if (i % 3 == 1) hostile.back()->send(startup_packet(wire::ssl_request));
    if (i % 3 == 2) hostile.back()->send(std::string(3, '\0'));
  }
  PqConnection later = connect();
  EXPECT_TRUE(later.ok()) << later.error();
  EXPECT_EQ(first.run("SELECT 1").error, "") << "who has logged in stays";
  std::cout << "both sessions served among 300 silent clients, " << (std::chrono::steady_clock::now() - before) / 1ms
            << " ms in all\n";
  EXPECT_LT(std::chrono::steady_clock::now() - before, 15s) << "no silent client had reached its deadline";
  EXPECT_EQ(hostile.front()->receive(1), "") << "the one that was here for the longest has given way";
}

TEST(ClientBudget, TheOldestUnknownClientGivesWay) {
  ClientBudget budget{5, 2};
  std::vector<int> gone;
  auto const enter = [&](int number) { return budget.enter([&gone, number] { gone.push_back(number); }); };
  auto const first = enter(1);
  budget.logged_in(first.value());
  auto const second = enter(2);
  enter(3);
  EXPECT_THAT(gone, testing::IsEmpty());
  enter(4);
  EXPECT_THAT(gone, testing::ElementsAre(2));
  budget.make_room();
  EXPECT_THAT(gone, testing::ElementsAre(2, 3));
  EXPECT_TRUE(enter(5));
  EXPECT_FALSE(enter(6)) << "too many in all, until those that were hung up on have left";
  budget.leave(second.value());
  EXPECT_TRUE(enter(7));
}

}  // namespace
}  // namespace lakebase::emulator
