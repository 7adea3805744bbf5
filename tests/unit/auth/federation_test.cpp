#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "auth/jwt.hpp"
#include "auth/strategies/token_cache.hpp"
#include "base/text/base64.hpp"
#include "support/service_account_key.hpp"
#include "support/strategy_test.hpp"

namespace lakebase::tests {
namespace {

using detail::ApiClient;
using detail::Request;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

class FederationTest : public StrategyTest {
 protected:
  FederationTest() { server.with_oauth(); }

  std::string exchange() const { return server.requests("POST /oidc/v1/token").back(); }

  void expect_exchange_of(std::string const& id_token, std::string const& strategy) {
    EXPECT_THAT(exchange(), HasSubstr("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"));
    EXPECT_THAT(exchange(), HasSubstr("subject_token=" + id_token + "&scope=all-apis"));
    EXPECT_THAT(exchange(), Not(HasSubstr("Authorization")));
    EXPECT_THAT(sent("User-Agent"), HasSubstr("auth/" + strategy));
  }

  std::string epoch(std::chrono::seconds from_now) const {
    return std::to_string(std::chrono::system_clock::to_time_t(clock->system_now() + from_now));
  }
};

TEST_F(FederationTest, TokenOfAVariable) {
  variables["MY_TOKEN"] = " jwt-1\n";
  EXPECT_THAT(error_of({.oidc_token_env = "MY_TOKEN", .client_id = "sp"}), IsEmpty());
  expect_exchange_of("jwt-1", "env-oidc");
  EXPECT_THAT(exchange(), HasSubstr("&client_id=sp"));
  variables.erase("MY_TOKEN");
  EXPECT_THAT(error_of({.oidc_token_env = "MY_TOKEN", .auth_type = "env-oidc"}),
              HasSubstr("env-oidc auth: MY_TOKEN is not set"));
}

TEST_F(FederationTest, TokenOfAFileIsReadEachTime) {
  auto const file = home.write("token", "jwt-1\n");
  ApiClient const client{config({.oidc_token_filepath = file})};
  client.send(Request::get("/api"));
  expect_exchange_of("jwt-1", "file-oidc");
  EXPECT_THAT(exchange(), Not(HasSubstr("client_id")));
  home.write("token", "jwt-2");
  clock->advance(1h);
  client.send(Request::get("/api"));
  expect_exchange_of("jwt-2", "file-oidc");
  EXPECT_THAT(error_of({.oidc_token_filepath = "/nonexistent"}),
              HasSubstr("file-oidc auth: the file /nonexistent cannot be read"));
}

TEST_F(FederationTest, GitHub) {
  variables["ACTIONS_ID_TOKEN_REQUEST_URL"] = server.url() + "/github?x=1";
  variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "planted-gh";
  server.on("GET /github", {.body = R"({"value":"gh-jwt"})"});
  EXPECT_THAT(error_of({.token_audience = "a b"}), IsEmpty());
  expect_exchange_of("gh-jwt", "github-oidc");
  auto const asked = server.requests("GET /github").back();
  EXPECT_THAT(asked, HasSubstr("GET /github?x=1&audience=a%20b "));
  EXPECT_THAT(asked, HasSubstr("Authorization: Bearer planted-gh"));
  server.on("GET /github", {.body = "{}"});
  EXPECT_THAT(error_of({}), HasSubstr("GitHub sent no ID token"));
}

TEST_F(FederationTest, AzureDevOps) {
  for (auto const* name : {"SYSTEM_TEAMPROJECTID", "SYSTEM_HOSTTYPE", "SYSTEM_PLANID", "SYSTEM_JOBID"})
    variables[name] = "v";
  variables["SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"] = server.url() + "/org/";
  EXPECT_THAT(error_of({.auth_type = "azure-devops-oidc"}), HasSubstr("map it into the environment"));
  variables["SYSTEM_ACCESSTOKEN"] = "planted-ado";
  std::string const route = "POST /org/v/_apis/distributedtask/hubs/v/plans/v/jobs/v/oidctoken";
  server.on(route, {.body = R"({"oidcToken":"ado-jwt"})"});
  EXPECT_THAT(error_of({}), IsEmpty());
  expect_exchange_of("ado-jwt", "azure-devops-oidc");
  EXPECT_THAT(server.requests(route).back(), HasSubstr("Content-Length: 0"));
}

// --- Azure: the fake server answers for Entra ID, the resource manager and the identity service ---

class AzureTest : public FederationTest {
 protected:
  AzureTest() {
    server.on("POST /login.microsoftonline.com/ten/oauth2/token", [this](std::string const& request) {
      bool const is_management = request.find("management.core") != std::string::npos;
      bool const is_arm = request.find("management.azure") != std::string::npos;
      return IdentityServer::Answer{.body = std::string{R"({"access_token":")"} +
                                            (is_management ? "mgmt"
                                             : is_arm      ? "arm"
                                                           : "aad") +
                                            R"(","token_type":"Bearer","expires_on":")" + epoch(1h) + "\"}"};
    });
  }
  std::string const resource = "/subscriptions/sub-1/resourceGroups/g/providers/Microsoft.Databricks/workspaces/w";
};

TEST_F(AzureTest, AResourceWithoutAWorkspaceIsAnError) {
  EXPECT_THAT(error_of({.azure_workspace_resource_id = resource,
                        .azure_client_secret = "planted-az",
                        .azure_client_id = "app",
                        .azure_tenant_id = "ten"}),
              HasSubstr("resource manager refused"));
}

TEST_F(AzureTest, ClientSecretWithDetectedTenant) {
  server.on("GET /aad/auth", {302, "", "Location: https://login.microsoftonline.com/ten/oauth2/authorize?x=1\r\n"});
  EXPECT_THAT(error_of({.cloud = "AZURE", .azure_client_secret = "planted-az", .azure_client_id = "app"}), IsEmpty());
  EXPECT_EQ(sent("Authorization"), "Bearer aad");
  EXPECT_EQ(sent("X-Databricks-Azure-SP-Management-Token"), "mgmt");
  auto const asked = server.requests("POST /login.microsoftonline.com/ten/oauth2/token");
  ASSERT_THAT(asked, SizeIs(2));
  EXPECT_THAT(asked[0], HasSubstr("client_secret=planted-az&resource=2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"));
  EXPECT_THAT(asked[0], Not(HasSubstr("scope")));
  server.on("GET /aad/auth", {200, "{}"});
  EXPECT_THAT(error_of({.cloud = "AZURE", .azure_client_secret = "planted-az", .azure_client_id = "app"}),
              HasSubstr("the tenant is unknown"));
}

TEST_F(AzureTest, OnAnotherCloudOnlyWhereNamed) {
  Config base{.azure_client_secret = "planted-az", .azure_client_id = "app", .azure_tenant_id = "ten"};
  EXPECT_THAT(error_of(base), HasSubstr("azure-client-secret: the host is not on Azure"));
  base.auth_type = "azure-client-secret";
  EXPECT_THAT(error_of(base), IsEmpty());
}

TEST_F(AzureTest, FindsTheHostOfAResource) {
  // The workspace's URL is rerouted to the fake server as well.
  server.on("GET /management.azure.com" + resource, [](std::string const& request) {
    EXPECT_THAT(request, HasSubstr("?api-version=2018-04-01 "));
    EXPECT_THAT(request, HasSubstr("Authorization: Bearer arm"));
    return IdentityServer::Answer{.body = R"({"properties":{"workspaceUrl":"adb-1.2.azuredatabricks.net"}})"};
  });
  server.on("GET /adb-1.2.azuredatabricks.net/api", {.body = "{}"});
  EXPECT_THAT(error_of({.azure_workspace_resource_id = resource,
                        .azure_client_secret = "planted-az",
                        .azure_client_id = "app",
                        .azure_tenant_id = "ten"}),
              IsEmpty());
  auto const text = server.requests("GET /adb-1.2.azuredatabricks.net/api").back();
  EXPECT_THAT(text, HasSubstr("X-Databricks-Azure-Workspace-Resource-Id: " + resource));
}

TEST_F(AzureTest, ManagedIdentity) {
  std::string const route = "GET /169.254.169.254/metadata/identity/oauth2/token";
  server.on(route, [&](std::string const& request) {
    EXPECT_THAT(request, HasSubstr("Metadata: true\r\n"));
    EXPECT_THAT(request, HasSubstr("&client_id=app "));
    return IdentityServer::Answer{.body =
                                      R"({"access_token":"msi","token_type":"Bearer","expires_on":)" + epoch(1h) + "}"};
  });
  EXPECT_THAT(error_of({.cloud = "azure", .azure_use_msi = true, .azure_client_id = "app"}), IsEmpty());
  EXPECT_EQ(sent("Authorization"), "Bearer msi");
  EXPECT_THAT(server.requests(route), SizeIs(2));
}

TEST_F(AzureTest, GitHubFetchesANewAssertionForEachToken) {
  variables["ACTIONS_ID_TOKEN_REQUEST_URL"] = server.url() + "/github";
  variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "planted-gh";
  server.on("GET /github", {.body = R"({"value":"gh-jwt"})"});
  ApiClient const client{
      config({.cloud = "azure", .azure_client_id = "app", .azure_tenant_id = "ten", .auth_type = "github-oidc-azure"})};
  client.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Bearer aad");
  EXPECT_EQ(sent("X-Databricks-Azure-SP-Management-Token"), "");
  EXPECT_THAT(server.requests("POST /login.microsoftonline.com/ten/oauth2/token").back(),
              HasSubstr("client_assertion=gh-jwt"));
  clock->advance(1h);
  client.send(Request::get("/api"));
  EXPECT_THAT(server.requests("GET /github"), SizeIs(2));
}

TEST_F(AzureTest, Cli) {
  home.write_program("bin/az", R"(#!/bin/sh
case "$*" in
  "account show"*) echo '{"user":{"type":"user","name":"me"}}' ;;
  *--subscription*) echo "no such subscription" >&2; exit 1 ;;
  *) echo '{"accessToken":"az-'$4'","tokenType":"Bearer","expires_on":)" +
                                   epoch(1h) + R"(}' ;;
esac)");
  EXPECT_THAT(error_of({.cloud = "azure"}), IsEmpty());
  EXPECT_EQ(sent("Authorization"), "Bearer az-2ff814a6-3304-4ab8-85cb-cd0e6f879c1d");
  EXPECT_EQ(sent("X-Databricks-Azure-SP-Management-Token"), "az-https://management.core.windows.net/");
  home.write_program("bin/az", "#!/bin/sh\necho 'Please run az login' >&2; exit 1");
  EXPECT_THAT(error_of({.cloud = "azure", .auth_type = "azure-cli"}), HasSubstr("Please run az login"));
}

