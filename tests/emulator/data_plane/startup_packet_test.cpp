#include "data_plane/protocol/startup_packet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lakebase::emulator::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

using Parameters = std::vector<std::pair<std::string, std::string>>;
using Words = std::vector<std::string>;

std::string body(std::uint32_t protocol, Parameters const& parameters) {
  std::string text;
  append_uint32(text, protocol);
  for (auto const& [name, value] : parameters) text.append(name).append(1, '\0').append(value).append(1, '\0');
  return text + '\0';
}

Startup parsed(Parameters const& more, std::uint32_t protocol = protocol_3_0) {
  Parameters all = {{"user", "alice"}};
  all.insert(all.end(), more.begin(), more.end());
  return Startup::parse(body(protocol, all));
}

ErrorFields refusal(std::string const& bytes) {
  try {
    Startup::parse(bytes);
  } catch (Refusal const& refused) {
    return refused.fields;
  }
  return {{}, "none", {}, {}};
}

ErrorFields refusal(Parameters const& parameters) {
  return refusal(body(protocol_3_0, parameters));
}

TEST(Startup, RoundTripsItsParameters) {
  auto const startup = Startup::parse(body(protocol_3_0, {{"user", "alice@example.com"}, {"database", "app"}}));
  EXPECT_EQ(startup.user, "alice@example.com");
  EXPECT_EQ(startup.database, "app");
  EXPECT_EQ(startup.packet(protocol_3_0).substr(4),
            body(protocol_3_0, {{"user", "alice@example.com"}, {"database", "app"}}));
}

TEST(Startup, TakesTheUserAsTheDatabaseWhereNoneIsNamed) {
  EXPECT_EQ(parsed({}).database, "alice");
  EXPECT_EQ(parsed({{"database", ""}}).database, "alice");
  EXPECT_THAT(parsed({}).packet(protocol_3_0), HasSubstr(std::string{"database\0alice\0", 15}))
      << "the server decides nothing that was not decided here";
}

TEST(Startup, WantsAUser) {
  EXPECT_EQ(refusal(Parameters{{"database", "app"}}).code, "28000");
  EXPECT_EQ(refusal(Parameters{{"user", ""}}).message, "no PostgreSQL user name specified in startup packet");
  EXPECT_EQ(refusal(Parameters{{"USER", "alice"}}).code, "28000") << "that is another parameter";
}

TEST(Startup, RefusesBrokenLayouts) {
  std::string const good = body(protocol_3_0, {{"user", "alice"}});
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(refusal(good.substr(0, size)).code, "08P01") << size;
  }
  EXPECT_EQ(refusal(good + "more").message, "invalid startup packet layout: expected terminator as last byte");
  EXPECT_EQ(refusal(good + '\0').code, "08P01");
}

TEST(Startup, RefusesAParameterThatStandsTwice) {
  for (std::string const name : {"user", "database", "options", "replication", "role", "_pq_.later", "app.setting"}) {
    auto const refused = refusal(Parameters{{"user", "alice"}, {"application_name", "x"}, {name, "0"}, {name, "0"}});
    EXPECT_EQ(refused.severity, "FATAL");
    EXPECT_EQ(refused.code, "08P01") << name;
    EXPECT_EQ(refused.message, "invalid startup packet: parameter \"" + name + "\" occurs more than once");
  }
}

TEST(Startup, TakesNamesInOtherCaseForTheSame) {
  EXPECT_EQ(refusal(Parameters{{"user", "alice"}, {"USER", "cloud_admin"}}).code, "08P01");
  EXPECT_EQ(refusal(Parameters{{"user", "alice"}, {"search_path", "a"}, {"Search_Path", "b"}}).code, "08P01");
}

TEST(Startup, KeepsSettingsForPostgresToJudge) {
  auto const startup = parsed({{"role", "r"}, {"Session_Authorization", "s"}, {"session_preload_libraries", "l"}});
  EXPECT_THAT(startup.settings, ElementsAre(Pair("role", "r"), Pair("Session_Authorization", "s"),
                                            Pair("session_preload_libraries", "l")));
  EXPECT_EQ(startup.packet(protocol_3_0).substr(4), body(protocol_3_0, {{"user", "alice"},
                                                                        {"database", "alice"},
                                                                        {"role", "r"},
                                                                        {"Session_Authorization", "s"},
                                                                        {"session_preload_libraries", "l"}}));
}

TEST(Startup, ReadsReplicationAsPostgresDoes) {
  for (char const* wanted : {"true", "TRUE", "t", "tr", "yes", "Y", "on", "oN", "1", "database"}) {
    EXPECT_TRUE(parsed({{"replication", wanted}}).replication) << wanted;
  }
  for (char const* unwanted : {"false", "F", "n", "no", "of", "OFF", "0"}) {
    auto const startup = parsed({{"replication", unwanted}});
    EXPECT_FALSE(startup.replication) << unwanted;
    EXPECT_EQ(startup.packet(protocol_3_0).find("replication"), std::string::npos);
  }
  for (char const* invalid : {"", "o", "truer", "Database", "DATABASE", "2", " 1", "10"}) {
    EXPECT_EQ(refusal(Parameters{{"user", "alice"}, {"replication", invalid}}).code, "22023") << invalid;
  }
}

