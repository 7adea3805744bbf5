#include <map>
#include <memory>

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <lakebase/error.hpp>
#include <lakebase/pq/connection_parameters.hpp>

#include "pq/login/libpq_keywords.hpp"
#include "pq/login/root_file.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

ConnectionParameters parameters() {
  ConnectionParameters result;
  result.host = "ep-quiet-lake-1a2b3c4d.database.us-east-1.cloud.databricks.com";
  result.user = "o'hara@example.com";
  result.sslrootcert = "/roots.pem";
  return result;
}

// What libpq makes of a connection string.
std::map<std::string, std::string> read_by_libpq(std::string const& text) {
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> const parsed{PQconninfoParse(text.c_str(), nullptr),
                                                                            &PQconninfoFree};
  std::map<std::string, std::string> result;
  for (auto const* option = parsed.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (option->val != nullptr) result.emplace(option->keyword, option->val);
  }
  return result;
}

TEST(ConnectionParameters, BecomeAConninfo) {
  auto some = parameters();
  some.application_name = "back\\slash";
  EXPECT_THAT(some.to_conninfo(), StartsWith("host='ep-quiet-lake-1a2b3c4d.database.us-east-1.cloud.databricks.com' "
                                             "port='5432' dbname='databricks_postgres' user='o\\'hara@example.com' "
                                             "sslmode='verify-full' sslrootcert='/roots.pem' "
                                             "application_name='back\\\\slash'"));
  EXPECT_THAT(some.to_conninfo(), Not(HasSubstr("password")));
  EXPECT_THAT(some.to_conninfo("planted' host='evil"), HasSubstr("password='planted\\' host=\\'evil'"));
}

TEST(ConnectionParameters, BecomeAUrl) {
  auto some = parameters();
  some.options = "-c search_path=app";
  EXPECT_THAT(some.to_url("p@ss/word"),
              StartsWith("postgresql://o%27hara%40example.com:p%40ss%2Fword@ep-quiet-lake-1a2b3c4d.database.us-east-1."
                         "cloud.databricks.com:5432/databricks_postgres?sslmode=verify-full&sslrootcert=%2Froots.pem"));
  EXPECT_THAT(some.to_url(), HasSubstr("options=-c%20search_path%3Dapp"));
}

TEST(ConnectionParameters, CarryAnyUserAndPassword) {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  for (std::string const& odd : {all, std::string{"%41"}, std::string{"a b"}, std::string{"x@h:1/d?e#f"},
                                 std::string{"\\'"}, std::string{" "}, std::string{"[::1]"}, std::string{"ключ"}}) {
    auto some = parameters();
    some.user = odd;
    some.dbname = odd;
    for (auto const& text : {some.to_conninfo(odd), some.to_url(odd)}) {
      auto const parsed = read_by_libpq(text);
      EXPECT_EQ(parsed.at("user"), odd);
      EXPECT_EQ(parsed.at("dbname"), odd);
      EXPECT_EQ(parsed.at("password"), odd);
      EXPECT_EQ(parsed.at("host"), some.host);
    }
  }
  std::string const with_nul{"a\0b", 3};
  EXPECT_THROW(static_cast<void>(parameters().to_conninfo(with_nul)), ConfigError);
  EXPECT_THROW(static_cast<void>(parameters().to_url(with_nul)), ConfigError);
}

TEST(ConnectionParameters, RepeatTheHostForEachAddress) {
  auto some = parameters();
  some.host = "h";
  some.port = 5433;
  some.hostaddr = "10.0.0.1,10.0.0.2";
  EXPECT_THAT(some.to_conninfo(), StartsWith("host='h,h' hostaddr='10.0.0.1,10.0.0.2' port='5433'"));
  EXPECT_THAT(some.to_url(), HasSubstr("@h:5433,h:5433/databricks_postgres?hostaddr=10.0.0.1%2C10.0.0.2&"));
  EXPECT_EQ(some.to_environment().at("PGHOST"), "h,h");
}

TEST(ConnectionParameters, BecomeAnEnvironment) {
  auto const environment = parameters().to_environment("planted");
  EXPECT_EQ(environment.at("PGUSER"), "o'hara@example.com");
  EXPECT_EQ(environment.at("PGSSLMODE"), "verify-full");
  EXPECT_EQ(environment.at("PGPASSWORD"), "planted");
  EXPECT_FALSE(parameters().to_environment().contains("PGPASSWORD"));
}

TEST(ConnectionParameters, RefuseATokenOnAPooledHost) {
  auto some = parameters();
  some.pooled = true;
  EXPECT_THROW(validate(some, true), ConfigError);
  EXPECT_NO_THROW(validate(some, false));
  some.options = "-c a=b";
  EXPECT_THROW(validate(some, false), ConfigError);
}