// --- The Databricks CLI ---

class CliTest : public FederationTest {
 protected:
  void install(std::string_view version, std::string_view token_script, std::size_t size = mebibyte) {
    std::string script =
        "#!/bin/sh\necho \"$*\" >> " + (home.path() / "calls").string() + "\ncase \"$1\" in\nversion) ";
    script.append(version).append(" ;;\nauth) ").append(token_script).append(" ;;\nesac");
    home.write_program("bin/databricks", script, size);
  }
  static std::string token(std::string_view expiry, std::string_view name = "cli") {
    return "echo '{\"access_token\":\"" + std::string{name} + "\",\"token_type\":\"Bearer\",\"expiry\":\"" +
           std::string{expiry} + "\"}'";
  }
  std::string calls() const {
    std::ifstream stream{home.path() / "calls"};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }
  static constexpr std::string_view v0_207 = R"(echo '{"Major":0,"Minor":207,"Patch":1}')";
  static constexpr std::string_view v1 = R"(echo '{"Major":1,"Minor":0,"Patch":0}')";
};

TEST_F(CliTest, TokenByHost) {
  install(v0_207, token("2100-03-20T10:30:00.123456789+01:00"));
  EXPECT_THAT(error_of({}), IsEmpty());
  EXPECT_EQ(sent("Authorization"), "Bearer cli");
  EXPECT_EQ(calls(), "version --output json\nauth token --host " + server.url() + "\n");
}