TEST(Startup, OffersTheNewestProtocolThatBothSpeak) {
  auto const later = parsed({}, protocol_3_0 + 9999);
  EXPECT_EQ(later.negotiation(protocol_3_0), message('v', std::string{"\0\3\0\0\0\0\0\0", 8}));
  EXPECT_EQ(later.negotiation(protocol_3_2), message('v', std::string{"\0\3\0\2\0\0\0\0", 8}));
  EXPECT_EQ(read_uint32(later.packet(protocol_3_2).data() + 4), protocol_3_2);
  EXPECT_EQ(read_uint32(later.packet(protocol_3_0).data() + 4), protocol_3_0);
  auto const same = parsed({}, protocol_3_2);
  EXPECT_EQ(same.negotiation(protocol_3_2), "");
  EXPECT_EQ(same.negotiation(protocol_3_0), message('v', std::string{"\0\3\0\0\0\0\0\0", 8}));
  auto const earlier = parsed({});
  EXPECT_EQ(earlier.negotiation(protocol_3_2), "");
  EXPECT_EQ(read_uint32(earlier.packet(protocol_3_2).data() + 4), protocol_3_0);
  EXPECT_EQ(newest_protocol(17), protocol_3_0);
  EXPECT_EQ(newest_protocol(18), protocol_3_2);
}

TEST(Startup, ListsTheOptionsOfTheProtocolThatItDoesNotKnow) {
  auto const startup = parsed({{"_pq_.later", "1"}, {"_pq_.too", ""}}, protocol_3_0);
  EXPECT_EQ(startup.negotiation(protocol_3_0), message('v', std::string{"\0\3\0\0\0\0\0\2_pq_.later\0_pq_.too\0", 28}));
  EXPECT_EQ(startup.packet(protocol_3_0).find("_pq_"), std::string::npos);
}

TEST(Startup, StripsTheEndpointOption) {
  EXPECT_THAT(parsed({{"options", "endpoint=ep-1"}}).options, IsEmpty());
  EXPECT_EQ(parsed({{"options", "endpoint=ep-1"}}).packet(protocol_3_0).find("options"), std::string::npos);
  EXPECT_THAT(parsed({{"options", "-c geqo=off endpoint=ep-1  -c jit=on"}}).options,
              ElementsAre("-c", "geqo=off", "-c", "jit=on"));
  EXPECT_THAT(parsed({{"options", "-c search_path=a\\ endpoint=b"}}).options,
              ElementsAre("-c", "search_path=a endpoint=b"));
  EXPECT_THAT(parsed({{"options", "\\endpoint=x"}}).options, IsEmpty());
}

TEST(Startup, WritesNothingThatPostgresWouldNotRead) {
  auto const startup = parsed({{"options", std::string(6'000, '\xE4')}});
  EXPECT_THROW(static_cast<void>(startup.packet(protocol_3_0)), Refusal) << "twice as long, as each byte is escaped";
}

TEST(Options, AreSplitAsPostgresSplitsThem) {
  EXPECT_THAT(split_options(" \t-c\vrole=a\f-crole=b\r\n--role=c "),
              ElementsAre("-c", "role=a", "-crole=b", "--role=c"));
  EXPECT_THAT(split_options("-c search_path=a\\ b\\\\c\\d"), ElementsAre("-c", "search_path=a b\\cd"));
  EXPECT_THAT(split_options("a\\"), ElementsAre("a"));
  EXPECT_THAT(split_options("a \\"), ElementsAre("a", ""));
  EXPECT_THAT(split_options("\\ "), ElementsAre(" "));
  EXPECT_THAT(split_options(" \n"), IsEmpty());
}

TEST(Options, AreWrittenSoThatTheySplitAgain) {
  for (Words const& words :
       {Words{"-c", "search_path=a b", "\\", "\xC2\xA0", "\t\v", "--x=y"}, Words{"a", ""}, Words{}}) {
    EXPECT_EQ(split_options(join_options(words)), words);
  }
  EXPECT_EQ(join_options({"-c", "geqo=off"}), "-c geqo=off");
}

TEST(CancelRequest, HasAKeyOfOneTo256Bytes) {
  auto cancel = [](std::size_t key) {
    std::string text;
    append_uint32(text, cancel_request);
    append_uint32(text, 77);
    return Cancel::parse(text + std::string(key, 'k'));
  };
  for (std::size_t size : {1, 4, 32, 256}) {
    ASSERT_TRUE(cancel(size)) << size;
    EXPECT_EQ(cancel(size)->process, 77U);
    EXPECT_EQ(read_uint32(cancel(size)->packet().data()), size + 12);
    EXPECT_EQ(cancel(size)->packet().size(), size + 12);
  }
  EXPECT_FALSE(cancel(0));
  EXPECT_FALSE(cancel(257));
  EXPECT_FALSE(Cancel::parse("\4\3"));
  EXPECT_FALSE(Cancel::parse(std::string(12, '\0')));
}

}  // namespace
}  // namespace lakebase::emulator::wire
