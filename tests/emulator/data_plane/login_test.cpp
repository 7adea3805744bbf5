#include <openssl/x509v3.h>

#include <fstream>
#include <optional>
#include <thread>

#include "data_plane_fixture.hpp"
#include "raw_client.hpp"

namespace lakebase::emulator {
namespace {

using testing::HasSubstr;
using testing::Not;

using LoginTest = DataPlaneTest;

TEST_F(LoginTest, TakesATokenUnderVerifyFull) {
  auto session = connect();
  ASSERT_TRUE(session.ok()) << session.error();
  EXPECT_EQ(session.value("SELECT current_user || '@' || current_database()"), "alice@app");
  EXPECT_EQ(PQsslInUse(session.get()), 1);
  EXPECT_STREQ(PQsslAttribute(session.get(), "protocol"), "TLSv1.3");
}

TEST_F(LoginTest, RefusesPlaintextAndSaysWhatToDo) {
  auto session = connect("sslmode=disable");
  EXPECT_FALSE(session.ok());
  EXPECT_THAT(session.error(), HasSubstr("TLS connections only"));
  EXPECT_THAT(session.error(), HasSubstr("sslmode=verify-full"));
}

TEST_F(LoginTest, TellsTheAuthoritysRefusal) {
  auto session = connect(std::string{"password="} + expired_token);
  EXPECT_FALSE(session.ok());
  EXPECT_THAT(session.error(), HasSubstr("28000: Invalid authorization for databricks identity login"));
}

TEST_F(LoginTest, ChecksNativePasswordsAgainstTheRole) {
  EXPECT_TRUE(connect("password=secret").ok());
  auto wrong = connect("password=wrong");
  EXPECT_FALSE(wrong.ok());
  EXPECT_THAT(wrong.error(), HasSubstr("28P01: password authentication failed for user \"alice\""));
  plane().execute("main", "postgres", {"ALTER ROLE alice VALID UNTIL '2001-01-01'"});
  EXPECT_THAT(connect("password=secret").error(), HasSubstr("28P01"));
  EXPECT_TRUE(connect().ok()) << "a token is not bound to the password's end";
}

TEST_F(LoginTest, TellsTheControlPlaneWhetherAPasswordIsTheRoles) {
  EXPECT_TRUE(plane().has_password("main", "alice", "secret"));
  EXPECT_FALSE(plane().has_password("main", "alice", "wrong"));
  EXPECT_FALSE(plane().has_password("main", "nobody", "secret"));
  plane().execute("main", "postgres", {"CREATE ROLE plain LOGIN"});
  EXPECT_FALSE(plane().has_password("main", "plain", ""));
  plane().execute("main", "postgres", {"DROP ROLE plain"});
}

TEST_F(LoginTest, DoesNotTellWhichRolesExist) {
  for (char const* password : {good_token, "secret"}) {
    auto session = connect(std::string{"user=nobody password="} + password);
    EXPECT_THAT(session.error(), HasSubstr("28P01: password authentication failed for user \"nobody\""));
  }
}

TEST_F(LoginTest, RefusesTheBootstrapSuperuser) {
  EXPECT_THAT(connect("user=cloud_admin").error(), HasSubstr("28P01"));
}

TEST_F(LoginTest, PassesPostgresOwnRefusalsOn) {
  EXPECT_THAT(connect("dbname=missing").error(), HasSubstr("3D000"));
  EXPECT_THAT(connect("user=databricks_superuser").error(), HasSubstr("28000"));
}

TEST_F(LoginTest, TakesLongPasswords) {
  std::string const token(60'000, 'x');
  authority_ = [&](Login const& login) {
    bool const same = login.password == token;
    return LoginDecision{same ? LoginDecision::Verdict::trusted : LoginDecision::Verdict::refused, "28P01", "no"};
  };
  EXPECT_TRUE(connect("password=" + token).ok());
}

TEST_F(LoginTest, GivesTheAuthorityWhatTheClientSaid) {
  Login seen;
  authority_ = [&](Login const& login) {
    seen = login;
    return decide(login);
  };
  ASSERT_TRUE(connect().ok());
  EXPECT_EQ(seen.endpoint_uid, "primary");
  EXPECT_EQ(seen.user, "alice");
  EXPECT_EQ(seen.database, "app");
}

TEST_F(LoginTest, SurvivesAnAuthorityThatThrows) {
  authority_ = [](Login const&) -> LoginDecision { throw std::runtime_error("bad day"); };
  EXPECT_THAT(connect().error(), HasSubstr("XX000"));
  authority_ = decide;
  EXPECT_TRUE(connect().ok());
}

TEST_F(LoginTest, RefusesLoginsOfADisabledEndpoint) {
  plane().update_endpoint("primary", {.disabled = true});
  EXPECT_THAT(connect().error(), HasSubstr("disabled"));
  EXPECT_EQ(plane().status("primary").state, ComputeState::idle);
  EXPECT_THROW(plane().start("primary"), DataPlaneError);
  plane().update_endpoint("primary", {});
  EXPECT_TRUE(connect().ok());
}

TEST_F(LoginTest, NoneOutlivesTheDisablingOfItsEndpoint) {
  plane().suspend("primary");
  std::optional<PqConnection> session;
  std::thread client{[&] { session.emplace(conninfo(host_)); }};
  EXPECT_TRUE(eventually([&] { return plane().status("primary").state == ComputeState::init; }));
  plane().update_endpoint("primary", {.disabled = true});
  client.join();
  EXPECT_NE(session->value("SELECT 1"), "1");
}

TEST_F(LoginTest, LogsNeitherPasswordsNorStatements) {
  auto session = connect("password=secret");
  session.run("ALTER ROLE alice PASSWORD 'top-secret' nonsense");
  session.run("SELECT 'plain-text-of-a-query', 1/0");
  connect(std::string{"password="} + expired_token);
  std::string const everything = logged() + [&] {
    std::ifstream file{root_.path() / "logs" / "main" / "postgres.log"};
    return std::string{std::istreambuf_iterator<char>{file}, {}};
  }();
  EXPECT_THAT(everything, HasSubstr("started"));
  for (char const* secret : {"secret", "token-that", "plain-text"}) EXPECT_THAT(everything, Not(HasSubstr(secret)));
}

TEST_F(LoginTest, ShowsACertificateForItsAddress) {
  RawClient client{host_};
  ASSERT_TRUE(client.request_tls());
  auto const certificate = client.certificate();
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), host_.c_str(), 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "::1", 0), 1);
  EXPECT_EQ(X509_check_host(certificate.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(certificate.get(), "example.com", 0, 0, nullptr), 0);
}

TEST_F(LoginTest, KeepsTheAuthoritysKeyToItself) {
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(root_.path() / "ca.key").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_NE(fs::status(plane().ca_certificate()).permissions() & fs::perms::others_read, fs::perms::none);
}

}  // namespace
}  // namespace lakebase::emulator