TEST_F(CliTest, TokenByProfile) {
  home.write(".databrickscfg", "[p]\nhost = " + server.url() + "\n");
  install(v0_207, token("2100-03-20T10:30:00Z"));
  EXPECT_THAT(error_of({.profile = "p"}), IsEmpty());
  EXPECT_THAT(calls(), HasSubstr("auth token --profile p\n"));
  install("echo nonsense", token("2100-03-20T10:30:00Z"));
  EXPECT_THAT(error_of({.profile = "p"}), IsEmpty());
  EXPECT_THAT(calls(), HasSubstr("auth token --host " + server.url() + "\n"));
}

TEST_F(CliTest, OldVersionsAreNotToldAProfileThatTheyWouldIgnore) {
  home.write(".databrickscfg", "[p]\nhost = " + server.url() + "\n[bare]\nauth_type = databricks-cli\n");
  for (auto const* version : {R"(echo '{"Major":0,"Minor":206,"Patch":9}')",
                              R"(echo '{"Major":0,"Minor":0,"Patch":0}')", "exit 1", "kill -9 $$"}) {
    install(version, token("2100-03-20T10:30:00Z"));
    EXPECT_THAT(error_of({.profile = "p"}), IsEmpty());
    EXPECT_THAT(calls(), ::testing::EndsWith("auth token --host " + server.url() + "\n")) << version;
  }
}