TEST(ConnectionParameters, RefuseUnknownAndForbiddenKeywords) {
  for (auto const* const keyword : {"sslmode", "password", "host", "sslsni", "no_such_keyword"}) {
    auto some = parameters();
    some.extra[keyword] = "disable";
    EXPECT_THROW(validate(some, true), ConfigError) << keyword;
  }
  auto some = parameters();
  some.extra["connect_timeout"] = "3";
  EXPECT_NO_THROW(validate(some, true));
  some.user = std::string{"a\0b", 3};
  EXPECT_THROW(static_cast<void>(some.to_conninfo()), ConfigError);
}

// Why these parameters are refused, in whatever form they are asked for.
std::string refusal_of(ConnectionParameters const& some) {
  EXPECT_THROW(static_cast<void>(some.to_conninfo("planted")), ConfigError);
  EXPECT_THROW(static_cast<void>(some.to_url("planted")), ConfigError);
  EXPECT_THROW(static_cast<void>(some.to_environment("planted")), ConfigError);
  for (bool const with_token : {true, false}) {
    try {
      validate(some, with_token);
    } catch (ConfigError const& error) {
      if (with_token) continue;
      return error.what();
    }
    ADD_FAILURE() << "accepted";
  }
  return {};
}

TEST(ConnectionParameters, RefuseAHostThatIsASocketWithoutTls) {
  for (auto const* const host : {"/", "/var/run/postgresql", "@", "@abstract"}) {
    auto some = parameters();
    some.host = host;
    auto const why = refusal_of(some);
    EXPECT_THAT(why, HasSubstr(std::string{"the host "} + host + " is a Unix socket"));
    EXPECT_THAT(why, HasSubstr("Set host to the name"));
    some.hostaddr = "127.0.0.1";
    refusal_of(some);
    some.sslmode = SslMode::require;
    refusal_of(some);
  }
}

TEST(ConnectionParameters, RefuseAListOfHosts) {
  for (auto const* const host : {"a,b", "a,", ",a", ",", "a,/var/run/postgresql"}) {
    auto some = parameters();
    some.host = host;
    EXPECT_THAT(refusal_of(some), HasSubstr("is a list"));
    some.hostaddr = "10.0.0.1,10.0.0.2";
    refusal_of(some);
  }
}

TEST(ConnectionParameters, RefuseAnEncryptionThatReplacesTls) {
  auto some = parameters();
  for (auto const* const mode : {"prefer", "require"}) {
    some.extra["gssencmode"] = mode;
    EXPECT_THAT(refusal_of(some), HasSubstr("would replace TLS"));
  }
  some.extra["gssencmode"] = "disable";
  EXPECT_NO_THROW(validate(some, true));
}

// libpq still reads this old keyword, as sslmode=prefer where it is 0.
TEST(ConnectionParameters, RefuseTheOldWayToAskForLessThanTls) {
  auto some = parameters();
  some.extra["requiressl"] = "0";
  EXPECT_THAT(refusal_of(some), HasSubstr("requiressl"));
}

TEST(DialString, KeepsStrayVariablesOut) {
  auto const text = pq::detail::dial_string(parameters(), "planted", true);
  for (auto const* const part : {"hostaddr=''", "options=''", "channel_binding='disable'", "gssencmode='disable'",
                                 "target_session_attrs='any'", "keepalives_idle='30'"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(pq::detail::dial_string(parameters(), "native", false), HasSubstr("channel_binding='prefer'"));
  if (!pq::detail::libpq_knows("require_auth")) return;
  EXPECT_THAT(text, HasSubstr("require_auth='password'"));
  EXPECT_THAT(pq::detail::dial_string(parameters(), "native", false), HasSubstr("scram-sha-256"));
}

TEST(RootFile, IsFoundInOrder) {
  std::map<std::string, std::string, std::less<>> variables;
  auto const environment = [&](std::string_view name) -> std::optional<std::string> {
    auto const found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  };
  auto const exists = [](std::string const& file) { return file == "/etc/pki/tls/certs/ca-bundle.crt"; };
  auto const nothing = [](std::string const&) { return false; };
  EXPECT_EQ(pq::detail::find_root_file_in(environment, 150000, nothing), "");
  EXPECT_EQ(pq::detail::find_root_file_in(environment, 150000, exists), "/etc/pki/tls/certs/ca-bundle.crt");
  EXPECT_EQ(pq::detail::find_root_file_in(environment, 160000, exists), "system");
  variables["SSL_CERT_FILE"] = "/mine.pem";
  EXPECT_EQ(pq::detail::find_root_file_in(environment, 150000, exists), "/mine.pem");
  variables["PGSSLROOTCERT"] = "system";
  EXPECT_EQ(pq::detail::find_root_file_in(environment, 150000, exists), "/mine.pem");
  variables["PGSSLROOTCERT"] = "/theirs.pem";
  EXPECT_EQ(pq::detail::find_root_file_in(environment, 170000, exists), "/theirs.pem");
}

}  // namespace
}  // namespace lakebase::tests