TEST_F(CliTest, IsFoundWhereItIsSaidToBe) {
  install(v1, token("2100-03-20T10:30:00Z"));
  auto const real = home.path() / "bin/databricks";
  auto const elsewhere = home.path() / "elsewhere";
  std::filesystem::create_directories(elsewhere);
  std::filesystem::rename(real, elsewhere / "dbx");
  EXPECT_THAT(error_of({.auth_type = "databricks-cli"}), HasSubstr("is not installed"));
  EXPECT_THAT(error_of({.databricks_cli_path = elsewhere / "dbx"}), IsEmpty());
  std::filesystem::create_symlink(elsewhere / "dbx", home.path() / "bin/linked");
  EXPECT_THAT(error_of({.databricks_cli_path = "linked"}), IsEmpty()) << "the size is that of what the link leads to";
}

TEST_F(CliTest, ARejectedTokenIsNotTakenAgain) {
  install(v1, "case \"$*\" in *--force-refresh) " + token("2100-01-01T00:00:00Z", "fresh") + " ;; *) " +
                  token("2100-01-01T00:00:00Z", "revoked") + " ;; esac");
  server.on("GET /api", [](std::string const& request) {
    return IdentityServer::Answer{request.find("Bearer revoked") == std::string::npos ? 200 : 401, "{}"};
  });
  EXPECT_THAT(error_of({}), IsEmpty());
  EXPECT_EQ(sent("Authorization"), "Bearer fresh");
}

TEST_F(CliTest, ForcesARefreshOnlyWhereItIsNeeded) {
  install(v1, "case \"$*\" in *--force-refresh) " + token("2100-01-01T00:00:00Z", "fresh") + " ;; *) " +
                  token("2020-01-01T00:00:00Z", "old") + " ;; esac");
  EXPECT_THAT(error_of({}), IsEmpty());
  EXPECT_EQ(sent("Authorization"), "Bearer fresh");
}

TEST_F(CliTest, SaysWhyItCannot) {
  install(v1, "echo 'cache: databricks OAuth is not configured for this host' >&2; exit 1");
  EXPECT_THAT(error_of({}), HasSubstr("the CLI is not logged in to this host"));
  install(v1, "echo 'refresh token is invalid' >&2; exit 1");
  EXPECT_THAT(error_of({.auth_type = "databricks-cli"}),
              HasSubstr("cannot get access token from the CLI: refresh token is invalid"));
  install(v1, "echo 'ERROR: nobody is logged in' >&2; exit 1");
  EXPECT_THAT(error_of({.auth_type = "databricks-cli"}), HasSubstr("CLI: ERROR: nobody is logged in"));
  install(v1, "echo 'opaque-token-on-the-other-stream'; exit 1");
  EXPECT_THAT(error_of({}), ::testing::AllOf(HasSubstr("it gave no reason"), Not(HasSubstr("opaque-token"))));
  install(v1, "printf 'no\\033[2J\\nlogin' >&2; exit 1");
  EXPECT_THAT(error_of({}), HasSubstr("cannot get access token from the CLI: no [2J login"));
  install(v1, "echo garbage");
  EXPECT_THAT(error_of({}), HasSubstr("the CLI printed no token"));
  install(v1, token("yesterday"));
  EXPECT_THAT(error_of({}), HasSubstr("an expiry that is no time"));
}

TEST_F(CliTest, KnowsTheLegacyCliByItsScriptAndTakesOtherSmallFiles) {
  home.write_program("bin/databricks", "#!/usr/bin/python3\nfrom databricks_cli.cli import cli\n");
  EXPECT_THAT(error_of({}), HasSubstr("is the legacy CLI"));
  install(v1, token("2100-01-01T00:00:00Z"), 0);
  EXPECT_THAT(error_of({}), IsEmpty()) << "a script that runs the present CLI";
  install(v1, token("2100-01-01T00:00:00Z") + " # from databricks_cli.cli import ");
  EXPECT_THAT(error_of({}), IsEmpty()) << "what is large is a program, whatever stands in it";
}

TEST_F(CliTest, ChecksScopes) {
  auto const claims = detail::base64url(R"({"scope":"sql offline_access"})");
  install(v1, token("2100-01-01T00:00:00Z", "h." + claims + ".s"));
  EXPECT_THAT(error_of({.scopes = {"sql"}}), IsEmpty());
  EXPECT_THAT(error_of({.scopes = {"all-apis"}}), HasSubstr("other scopes"));
}

TEST_F(CliTest, StopsAtOnceAndLeavesNoProcess) {
  install("sleep 30", "sleep 30");
  std::stop_source stop;
  ApiClient const client{config({})};
  std::jthread caller{
      [&] { EXPECT_THROW(client.with({.stop = stop.get_token()})->send(Request::get("/api")), Cancelled); }};
  std::this_thread::sleep_for(50ms);
  auto const asked = std::chrono::steady_clock::now();
  stop.request_stop();
  caller.join();
  EXPECT_LT(std::chrono::steady_clock::now() - asked, 50ms);
}

// --- The browser ---

class BrowserTest : public FederationTest {
 protected:
  BrowserTest() {
    server.on("POST /oidc/v1/token", [](std::string const& request) {
      bool const is_refresh = request.find("grant_type=refresh_token") != std::string::npos;
      return IdentityServer::Answer{.body = std::string{R"({"access_token":")"} + (is_refresh ? "renewed" : "first") +
                                            R"(","token_type":"Bearer","expires_in":3600)" +
                                            (is_refresh ? "" : R"(,"refresh_token":"planted-r")") + "}"};
    });
  }
  ~BrowserTest() override {
    for (auto& browser : browsers) browser.join();
  }

  Config browser_config(std::string reply = "code=c%2B1&state=") {
    return config({.auth_type = "external-browser", .open_browser = [this, reply](std::string const& url) {
                     opened = url;
                     browsers.emplace_back([url, reply] { visit(url, reply); });
                   }});
  }

  static std::string parameter(std::string const& url, std::string const& key) {
    auto const begin = url.find(key + "=") + key.size() + 1;
    return url.substr(begin, url.find('&', begin) - begin);
  }

  // A browser: asks for an icon first, and then comes back.
  static void visit(std::string const& url, std::string const& reply) {
    auto const redirect = parameter(url, "redirect_uri");
    auto const base = "http://127.0.0.1:" + redirect.substr(redirect.rfind('A') + 1);
    auto const transport = detail::make_curl_transport({});
    for (auto const& target : {std::string{"/favicon.ico"}, std::string{"/?code=evil&state=wrong"},
                               "/?" + reply + parameter(url, "state")}) {
      try {
        transport->send({.method = "GET", .url = base + target}, {.total = 5s});
      } catch (TransportError const&) {
      }
    }
  }

  std::string opened;
  std::vector<std::thread> browsers;
};

TEST_F(BrowserTest, LogsInOnceAndKeepsTheLogin) {
  ApiClient{browser_config()}.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Bearer first");
  EXPECT_THAT(
      opened,
      HasSubstr(
          "/oidc/v1/authorize?response_type=code&client_id=databricks-cli&redirect_uri=http%3A%2F%2Flocalhost%3A80"));
  EXPECT_THAT(opened, HasSubstr("scope=all-apis%20offline_access"));
  EXPECT_THAT(opened, HasSubstr("code_challenge_method=S256"));
  auto const body = server.requests("POST /oidc/v1/token").back();
  EXPECT_THAT(body, HasSubstr("grant_type=authorization_code&code=c%2B1&code_verifier="));
  auto const verifier = parameter(body, "code_verifier");
  EXPECT_EQ(verifier.size(), 43U);
  EXPECT_EQ(parameter(opened, "code_challenge"), detail::base64url(detail::sha256(verifier)));

  auto const folder = home.path() / ".config/databricks-sdk-cpp/oauth";
  int files = 0;
  for (auto const& file : std::filesystem::directory_iterator{folder}) {
    EXPECT_EQ(file.status().permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    if (file.path().extension() == ".json") ++files;
  }
  EXPECT_EQ(files, 1);

  opened.clear();
  ApiClient{browser_config()}.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Bearer first");
  clock->advance(1h);
  ApiClient const later{browser_config()};
  later.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Bearer renewed");
  clock->advance(1h);
  later.send(Request::get("/api"));
  EXPECT_THAT(server.requests("POST /oidc/v1/token").back(), HasSubstr("refresh_token=planted-r"))
      << "the old one is kept";
  EXPECT_THAT(opened, IsEmpty());
}

TEST_F(BrowserTest, SilentPeersDoNotHoldUpTheBrowser) {
  auto base = browser_config();
  std::vector<int> silent;
  auto const visit_later = base.open_browser;
  base.open_browser = [&](std::string const& url) {
    auto const redirect = parameter(url, "redirect_uri");
    auto const port = std::stoi(redirect.substr(redirect.rfind('A') + 1));
    for (int i = 0; i < 6; ++i) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(static_cast<std::uint16_t>(port));
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      silent.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      ASSERT_EQ(connect(silent.back(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    visit_later(url);
  };
  auto const start = std::chrono::steady_clock::now();
  ApiClient{base}.send(Request::get("/api"));
  // One after the other, each silent peer would have taken 2 s.
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
  for (int const file : silent) close(file);
}

TEST_F(BrowserTest, ALoginForAGroupSaysSoInEachRequestAndIsKeptApart) {
  auto base = browser_config();
  base.group_id = "17";
  ApiClient const client{base};
  client.send(Request::get("/api"));
  EXPECT_THAT(opened, HasSubstr("&assume_group=17"));
  EXPECT_THAT(server.requests("POST /oidc/v1/token").back(), HasSubstr("&assume_group=17"));
  clock->advance(1h);
  client.send(Request::get("/api"));
  EXPECT_THAT(server.requests("POST /oidc/v1/token").back(),
              ::testing::AllOf(HasSubstr("grant_type=refresh_token"), HasSubstr("&assume_group=17")));
  opened.clear();
  ApiClient{browser_config()}.send(Request::get("/api"));
  EXPECT_THAT(opened, Not(IsEmpty())) << "the login without a group is another one";
}

TEST_F(BrowserTest, ARefusalIsTold) {
  try {
    ApiClient{browser_config("error=access_denied&error_description=not%20you&state=")}.send(Request::get("/api"));
    FAIL();
  } catch (AuthError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("external-browser auth: the login failed: access_denied: not you"));
  }
}

TEST_F(BrowserTest, StopsAtOnce) {
  std::stop_source stop;
  auto base = browser_config();
  base.open_browser = [&](std::string const&) { stop.request_stop(); };
  EXPECT_THROW(ApiClient{base}.with({.stop = stop.get_token()})->send(Request::get("/api")), Cancelled);
}

TEST_F(BrowserTest, ABrowserThatWeStartGoesOnAfterTheLogin) {
  // A browser that stays in the foreground until somebody closes it.
  auto const opened_file = home.path() / "opened";
  auto const close = home.path() / "close";
  ASSERT_EQ(mkfifo(close.c_str(), 0600), 0);
  home.write_program("bin/xdg-open", "#!/bin/sh\necho \"$1\" > '" + opened_file.string() + ".new'\nmv '" +
                                         opened_file.string() + ".new' '" + opened_file.string() + "'\nread line < '" +
                                         close.string() + "'\necho \"$line\" > '" + home.path().string() + "/closed'");
  variables["PATH"] += ":/bin:/usr/bin";
  std::jthread const person{[&] {
    while (!std::filesystem::exists(opened_file)) std::this_thread::sleep_for(1ms);
    std::ifstream stream{opened_file};
    std::string url;
    std::getline(stream, url);
    visit(url, "code=c&state=");
  }};
  ApiClient{config({.auth_type = "external-browser"})}.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Bearer first");
  std::ofstream{close} << "by hand\n";
  while (!std::filesystem::exists(home.path() / "closed")) std::this_thread::sleep_for(1ms);
}

TEST(LoginKey, NamesTheFileAsPythonDoes) {
  EXPECT_EQ((detail::LoginKey{.host = "https://x.cloud.databricks.com",
                              .client_id = "databricks-cli",
                              .profile = "",
                              .scopes = {"all-apis", "offline_access"}})
                .file_name(),
            "6bad575c0fec4df417be03e90c8190d76c94bc1e82ea979c26a6bc2cd19544a3.json");
}

TEST(LoginKey, NamesTheGroupOfALoginForOne) {
  EXPECT_EQ((detail::LoginKey{.host = "https://x.cloud.databricks.com",
                              .client_id = "databricks-cli",
                              .profile = "",
                              .scopes = {"all-apis", "offline_access"},
                              .group_id = "17"})
                .file_name(),
            "c79b57898157944665243a166581961e05fa4042e2bb6ae519a17241ddfc42d0.json");
}

// --- Groups ---

TEST_F(FederationTest, AServicePrincipalActsAsAGroup) {
  EXPECT_THAT(error_of({.group_id = "17", .client_id = "sp", .client_secret = "planted-secret"}), IsEmpty());
  EXPECT_THAT(exchange(), HasSubstr("grant_type=client_credentials"));
  EXPECT_THAT(exchange(), HasSubstr("&assume_group=17"));
}

TEST_F(FederationTest, AnExchangeActsAsAGroup) {
  variables["DATABRICKS_OIDC_TOKEN"] = "jwt-1";
  variables["DATABRICKS_GROUP_ID"] = "17";
  EXPECT_THAT(error_of({}), IsEmpty());
  expect_exchange_of("jwt-1", "env-oidc");
  EXPECT_THAT(exchange(), HasSubstr("&assume_group=17"));
}

TEST_F(FederationTest, NobodyElseNamesAGroup) {
  EXPECT_THAT(error_of({.client_id = "sp", .client_secret = "planted-secret"}), IsEmpty());
  EXPECT_THAT(exchange(), Not(HasSubstr("assume_group")));
}

TEST_F(FederationTest, AStrategyThatCannotActAsAGroupIsPassedOver) {
  variables["DATABRICKS_OIDC_TOKEN"] = "jwt-1";
  variables["GOOGLE_CREDENTIALS"] = "{}";
  variables["DATABRICKS_GROUP_ID"] = "17";
  EXPECT_THAT(error_of({}), IsEmpty());
  EXPECT_THAT(sent("User-Agent"), HasSubstr("auth/env-oidc"));
}

TEST_F(FederationTest, AStrategyThatCannotActAsAGroupIsRefusedByName) {
  for (auto const* const kind :
       {"pat", "basic", "metadata-service", "azure-msi", "azure-client-secret", "github-oidc-azure", "azure-cli",
        "databricks-cli", "model-serving", "google-credentials", "google-id"}) {
    EXPECT_THAT(error_of({.group_id = "17", .token = "planted-token", .auth_type = kind}),
                HasSubstr(std::string{kind} + " auth: it cannot act as a group (group_id)"));
  }
  EXPECT_THAT(error_of({.group_id = "17", .azure_client_id = "app", .auth_type = "external-browser"}),
              HasSubstr("a login at Entra ID (azure_client_id) cannot act as a group"));
}

// --- Model serving ---

class ModelServingTest : public FederationTest {
 protected:
  ModelServingTest() {
    variables["IS_IN_DATABRICKS_MODEL_SERVING_ENV"] = "true";
    variables["SERVING_CREDENTIALS_DIR"] = home.path();
  }
  void put(std::string const& text) { home.write("model-dependencies-oauth-token", text); }
};

TEST_F(ModelServingTest, ReadsTheTokenAndReadsItAgainAfterFiveMinutes) {
  put(R"({"OAUTH_TOKEN":[{"oauthTokenValue":"first"}]})");
  ApiClient const client{config()};
  client.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Bearer first");
  put(R"({"OAUTH_TOKEN":[{"oauthTokenValue":"second"}]})");
  client.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Bearer first");
  clock->advance(5min);
  client.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Bearer second");
}

TEST_F(ModelServingTest, TakesTheHostFromItsEnvironment) {
  put(R"({"OAUTH_TOKEN":[{"oauthTokenValue":"first"}]})");
  variables["DB_MODEL_SERVING_HOST_URL"] = server.url();
  auto settings = config({});
  settings.host.reset();
  ApiClient{settings}.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Bearer first");
}

TEST_F(ModelServingTest, SaysWhatItCannotRead) {
  EXPECT_THAT(error_of({.auth_type = "model-serving"}), HasSubstr("/model-dependencies-oauth-token does not exist"));
  put(R"({"OAUTH_TOKEN":[]})");
  EXPECT_THAT(error_of({}), HasSubstr("holds no OAUTH_TOKEN[0].oauthTokenValue"));
  variables.erase("IS_IN_DATABRICKS_MODEL_SERVING_ENV");
  EXPECT_THAT(error_of({.auth_type = "model-serving"}), HasSubstr("does not run in Databricks Model Serving"));
}

// --- Google ---

class GoogleTest : public FederationTest {
 protected:
  std::string const id_token = "h." + detail::base64url(R"({"exp":)" + epoch(1h) + "}") + ".id";
};

TEST_F(GoogleTest, ServiceAccountKey) {
  server.on("POST /google", [&](std::string const& request) {
    auto const begin = request.find("assertion=") + 10;
    auto const claims = detail::jwt_claims(request.substr(begin));
    EXPECT_EQ(claims.value("iss", ""), "sa@example");
    if (claims.contains("target_audience")) {
      EXPECT_EQ(claims.value("target_audience", ""), server.url());
      return IdentityServer::Answer{.body = R"({"id_token":")" + id_token + "\"}"};
    }
    EXPECT_THAT(claims.value("scope", ""), HasSubstr("cloud-platform"));
    return IdentityServer::Answer{.body = R"({"access_token":"g-access","expires_in":3600})"};
  });
  ApiClient const client{config({.cloud = "gcp", .google_credentials = service_account_key(server.url() + "/google")})};
  client.send(Request::get("/api"));
  client.send(Request::get("/api"));
  EXPECT_EQ(sent("Authorization"), "Bearer " + id_token);
  EXPECT_EQ(sent("X-Databricks-GCP-SA-Access-Token"), "g-access");
  EXPECT_THAT(server.requests("POST /google"), SizeIs(2));
  EXPECT_THAT(error_of({.cloud = "gcp", .google_credentials = "{}"}), HasSubstr("private key"));
  EXPECT_THAT(error_of({.cloud = "gcp", .google_credentials = "planted nonsense"}), HasSubstr("neither a file nor"));
}

TEST_F(GoogleTest, Impersonation) {
  variables["GOOGLE_APPLICATION_CREDENTIALS"] = home.write(
      "adc.json",
      R"({"type":"authorized_user","client_id":"c","client_secret":"planted-g","refresh_token":"planted-r"})");
  std::string const account = "POST /iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/sa@p:";
  server.on("POST /oauth2.googleapis.com/token", {.body = R"({"access_token":"me","expires_in":3600})"});
  server.on(account + "generateIdToken", {.body = R"({"token":")" + id_token + "\"}"});
  server.on(account + "generateAccessToken", {403, R"({"error":{"code":403,"message":"no"}})"});
  EXPECT_THAT(error_of({.google_service_account = "sa@p", .auth_type = "google-id"}), IsEmpty());
  EXPECT_EQ(sent("Authorization"), "Bearer " + id_token);
  EXPECT_EQ(sent("X-Databricks-GCP-SA-Access-Token"), "") << "its failure is only a warning";
  EXPECT_THAT(server.requests(account + "generateIdToken").back(), HasSubstr("Authorization: Bearer me"));
}

}  // namespace
}  // namespace lakebase::tests
